// Gathers what a run of records puts into the store (S1): rows that only ever grow, and of what changes in place the last
// value alone.

import { isOwnedAccount } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { ActorSnapshot, PartitionSnapshot } from '../runtime/ports.ts'
import type { Entry, LogRecord } from '../runtime/record.ts'
import { carrierOf } from './carried.ts'
import type { ProjectedClosing } from './closings.ts'
import type {
  ProjectedBalance,
  ProjectedBatch,
  ProjectedCheckpoint,
  ProjectedEntry,
  ProjectedFate,
  ProjectedKey,
  ProjectedListing,
  ProjectionWrite,
  ReplayedBatch,
} from './ports.ts'

type Mutable<Row> = { -readonly [Key in keyof Row]: Row[Key] }

/** What is kept of a partition until the write is finished: last balances by asset and account, last watermarks. */
interface Latest {
  readonly balances: Map<string, Map<string, Mutable<ProjectedBalance>>>
  readonly watermarks: Map<PartitionId, number>
}

export class WriteCollector {
  private readonly batches: ProjectedBatch[] = []
  private readonly replayed: ReplayedBatch[] = []
  private readonly entries: ProjectedEntry[] = []
  private readonly keys: ProjectedKey[] = []
  private readonly fates: ProjectedFate[] = []
  private readonly actors: { partition: PartitionId; snapshot: ActorSnapshot }[] = []
  private readonly partitions: { partition: PartitionId; snapshot: PartitionSnapshot }[] = []
  private readonly closings: ProjectedClosing[] = []
  /** By actor. */
  private readonly listings = new Map<string, ProjectedListing>()
  private readonly checkpoints: ProjectedCheckpoint[] = []
  private readonly latest = new Map<PartitionId, Latest>()

  addBatch(batch: ProjectedBatch): void {
    this.batches.push(batch)
    const { partition, records } = batch
    let latest = this.latest.get(partition)
    if (latest === undefined) {
      latest = { balances: new Map(), watermarks: new Map() }
      this.latest.set(partition, latest)
    }
    for (const record of records) this.addRecord(partition, record, latest)
  }

  /** A batch whose rows the store has. */
  addReplayed(partition: PartitionId, firstSeq: number, lastSeq: number, records: readonly LogRecord[]): void {
    const keys = records.map((record) => keyOf(partition, record)).filter((key) => key !== null)
    this.replayed.push({ partition, firstSeq, lastSeq, keys })
  }

  addFate(partition: PartitionId, seq: number, fate: ProjectedFate['fate'], bySeq: number): void {
    this.fates.push({ partition, seq, fate, bySeq })
  }

  private addRecord(partition: PartitionId, record: LogRecord, latest: Latest): void {
    const { cause, outcome, entries } = record
    const key = keyOf(partition, record)
    if (key !== null) this.keys.push(key)
    if (cause.kind === 'envelope') {
      latest.watermarks.set(cause.source, cause.number)
      if (outcome.kind === 'refused') this.addFate(cause.source, cause.seq, 'failed', record.seq)
      if (outcome.kind === 'parked') this.addFate(cause.source, cause.seq, 'pending', record.seq)
    }
    for (let leg = 0; leg < entries.length; leg++) {
      const entry = entries[leg]
      if (entry === undefined) continue
      noteBalance(latest, partition, record.seq, entry)
      if (isOwnedAccount(entry.account)) this.addEntry(partition, record, entry, leg)
    }
  }

  private addEntry(partition: PartitionId, record: LogRecord, entry: Entry, leg: number): void {
    const carrier = carrierOf(record, leg)
    this.entries.push({
      account: entry.account,
      asset: entry.asset,
      partition,
      seq: record.seq,
      leg,
      side: entry.side,
      amountMinor: entry.amountMinor,
      balanceAfterMinor: entry.balanceAfterMinor,
      operation: record.operation,
      atMs: record.atMs,
      sentTo: carrier === null ? null : { destination: carrier.destination, number: carrier.number },
    })
  }

  addRound(partition: PartitionId, actors: readonly ActorSnapshot[], snapshot: PartitionSnapshot): void {
    for (const actor of actors) this.actors.push({ partition, snapshot: actor })
    this.partitions.push({ partition, snapshot })
  }

  addClosing(closing: ProjectedClosing): void {
    this.closings.push(closing)
  }

  addListing(listing: ProjectedListing): void {
    this.listings.set(listing.actor, listing)
  }

  addCheckpoint(checkpoint: ProjectedCheckpoint): void {
    this.checkpoints.push(checkpoint)
  }

  /** The write, or null where there is nothing to write. */
  finish(): ProjectionWrite | null {
    const { batches, replayed, entries, keys, fates, actors, partitions, closings, checkpoints } = this
    const rows = [batches, replayed, partitions, closings, checkpoints]
    if (this.listings.size === 0 && rows.every(({ length }) => length === 0)) return null
    const balances: ProjectedBalance[] = []
    const watermarks: [PartitionId, PartitionId, number][] = []
    for (const [destination, latest] of this.latest) {
      for (const accounts of latest.balances.values()) for (const row of accounts.values()) balances.push(row)
      for (const [source, number] of latest.watermarks) watermarks.push([destination, source, number])
    }
    return {
      batches,
      replayed,
      entries,
      balances,
      keys,
      fates,
      closings,
      listings: [...this.listings.values()],
      watermarks,
      actors,
      partitions,
      checkpoints,
    }
  }
}

/** M6: what a record answered under a key, or null where it has none. */
export function keyOf(partition: PartitionId, record: LogRecord): ProjectedKey | null {
  const { actor, seq, atMs, cause, outcome, reply } = record
  if (cause.kind !== 'command' || cause.key === '') return null
  const refused = outcome.kind === 'refused' ? outcome.code : null
  return { partition, actor, key: cause.key, hash: cause.hash, seq, atMs, refused, reply }
}

// A partition's records come in order: the last one seen is the last.
function noteBalance(latest: Latest, partition: PartitionId, seq: number, entry: Entry): void {
  const { account, asset, balanceAfterMinor } = entry
  let accounts = latest.balances.get(asset)
  if (accounts === undefined) {
    accounts = new Map()
    latest.balances.set(asset, accounts)
  }
  const row = accounts.get(account)
  if (row === undefined) {
    accounts.set(account, { account, asset, partition, seq, balanceMinor: balanceAfterMinor })
  } else {
    row.seq = seq
    row.balanceMinor = balanceAfterMinor
  }
}
