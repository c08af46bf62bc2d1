// J4: brings partitions back from store and journal. Reads the partition's snapshot, finds the batch it was made after in
// the journal, then replays what follows over it, checking every link of the chain; actors that the tail touches are
// loaded first. Ends with an epoch record, fenced on what was read and read back (J3), which proves that the replay was
// complete.

import type { PartitionId } from '../../shared/ids.ts'
import type { Environment } from './answers.ts'
import { decodeBatch, encodeBatch, GENESIS_HASH, hashBatch } from './codec.ts'
import { LedgerState } from './ledgerState.ts'
import { loadSlots } from './loader.ts'
import type { Position, StoredBatch } from './ports.ts'
import type { Batch, BatchHeader, LogRecord } from './record.ts'
import { encodeRecord } from './recordWriter.ts'
import type { Slot } from './slot.ts'

export interface Recovered {
  readonly slots: Map<string, Slot>
  readonly ledger: LedgerState
  readonly end: { readonly position: Position; readonly hash: string }
}

/** The journal holds something that cannot follow what came before: corruption, or a store from another data set. */
export class BrokenLogError extends Error {
  /** Of the record that is wrong, or follows what is. */
  readonly seq: number
  constructor(partition: PartitionId, seq: number, message: string) {
    super(`${partition}:${seq}: ${message}`)
    this.name = 'BrokenLogError'
    this.seq = seq
  }
}

interface Replay {
  readonly partition: PartitionId
  readonly slots: Map<string, Slot>
  readonly ledger: LedgerState
  position: Position
  hash: string
  /** The journal has the batch that the snapshot was made after. */
  anchored: boolean
}

/** Recovers these partitions together, in one pass over the journal. Rejects when journal or store cannot be read. */
export async function recover(
  partitions: readonly PartitionId[],
  env: Environment,
): Promise<ReadonlyMap<PartitionId, Recovered>> {
  const replays = new Map<PartitionId, Replay>()
  for (const partition of partitions) replays.set(partition, await restore(partition, env))
  const from = new Map([...replays].map(([partition, replay]) => [partition, replay.position]))
  for await (const group of env.journal.replay(from)) await replayGroup(group, replays, env)
  for (const replay of replays.values()) if (!replay.anchored) throw notInJournal(replay)
  return new Map(
    [...replays].map(([partition, replay]) => [partition, { slots: replay.slots, ledger: replay.ledger, end: replay }]),
  )
}

/**
 * J3: claims the partitions: an epoch record each, fenced on what was read, then read back, all in one pass. Answers
 * those that are ours now; the others have another owner.
 */
export async function claim(
  recovered: ReadonlyMap<PartitionId, Recovered>,
  env: Environment,
): Promise<ReadonlyMap<PartitionId, Recovered>> {
  const appended = await Promise.all([...recovered].map(([partition, found]) => appendEpoch(partition, found, env)))
  const claims = appended.filter((claimed) => claimed !== null)
  const first = await batchesAt(new Map(claims.map(({ partition, position }) => [partition, position])), env)
  const ours = new Map<PartitionId, Recovered>()
  for (const { partition, found, header, record, bytes, position } of claims) {
    const read = first.get(partition)
    if (read === undefined || Buffer.compare(read, bytes) !== 0) continue
    found.ledger.applyHeader(header)
    found.ledger.apply(record)
    ours.set(partition, { ...found, end: { position, hash: hashBatch(bytes) } })
  }
  return ours
}

interface EpochAppended {
  readonly partition: PartitionId
  readonly found: Recovered
  readonly header: BatchHeader
  readonly record: LogRecord
  readonly bytes: Uint8Array
  readonly position: Position
}

async function appendEpoch(partition: PartitionId, found: Recovered, env: Environment): Promise<EpochAppended | null> {
  const { ledger, end } = found
  const record: LogRecord = {
    seq: ledger.seq + 1,
    atMs: Math.max(env.clock.nowMs(), ledger.atMs),
    actor: '',
    cause: { kind: 'epoch' },
    outcome: { kind: 'accepted' },
    operation: 'none',
    events: [],
    entries: [],
    outbox: [],
    timers: [],
    // Two owners that read the same log at the same moment do not write the same bytes: only one of them finds its own.
    reply: env.owner,
  }
  const header: BatchHeader = {
    version: 1,
    partition,
    epoch: ledger.epoch + 1,
    previousHash: end.hash,
    firstSeq: record.seq,
    count: 1,
    delivered: [],
  }
  const bytes = encodeBatch(header, Buffer.from(encodeRecord(record), 'utf8'))
  for (;;) {
    const outcome = await env.journal.append(partition, end.position, bytes)
    if (outcome.kind === 'fenced') return null
    if (outcome.kind === 'committed') return { partition, found, header, record, bytes, position: outcome.position }
    await new Promise<void>((resolve) => env.scheduler.after(env.limits.retryAfterMs, resolve))
  }
}

