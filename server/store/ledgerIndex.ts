// The writer's memory of accounts and actors: their numbers, and the ends of their chains. The writer is the only one
// (S1), so what is here is what the file says; after a rollback it is forgotten and read again. Full: forgotten whole.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { PartitionId } from '../../shared/ids.ts'
import { BulkInsert } from './bulkInsert.ts'
import { pack, packedNumber, packedRange } from './schema.ts'

/** An account's row in `balances`, as it will be written. */
export interface AccountHead {
  readonly id: number
  minor: bigint
  seq: number
  lastEntry: number
  entryCount: number
}

export interface ActorHead {
  readonly id: number
  /** 0: none. */
  lastKey: number
}

const LIMIT = 200_000

export class LedgerIndex {
  /** By partition and asset, then by account: a joined key would have to be built, and hashed, for every leg. */
  private accounts: Map<string, Map<string, AccountHead>>[] = []
  private accountCount = 0
  private readonly actors = new Map<string, ActorHead>()
  private readonly nextNumbers = new Map<string, number>()
  private readonly findAccount: StatementSync
  private readonly findActor: StatementSync
  private readonly newAccounts: BulkInsert
  private readonly newActors: BulkInsert
  private readonly lastIds: Readonly<Record<'accounts' | 'actors', StatementSync>>

  constructor(db: DatabaseSync) {
    this.findAccount = db.prepare(`
      SELECT a.id, b.minor, b.seq, b.last_entry, b.entry_count
      FROM accounts a LEFT JOIN balances b ON b.account = a.id
      WHERE a.name = ? AND a.asset = ? AND a.id BETWEEN ? AND ?`)
    this.findAccount.setReadBigInts(true)
    this.findActor = db.prepare(`
      SELECT a.id, k.last_key FROM actors a LEFT JOIN key_heads k ON k.actor = a.id WHERE a.name = ?`)
    this.newAccounts = new BulkInsert(db, 'INSERT INTO accounts (id, name, asset)', 3)
    this.newActors = new BulkInsert(db, 'INSERT INTO actors (id, name)', 2)
    this.lastIds = {
      accounts: db.prepare('SELECT max(id) AS id FROM accounts WHERE id BETWEEN ? AND ?'),
      actors: db.prepare('SELECT max(id) AS id FROM actors WHERE id BETWEEN ? AND ?'),
    }
  }

  account(partition: PartitionId, name: string, asset: string): AccountHead {
    const known = this.accounts[partition]?.get(asset)?.get(name)
    if (known !== undefined) return known
    const head = this.readAccount(partition, name, asset) ?? this.makeAccount(partition, name, asset)
    const assets = this.accounts[partition] ?? new Map<string, Map<string, AccountHead>>()
    const accounts = assets.get(asset) ?? new Map<string, AccountHead>()
    this.accounts[partition] = assets.set(asset, accounts.set(name, head))
    this.accountCount++
    return head
  }

  actor(partition: PartitionId, name: string): ActorHead {
    const known = this.actors.get(name)
    if (known !== undefined) return known
    const row = this.findActor.get(name)
    const head =
      row === undefined
        ? { id: this.newId('actors', partition), lastKey: 0 }
        : { id: Number(row.id), lastKey: Number(row.last_key ?? 0) }
    if (row === undefined) this.newActors.add(head.id, name)
    this.actors.set(name, head)
    return head
  }

  /** New rows into the file: at the end of a write. */
  flush(): void {
    this.newAccounts.flush()
    this.newActors.flush()
  }

  /** Keeps memory bounded: after a write. */
  trim(): void {
    if (this.accountCount > LIMIT) this.forgetAccounts()
    if (this.actors.size > LIMIT) this.actors.clear()
  }

  /** After a rollback, what is here may never have been written. */
  forget(): void {
    this.forgetAccounts()
    this.actors.clear()
    this.nextNumbers.clear()
    this.newAccounts.clear()
    this.newActors.clear()
  }

  private forgetAccounts(): void {
    this.accounts = []
    this.accountCount = 0
  }

  private readAccount(partition: PartitionId, name: string, asset: string): AccountHead | null {
    const row = this.findAccount.get(name, asset, ...packedRange(partition))
    if (row === undefined) return null
    return {
      id: Number(row.id),
      minor: typeof row.minor === 'bigint' ? row.minor : 0n,
      seq: Number(row.seq ?? 0),
      lastEntry: Number(row.last_entry ?? 0),
      entryCount: Number(row.entry_count ?? 0),
    }
  }

  private makeAccount(partition: PartitionId, name: string, asset: string): AccountHead {
    const id = this.newId('accounts', partition)
    this.newAccounts.add(id, name, asset)
    return { id, minor: 0n, seq: 0, lastEntry: 0, entryCount: 0 }
  }

  private newId(table: 'accounts' | 'actors', partition: PartitionId): number {
    const slot = `${table} ${partition}`
    let number = this.nextNumbers.get(slot)
    if (number === undefined) {
      const row = this.lastIds[table].get(...packedRange(partition))
      number = typeof row?.id === 'number' ? packedNumber(row.id) + 1 : 1
    }
    this.nextNumbers.set(slot, number + 1)
    return pack(partition, number)
  }
}
