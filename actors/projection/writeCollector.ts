// Gathers what a run of records puts into the store (S1). Rows of a batch are kept apart until the batch is whole: a
// batch that halts its partition half-way leaves no rows behind.

import { accountSpec, isOwned } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { ActorSnapshot, Checkpoint, PartitionSnapshot } from '../runtime/ports.ts'
import type { Entry, Envelope, LogRecord } from '../runtime/record.ts'
import { carriersOf } from './carried.ts'
import type {
  ProjectedBalance,
  ProjectedBatch,
  ProjectedEntry,
  ProjectedKey,
  ProjectedReturn,
  ProjectionWrite,
} from './ports.ts'

/** Rows of one batch, and the last balance of each account it touched. */
export class BatchRows {
  readonly partition: PartitionId
  readonly entries: ProjectedEntry[] = []
  readonly balances: ProjectedBalance[] = []
  readonly keys: ProjectedKey[] = []
  readonly returns: ProjectedReturn[] = []
  readonly watermarks = new Map<PartitionId, number>()

  constructor(partition: PartitionId) {
    this.partition = partition
  }

  add(record: LogRecord): void {
    const { cause, outcome } = record
    if (cause.kind === 'command' && cause.key !== '') this.addKey(record, cause.key, cause.hash)
    if (cause.kind === 'envelope') {
      this.watermarks.set(cause.source, cause.number)
      if (outcome.kind === 'refused') this.returns.push({ partition: cause.source, seq: cause.seq, state: 'returned' })
      if (outcome.kind === 'parked') this.returns.push({ partition: cause.source, seq: cause.seq, state: 'parked' })
    }
    if (record.entries.length > 0) this.addEntries(record)
  }

  addReturn(record: { readonly partition: PartitionId; readonly seq: number }): void {
    this.returns.push({ ...record, state: 'returned' })
  }

  private addKey(record: LogRecord, key: string, hash: string): void {
    const refused = record.outcome.kind === 'refused' ? record.outcome.code : null
    const { actor, seq, atMs, reply } = record
    this.keys.push({ partition: this.partition, actor, key, hash, seq, atMs, refused, reply })
  }

  private addEntries(record: LogRecord): void {
    const carriers = record.outbox.length === 0 ? null : carriersOf(record)
    for (let leg = 0; leg < record.entries.length; leg++) {
      const entry = record.entries[leg]
      if (entry !== undefined) this.addEntry(record, entry, leg, carriers?.[leg] ?? null)
    }
  }

  private addEntry(record: LogRecord, entry: Entry, leg: number, carrier: Envelope | null): void {
    const { account, asset, side, amountMinor, balanceAfterMinor } = entry
    const { partition } = this
    const { seq } = record
    this.balances.push({ account, asset, partition, seq, balanceMinor: balanceAfterMinor })
    const spec = accountSpec(account)
    if (spec === null || !isOwned(spec)) return
    this.entries.push({
      account,
      asset,
      partition,
      seq,
      leg,
      side,
      amountMinor,
      balanceAfterMinor,
      operation: record.operation,
      atMs: record.atMs,
      sentTo: carrier === null ? null : { destination: carrier.destination, number: carrier.number },
    })
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Row)[] ? Row[] : never }

export class WriteCollector {
  private readonly write: Mutable<ProjectionWrite> = {
    batches: [],
    entries: [],
    balances: [],
    keys: [],
    returns: [],
    watermarks: [],
    actors: [],
    partitions: [],
    checkpoints: [],
  }
  private readonly watermarks = new Map<PartitionId, Map<PartitionId, number>>()

  addBatch(batch: ProjectedBatch, rows: BatchRows): void {
    const { write } = this
    write.batches.push(batch)
    for (const row of rows.entries) write.entries.push(row)
    for (const row of rows.balances) write.balances.push(row)
    for (const row of rows.keys) write.keys.push(row)
    for (const row of rows.returns) write.returns.push(row)
    const taken = this.watermarks.get(batch.partition) ?? new Map<PartitionId, number>()
    this.watermarks.set(batch.partition, taken)
    for (const [source, number] of rows.watermarks) taken.set(source, number)
  }

  addRound(partition: PartitionId, actors: readonly ActorSnapshot[], snapshot: PartitionSnapshot): void {
    for (const actor of actors) this.write.actors.push({ partition, snapshot: actor })
    this.write.partitions.push({ partition, snapshot })
  }

  addCheckpoint(partition: PartitionId, checkpoint: Checkpoint): void {
    this.write.checkpoints.push({ partition, checkpoint })
  }

  /** The write, or null where there is nothing to write. */
  finish(): ProjectionWrite | null {
    for (const [destination, taken] of this.watermarks) {
      for (const [source, number] of taken) this.write.watermarks.push([destination, source, number])
    }
    this.write.balances = lastOfEach(this.write.balances)
    const { batches, partitions, checkpoints } = this.write
    return batches.length + partitions.length + checkpoints.length === 0 ? null : this.write
  }
}

// Later rows of an account stand behind earlier ones: a partition's records come in order.
function lastOfEach(rows: readonly ProjectedBalance[]): ProjectedBalance[] {
  const last = new Map<string, ProjectedBalance>()
  for (const row of rows) last.set(`${row.partition} ${row.account}/${row.asset}`, row)
  return [...last.values()]
}
