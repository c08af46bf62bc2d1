// The history that players read (S1): every leg on an owned account through the checkpoint is one row, in the order of
// the log within a partition, and the rows of an account are chained without a break. Rows and log are read side by side.

import { accountSpec, isOwned } from '../../shared/accounts.ts'
import { entryOperation, entrySide, packedPartition } from '../store/schema.ts'
import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { EntryLine, RecordLine } from './recordLine.ts'
import type { EntryRow, StoreImage } from './storeImage.ts'
import { storeDiffers } from './violation.ts'

export type StoredEntries = Pick<StoreImage, 'checkpoints' | 'balances' | 'entries'>

interface Leg {
  readonly seq: number
  readonly atMs: number
  readonly leg: number
  readonly operation: string
  readonly entry: EntryLine
}

interface AccountChain {
  readonly account: string
  readonly asset: string
  readonly lastEntry: number
  readonly entryCount: number
  last: number
  count: number
  lastSeq: number
}

export class StoreEntries implements AuditWatcher {
  private readonly throughs = new Map<number, number>()
  private readonly chains = new Map<number, AccountChain>()
  private readonly rows: Iterator<EntryRow>
  private next: EntryRow | null
  /** Legs whose rows have not come yet, by partition, newest last; taken from the front by `heads`. */
  private readonly waiting: Leg[][] = []
  private readonly heads: number[] = []
  matched = 0

  constructor(store: StoredEntries, partitions: number) {
    for (const [partition, { seq, entriesSeq }] of store.checkpoints())
      this.throughs.set(partition, Math.max(seq, entriesSeq))
    for (let partition = 0; partition < partitions; partition++) {
      this.waiting.push([])
      this.heads.push(0)
      for (const { accountId, account, asset, lastEntry, entryCount } of store.balances(partition)) {
        this.chains.set(accountId, { account, asset, lastEntry, entryCount, last: 0, count: 0, lastSeq: 0 })
      }
    }
    this.rows = store.entries()
    this.next = this.pull()
  }

  before(): void {}

  after(_audit: Audit, log: PartitionLog, { seq, atMs, operation, entries }: RecordLine): void {
    if (seq > (this.throughs.get(log.partition) ?? 0)) return
    for (const [leg, entry] of entries.entries()) {
      const spec = accountSpec(entry.account)
      if (spec !== null && isOwned(spec)) this.waiting[log.partition]?.push({ seq, atMs, leg, operation, entry })
    }
  }

  batch(): void {
    while (this.next !== null) {
      const leg = this.shift(packedPartition(this.next.accountId))
      if (leg === null) return
      this.compare(this.next, leg)
      this.next = this.pull()
    }
  }

  end(): void {
    this.batch()
    if (this.next !== null) {
      const where = `${packedPartition(this.next.accountId)}:${this.next.seq}`
      storeDiffers('S1', `the store has an entry that the journal has not (row ${this.next.id})`, where)
    }
    for (const [partition, legs] of this.waiting.entries()) {
      const missing = legs[this.heads[partition] ?? 0]
      if (missing === undefined) continue
      storeDiffers(
        'S1',
        `the store has no entry of ${missing.entry.account} for this record`,
        `${partition}:${missing.seq}`,
      )
    }
    for (const [id, chain] of this.chains) {
      if (chain.last === chain.lastEntry && chain.count === chain.entryCount) continue
      const says = `${chain.entryCount} entries, last row ${chain.lastEntry}`
      const has = `${chain.count}, last row ${chain.last}`
      storeDiffers(
        'S1',
        `history of ${chain.account} ${chain.asset} says ${says}, it has ${has}`,
        `${packedPartition(id)}:${chain.lastSeq}`,
      )
    }
  }

  private compare(row: EntryRow, { seq, atMs, leg, operation, entry }: Leg): void {
    const at = `${packedPartition(row.accountId)}:${seq}`
    const chain = this.chains.get(row.accountId)
    if (chain === undefined) return storeDiffers('S1', `entry row ${row.id} is of no account`, at)
    const same =
      row.seq === seq &&
      row.leg === leg &&
      row.atMs === atMs &&
      chain.account === entry.account &&
      chain.asset === entry.asset &&
      row.amountMinor === entry.amountMinor &&
      row.afterMinor === entry.afterMinor &&
      entryOperation(row.kind) === operation &&
      (entrySide(row.kind) === 'debit') === entry.debit
    if (!same) storeDiffers('S1', `entry row ${row.id} is not leg ${leg} of this record: ${shown(row, chain)}`, at)
    if (row.previous !== chain.last)
      storeDiffers('S1', `entry row ${row.id} follows ${row.previous}, the account's last is ${chain.last}`, at)
    chain.last = row.id
    chain.count++
    chain.lastSeq = seq
    this.matched++
  }

  private shift(partition: number): Leg | null {
    const legs = this.waiting[partition]
    const head = this.heads[partition] ?? 0
    const leg = legs?.[head]
    if (legs === undefined || leg === undefined) return null
    this.heads[partition] = head + 1
    if (head > 1024 && head * 2 > legs.length) {
      legs.splice(0, head + 1)
      this.heads[partition] = 0
    }
    return leg
  }

  private pull(): EntryRow | null {
    const { value, done } = this.rows.next()
    return done === true ? null : value
  }
}

function shown(row: EntryRow, { account, asset }: AccountChain): string {
  return `${row.amountMinor} ${asset} on ${account}, ${row.afterMinor} after, seq ${row.seq}`
}