async function batchesAt(
  positions: ReadonlyMap<PartitionId, Position>,
  env: Environment,
): Promise<ReadonlyMap<PartitionId, Uint8Array>> {
  const found = new Map<PartitionId, Uint8Array>()
  if (positions.size === 0) return found
  for await (const group of env.journal.replay(positions)) {
    for (const { partition, position, bytes } of group)
      if (position === positions.get(partition)) found.set(partition, bytes)
  }
  return found
}

async function restore(partition: PartitionId, env: Environment): Promise<Replay> {
  const snapshot = await env.store.partitionSnapshot(partition)
  const ledger = snapshot === null ? new LedgerState() : LedgerState.restore(partition, snapshot)
  return {
    partition,
    slots: new Map(),
    ledger,
    position: snapshot?.position ?? 0,
    hash: snapshot?.hash ?? GENESIS_HASH,
    anchored: snapshot === null,
  }
}

async function replayGroup(
  group: readonly StoredBatch[],
  replays: ReadonlyMap<PartitionId, Replay>,
  env: Environment,
): Promise<void> {
  const decoded: { replay: Replay; batch: Batch }[] = []
  const touched = new Map<Replay, Set<string>>()
  for (const stored of group) {
    const replay = replays.get(stored.partition)
    if (replay === undefined) continue
    if (!replay.anchored) {
      anchor(replay, stored)
      continue
    }
    const batch = link(replay, stored)
    decoded.push({ replay, batch })
    for (const { actor, seq } of batch.records) {
      if (actor === '' || replay.slots.has(actor)) continue
      if (!env.kinds.has(actor.slice(0, actor.indexOf('/')))) {
        throw new BrokenLogError(replay.partition, seq, `no kind of actor for ${actor}: written by another release`)
      }
      const missing = touched.get(replay)
      if (missing === undefined) touched.set(replay, new Set([actor]))
      else missing.add(actor)
    }
  }
  for (const [replay, actors] of touched) {
    for (const slot of await loadSlots(replay.partition, [...actors], env)) replay.slots.set(slot.actor, slot)
  }
  for (const { replay, batch } of decoded) fold(replay, batch, env)
}

// Equal positions prove nothing: a copy of the data set that went on by itself has other batches at the same places.
function anchor(replay: Replay, stored: StoredBatch): void {
  if (stored.position !== replay.position) throw notInJournal(replay)
  if (hashBatch(stored.bytes) !== replay.hash) {
    throw new BrokenLogError(
      replay.partition,
      replay.ledger.seq,
      'the store was made from another journal, which has another batch here: bring back the journal that belongs to ' +
        'this store, or move the store away, to be rebuilt from the journal',
    )
  }
  replay.anchored = true
}

function notInJournal(replay: Replay): BrokenLogError {
  return new BrokenLogError(
    replay.partition,
    replay.ledger.seq,
    'the store is ahead of the journal: bring back the journal that belongs to this store',
  )
}

/** Decodes a batch and checks that it is the next link of its chain. */
function link(replay: Replay, stored: StoredBatch): Batch {
  const batch = decodeBatch(stored.bytes)
  const { header } = batch
  if (header.partition !== replay.partition)
    throw new BrokenLogError(replay.partition, header.firstSeq, `batch of partition ${header.partition}`)
  if (header.previousHash !== replay.hash)
    throw new BrokenLogError(replay.partition, header.firstSeq, 'hash chain broken')
  replay.hash = hashBatch(stored.bytes)
  replay.position = stored.position
  return batch
}

function fold(replay: Replay, batch: Batch, env: Environment): void {
  const { ledger } = replay
  if (batch.header.epoch < ledger.epoch)
    throw new BrokenLogError(replay.partition, batch.header.firstSeq, 'epoch goes back')
  ledger.applyHeader(batch.header)
  for (const record of batch.records) {
    if (record.seq !== ledger.seq + 1) throw new BrokenLogError(replay.partition, record.seq, `follows ${ledger.seq}`)
    ledger.apply(record)
    const slot = replay.slots.get(record.actor)
    if (slot === undefined) continue
    slot.replay(record)
    if (record.cause.kind === 'command' && record.cause.key !== '') {
      const { key, hash } = record.cause
      const refused = record.outcome.kind === 'refused' ? record.outcome.code : null
      const outcome = { key, hash, seq: record.seq, atMs: record.atMs, refused, reply: record.reply }
      slot.keys.add(outcome, 0, env.limits.idempotencyWindowMs)
    }
  }
}
