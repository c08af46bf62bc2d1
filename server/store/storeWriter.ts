// Puts a projection's write into the file: one transaction, every row guarded by the seq that made it (S1), so that the
// same write again, or an older one, changes nothing. The checkpoint moves in the same transaction, after the rest.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  fateNumber,
  type ProjectedBalance,
  type ProjectedEntry,
  type ProjectedKey,
  type ProjectionWrite,
} from '../../actors/projection/ports.ts'
import { EMPTY_CHECKPOINT } from '../../actors/runtime/ledgerState.ts'
import type { Checkpoint } from '../../actors/runtime/ports.ts'
import { isOwnedAccount } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { BulkInsert } from './bulkInsert.ts'
import { type AccountHead, type ActorHead, LedgerIndex } from './ledgerIndex.ts'
import { ListingWriter } from './listingWriter.ts'
import { entryKind, MARK_EVERY, pack } from './schema.ts'

/** How far a partition is in the file. */
interface Mark {
  checkpoint: Checkpoint
  entriesSeq: number
  keysSeq: number
}

export class StoreWriter {
  private readonly db: DatabaseSync
  private readonly index: LedgerIndex
  private readonly marks = new Map<PartitionId, Mark>()
  private readonly entries: BulkInsert
  private readonly balances: BulkInsert
  private readonly keys: BulkInsert
  private readonly keyHeads: BulkInsert
  private readonly actorSnapshots: BulkInsert
  private readonly marked: StatementSync
  private readonly closing: StatementSync
  private readonly batch: StatementSync
  private readonly unsettled: StatementSync
  private readonly watermark: StatementSync
  private readonly partitionSnapshot: StatementSync
  private readonly putMark: StatementSync
  private readonly findMark: StatementSync
  private readonly lastIds: StatementSync
  private readonly listings: ListingWriter
  private lastEntry = 0
  private lastKey = 0

