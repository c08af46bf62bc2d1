// One partition as the projector follows it: where it is in the log, the ledger state there, and the actors touched
// since the last round. It checks every batch's link before it folds it, and halts rather than skip (S1).

import { type PartitionId, parseRecordId, type RecordId } from '../../shared/ids.ts'
import type { AnyKind } from '../runtime/actor.ts'
import { decodeBatch, GENESIS_HASH, hashBatch } from '../runtime/codec.ts'
import { LedgerState } from '../runtime/ledgerState.ts'
import type { ActorSnapshot, Checkpoint, PartitionSnapshot, Position, Progress, StoredBatch } from '../runtime/ports.ts'
import type { Batch, LogRecord } from '../runtime/record.ts'
import { ActorFold, changesActor, type RestingActors } from './actorFold.ts'
import { BatchRows, type WriteCollector } from './writeCollector.ts'

/** Thrown for a batch that does not follow what the projector has; its partition halts with this message. */
export class BrokenLinkError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BrokenLinkError'
  }
}

/** A batch read, checked and decoded, not folded yet. */
export interface AdmittedBatch {
  readonly stored: StoredBatch
  readonly batch: Batch
  readonly hash: string
  readonly lastSeq: number
}

interface Tail {
  readonly seq: number
  readonly position: Position
  readonly hash: string
  readonly epoch: number
}

export class PartitionFold {
  readonly partition: PartitionId
  private readonly kinds: ReadonlyMap<string, AnyKind>
  private readonly resting: RestingActors
  private readonly ledger: LedgerState
  private readonly touched = new Map<string, ActorFold>()
  private tail: Tail
  /** What the store has: rows at or below need not be written again. */
  private checkpoint: Checkpoint
  private snapshotSeq: number

  constructor(
    partition: PartitionId,
    kinds: ReadonlyMap<string, AnyKind>,
    resting: RestingActors,
    checkpoint: Checkpoint,
    snapshot: PartitionSnapshot | null,
  ) {
    this.partition = partition
    this.kinds = kinds
    this.resting = resting
    this.checkpoint = checkpoint
    this.ledger = snapshot === null ? new LedgerState() : LedgerState.restore(partition, snapshot)
    this.snapshotSeq = this.ledger.seq
    this.tail = {
      seq: this.ledger.seq,
      epoch: this.ledger.epoch,
      position: snapshot?.position ?? 0,
      hash: snapshot?.hash ?? GENESIS_HASH,
    }
  }

  /** Where the log is to be read from. */
  get position(): Position {
    return this.tail.position
  }

  /** Records since the last round. */
  get sinceRound(): number {
    return this.tail.seq - this.snapshotSeq
  }

  /** What the store holds once everything folded so far is written. */
  get progress(): Progress {
    const projectedSeq = Math.max(this.tail.seq, this.checkpoint.seq)
    return { partition: this.partition, projectedSeq, snapshotSeq: this.snapshotSeq }
  }

  /** Reads the batches that follow what is folded; what is folded already is left out. Stops at the first that does not. */
  admit(batches: readonly StoredBatch[]): {
    readonly admitted: readonly AdmittedBatch[]
    readonly trouble: string | null
  } {
    const admitted: AdmittedBatch[] = []
    let tail = this.tail
    for (const stored of batches) {
      if (stored.position <= tail.position) continue
      try {
        const read = this.read(stored, tail)
        admitted.push(read)
        tail = { seq: read.lastSeq, position: stored.position, hash: read.hash, epoch: read.batch.header.epoch }
      } catch (error) {
        return { admitted, trouble: reasonOf(error) }
      }
    }
    return { admitted, trouble: null }
  }