  constructor(db: DatabaseSync) {
    this.db = db
    this.index = new LedgerIndex(db)
    this.entries = new BulkInsert(db, 'INSERT INTO entries', 10)
    this.balances = new BulkInsert(db, 'INSERT OR REPLACE INTO balances', 5)
    this.keys = new BulkInsert(db, 'INSERT INTO keys', 8)
    this.keyHeads = new BulkInsert(db, 'INSERT OR REPLACE INTO key_heads', 2)
    this.actorSnapshots = new BulkInsert(
      db,
      'INSERT INTO actor_snapshots AS old',
      4,
      `ON CONFLICT (actor) DO UPDATE SET seq = excluded.seq, state = excluded.state, balances = excluded.balances
       WHERE excluded.seq > old.seq`,
    )
    this.marked = db.prepare('INSERT OR IGNORE INTO entry_marks VALUES (?, ?, ?)')
    this.closing = db.prepare('INSERT OR IGNORE INTO closings VALUES (?, ?, ?, ?)')
    this.listings = new ListingWriter(db)
    this.batch = db.prepare('INSERT OR IGNORE INTO batches VALUES (?, ?, ?, ?, ?)')
    this.unsettled = db.prepare(`
      INSERT INTO unsettled AS old VALUES (?, ?)
      ON CONFLICT (record) DO UPDATE SET state = excluded.state WHERE excluded.state > old.state`)
    this.watermark = db.prepare(`
      INSERT INTO watermarks AS old (source, destination, number) VALUES (?, ?, ?)
      ON CONFLICT (source, destination) DO UPDATE SET number = excluded.number WHERE excluded.number > old.number`)
    this.partitionSnapshot = db.prepare(`
      INSERT INTO partition_snapshots AS old VALUES (?, ?, ?)
      ON CONFLICT (partition) DO UPDATE SET seq = excluded.seq, snapshot = excluded.snapshot
      WHERE excluded.seq > old.seq`)
    this.putMark = db.prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)')
    this.findMark = db.prepare('SELECT * FROM checkpoints WHERE partition = ?')
    this.lastIds = db.prepare(`
      SELECT (SELECT max(id) FROM entries) AS entry, (SELECT max(id) FROM keys) AS key`)
    this.readLastIds()
  }

  /** All of it or, throwing, none. */
  apply(write: ProjectionWrite): void {
    this.db.exec('BEGIN IMMEDIATE')
    try {
      this.putAll(write)
      this.db.exec('COMMIT')
    } catch (error) {
      this.forget()
      throw error
    }
    this.index.trim()
  }

  checkpoint(partition: PartitionId): Checkpoint {
    return this.mark(partition).checkpoint
  }

  private putAll(write: ProjectionWrite): void {
    const touched = new Set<PartitionId>()
    this.putBatches(write)
    this.putLedger(write.entries, write.balances, touched)
    this.putKeys(write.keys, touched)
    for (const { partition, seq, fate, bySeq } of write.fates)
      this.unsettled.run(pack(partition, seq), fateNumber(fate, bySeq))
    for (const [destination, source, number] of write.watermarks) this.watermark.run(source, destination, number)
    this.putSnapshots(write)
    for (const { partition, atMs, seq, balances } of write.closings) {
      this.closing.run(partition, atMs, seq, JSON.stringify(balances))
    }
    this.listings.put(write.listings)
    this.index.flush()
    for (const { partition, checkpoint } of write.checkpoints) {
      const mark = this.mark(partition)
      if (checkpoint.seq <= mark.checkpoint.seq) continue
      mark.checkpoint = checkpoint
      touched.add(partition)
    }
    for (const partition of touched) {
      const { checkpoint, entriesSeq, keysSeq } = this.mark(partition)
      this.putMark.run(partition, checkpoint.seq, checkpoint.position, checkpoint.hash, entriesSeq, keysSeq)
    }
  }

  private putBatches(write: ProjectionWrite): void {
    for (const { partition, firstSeq, lastSeq, position, hash, bytes } of write.batches) {
      this.batch.run(pack(partition, firstSeq), lastSeq, position, hash, bytes)
    }
  }

  private putLedger(
    entries: readonly ProjectedEntry[],
    balances: readonly ProjectedBalance[],
    touched: Set<PartitionId>,
  ): void {
    const changed = new Set<AccountHead>()
    const news = this.unseen(entries, (mark) => mark.entriesSeq)
    for (const entry of news) changed.add(this.putEntry(entry))
    for (const { partition, seq } of news) {
      this.mark(partition).entriesSeq = seq
      touched.add(partition)
    }
    for (const { partition, account, asset, seq, balanceMinor } of balances) {
      // The balance of an account with entries is that after its last entry, and that is here already.
      if (seq <= this.mark(partition).entriesSeq && isOwnedAccount(account)) continue
      const head = this.index.account(partition, account, asset)
      if (seq <= head.seq) continue
      head.seq = seq
      head.minor = balanceMinor
      changed.add(head)
    }
    this.entries.flush()
    // In the order of their places in the file.
    const rows = [...changed].sort((a, b) => a.id - b.id)
    for (const { id, minor, seq, lastEntry, entryCount } of rows)
      this.balances.add(id, minor, seq, lastEntry, entryCount)
    this.balances.flush()
  }

  private putEntry(entry: ProjectedEntry): AccountHead {
    const head = this.index.account(entry.partition, entry.account, entry.asset)
    const id = ++this.lastEntry
    this.entries.add(
      id,
      head.id,
      head.lastEntry,
      entry.seq,
      entry.leg,
      entryKind(entry.operation, entry.side),
      entry.atMs,
      entry.amountMinor,
      entry.balanceAfterMinor,
      entry.sentTo === null ? null : pack(entry.sentTo.destination, entry.sentTo.number),
    )
    head.lastEntry = id
    head.entryCount++
    if (head.entryCount % MARK_EVERY === 0) this.marked.run(head.id, entry.atMs, id)
    head.seq = entry.seq
    head.minor = entry.balanceAfterMinor
    return head
  }

  private putKeys(keys: readonly ProjectedKey[], touched: Set<PartitionId>): void {
    const changed = new Set<ActorHead>()
    const news = this.unseen(keys, (mark) => mark.keysSeq)
    for (const { partition, actor, seq, atMs, key, hash, refused, reply } of news) {
      const head = this.index.actor(partition, actor)
      const id = ++this.lastKey
      this.keys.add(id, head.lastKey, seq, atMs, key, hash, refused, JSON.stringify(reply))
      head.lastKey = id
      changed.add(head)
    }
    for (const { partition, seq } of news) {
      this.mark(partition).keysSeq = seq
      touched.add(partition)
    }
    this.keys.flush()
    const rows = [...changed].sort((a, b) => a.id - b.id)
    for (const { id, lastKey } of rows) this.keyHeads.add(id, lastKey)
    this.keyHeads.flush()
  }

  private putSnapshots(write: ProjectionWrite): void {
    for (const { partition, snapshot } of write.actors) {
      const { id } = this.index.actor(partition, snapshot.actor)
      this.actorSnapshots.add(id, snapshot.seq, JSON.stringify(snapshot.state), JSON.stringify(snapshot.balances))
    }
    this.actorSnapshots.flush()
    for (const { partition, snapshot } of write.partitions) {
      this.partitionSnapshot.run(partition, snapshot.seq, JSON.stringify(snapshot))
    }
  }

  /** Rows of a partition come in order: those at or below its mark are in the file. */
  private unseen<Row extends { readonly partition: PartitionId; readonly seq: number }>(
    rows: readonly Row[],
    seqOf: (mark: Mark) => number,
  ): readonly Row[] {
    const seen = new Map<PartitionId, number>()
    return rows.filter(({ partition, seq }) => {
      let through = seen.get(partition)
      if (through === undefined) {
        through = seqOf(this.mark(partition))
        seen.set(partition, through)
      }
      return seq > through
    })
  }

  private mark(partition: PartitionId): Mark {
    const known = this.marks.get(partition)
    if (known !== undefined) return known
    const row = this.findMark.get(partition)
    const mark: Mark =
      row === undefined
        ? { checkpoint: EMPTY_CHECKPOINT, entriesSeq: 0, keysSeq: 0 }
        : {
            checkpoint: { seq: Number(row.seq), position: Number(row.position), hash: String(row.hash) },
            entriesSeq: Number(row.entries_seq),
            keysSeq: Number(row.keys_seq),
          }
    this.marks.set(partition, mark)
    return mark
  }

  private readLastIds(): void {
    const row = this.lastIds.get()
    this.lastEntry = Number(row?.entry ?? 0)
    this.lastKey = Number(row?.key ?? 0)
  }

  private forget(): void {
    if (this.db.isTransaction) this.db.exec('ROLLBACK')
    this.index.forget()
    this.marks.clear()
    for (const rows of [this.entries, this.balances, this.keys, this.keyHeads, this.actorSnapshots]) rows.clear()
    this.readLastIds()
  }
}