  // J3: the chain, the seqs and the epoch hold, or nothing of the batch is taken.
  private read(stored: StoredBatch, tail: Tail): AdmittedBatch {
    const batch = decodeBatch(stored.bytes)
    const { header } = batch
    const at = `${this.partition}:${header.firstSeq}`
    if (header.partition !== this.partition) throw new BrokenLinkError(`${at}: batch of partition ${header.partition}`)
    if (header.firstSeq !== tail.seq + 1) throw new BrokenLinkError(`${at}: gap, expected seq ${tail.seq + 1}`)
    if (header.previousHash !== tail.hash) throw new BrokenLinkError(`${at}: hash chain is cut`)
    if (header.epoch < tail.epoch) throw new BrokenLinkError(`${at}: epoch ${header.epoch} after ${tail.epoch}`)
    if (header.count === 0) throw new BrokenLinkError(`${at}: batch without records`)
    const hash = hashBatch(stored.bytes)
    const lastSeq = header.firstSeq + header.count - 1
    if (header.firstSeq <= this.checkpoint.seq && lastSeq >= this.checkpoint.seq) {
      const same = lastSeq === this.checkpoint.seq && hash === this.checkpoint.hash
      if (!same) throw new BrokenLinkError(`${at}: journal differs from what the store was made from`)
    }
    return { stored, batch, hash, lastSeq }
  }

  /** Actors these batches change that are not in memory. */
  missing(admitted: readonly AdmittedBatch[]): readonly string[] {
    const wanted = new Set<string>()
    for (const { batch } of admitted) {
      for (const record of batch.records) {
        if (!changesActor(record) || this.touched.has(record.actor)) continue
        if (!this.resting.has(record.actor)) wanted.add(record.actor)
      }
    }
    return [...wanted]
  }

  /** Folds a batch and hands its rows over. Throws half-way through it at worst: then this fold is not to be used again. */
  fold(next: AdmittedBatch, bases: ReadonlyMap<string, ActorSnapshot>, into: WriteCollector): void {
    const { batch, stored, hash, lastSeq } = next
    // In the store already: only memory has to follow.
    const rows = lastSeq <= this.checkpoint.seq ? null : new BatchRows(this.partition)
    this.ledger.applyHeader(batch.header)
    for (const record of batch.records) {
      this.ledger.apply(record)
      rows?.add(record)
      if (!changesActor(record)) continue
      const returned = this.touch(record, bases).apply(record)
      if (returned !== null) rows?.addReturn(recordOf(returned))
    }
    this.tail = { seq: lastSeq, position: stored.position, hash, epoch: batch.header.epoch }
    if (rows === null) return
    const { partition } = this
    const { position, bytes } = stored
    into.addBatch({ partition, firstSeq: batch.header.firstSeq, lastSeq, position, hash, bytes }, rows)
  }

  private touch(record: LogRecord, bases: ReadonlyMap<string, ActorSnapshot>): ActorFold {
    const { actor } = record
    const known = this.touched.get(actor)
    if (known !== undefined) return known
    const fold = this.resting.take(actor) ?? new ActorFold(actor, this.kindOf(actor), bases.get(actor))
    this.touched.set(actor, fold)
    return fold
  }

  private kindOf(actor: string): AnyKind {
    const kind = this.kinds.get(actor.slice(0, actor.indexOf('/')))
    if (kind === undefined) throw new BrokenLinkError(`no kind of actor for ${actor}`)
    return kind
  }

  /** J4: the snapshots of every actor touched since the last round, and the partition's, at a batch boundary. */
  round(into: WriteCollector): void {
    const actors: ActorSnapshot[] = []
    for (const fold of this.touched.values()) {
      actors.push(fold.snapshot())
      this.resting.put(fold)
    }
    this.touched.clear()
    into.addRound(this.partition, actors, this.ledger.snapshot(this.tail.position, this.tail.hash))
    this.snapshotSeq = this.tail.seq
  }

  /** Notes in the write how far it brings the store, if it brings it further. */
  advance(into: WriteCollector): void {
    const { seq, position, hash } = this.tail
    if (seq <= this.checkpoint.seq) return
    this.checkpoint = { seq, position, hash }
    into.addCheckpoint(this.partition, this.checkpoint)
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function recordOf(id: RecordId): { readonly partition: PartitionId; readonly seq: number } {
  const place = parseRecordId(id)
  if (place === null) throw new BrokenLinkError(`${id} names no record`)
  return place
}
