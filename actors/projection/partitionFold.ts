// One partition as the projector follows it: where it is in the log, the ledger state there, and the actors touched
// since the last round. It checks every batch's link before it folds it, and halts rather than skip (S1).

import { type PartitionId, parseRecordId } from '../../shared/ids.ts'
import type { AnyKind, RecordFate } from '../runtime/actor.ts'
import { decodeBatch, GENESIS_HASH, hashBatch } from '../runtime/codec.ts'
import { LedgerState } from '../runtime/ledgerState.ts'
import { type ListingVersions, listingVersions } from '../runtime/listing.ts'
import type { ActorSnapshot, Checkpoint, PartitionSnapshot, Position, Progress, StoredBatch } from '../runtime/ports.ts'
import type { Batch } from '../runtime/record.ts'
import { ActorFold, changesActor, type ResidentActors } from './actorFold.ts'
import { closingDue, closingRows, OwnedTotals } from './closings.ts'
import type { WriteCollector } from './writeCollector.ts'

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
  /** By record: the actor it changes, where that was in memory when it was looked for. */
  readonly actors: (ActorFold | undefined)[]
}

/** The listing of an actor is not as it has to be: a bug of its kind. */
export type ListingFailed = (actor: string, error: unknown) => void

interface Tail {
  readonly seq: number
  readonly position: Position
  readonly hash: string
  readonly epoch: number
}

export class PartitionFold {
  readonly partition: PartitionId
  private readonly kinds: ReadonlyMap<string, AnyKind>
  private readonly resident: ResidentActors
  private readonly ledger: LedgerState
  private readonly owned: OwnedTotals
  /** Records through here have their keys in a round: they are not handed over again. */
  private readonly coveredSeq: number
  /** As the ledger's, but of whole batches: what a checkpoint may tell of. */
  private readonly watermarks: Map<PartitionId, number>
  private readonly listings: ListingVersions
  private readonly listingFailed: ListingFailed
  /** Actors changed since the last round. */
  private touched: ActorFold[] = []
  private tail: Tail
  /** What the store has: rows at or below need not be written again. */
  private checkpoint: Checkpoint
  private snapshotSeq: number

  constructor(
    partition: PartitionId,
    kinds: ReadonlyMap<string, AnyKind>,
    resident: ResidentActors,
    checkpoint: Checkpoint,
    snapshot: PartitionSnapshot | null,
    listingFailed: ListingFailed = () => {},
  ) {
    this.partition = partition
    this.kinds = kinds
    this.resident = resident
    this.checkpoint = checkpoint
    this.coveredSeq = snapshot?.seq ?? 0
    this.listings = listingVersions(kinds)
    this.listingFailed = listingFailed
    // What an earlier release wrote has no sums to go on from, or listings of another kind: the log is folded from its
    // first record, once. The store keeps what it has (S1), and gets the closings and the listings that it lacks.
    const base = snapshot?.owned === undefined || !this.listedAlike(snapshot) ? null : snapshot
    this.owned = OwnedTotals.restore(base?.owned ?? [])
    this.ledger = base === null ? new LedgerState() : LedgerState.restore(partition, base)
    this.watermarks = new Map(this.ledger.watermarks)
    this.snapshotSeq = this.ledger.seq
    this.tail = {
      seq: this.ledger.seq,
      epoch: this.ledger.epoch,
      position: base?.position ?? 0,
      hash: base?.hash ?? GENESIS_HASH,
    }
  }

  /** Where the log is to be read from. */
  get position(): Position {
    return this.tail.position
  }

  /** The first record that is not folded. */
  get nextSeq(): number {
    return this.tail.seq + 1
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

  /** True for a batch that is folded already: a repeat, which changes nothing. */
  knows(stored: StoredBatch): boolean {
    return stored.position <= this.tail.position
  }

  /** J3: the chain, the seqs and the epoch hold, or nothing of the batch is taken: throws with what is wrong. */
  admit(stored: StoredBatch): AdmittedBatch {
    const { tail } = this
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
    return { stored, batch, hash, lastSeq, actors: [] }
  }

  /** Actors this batch changes that are not in memory. */
  missing({ batch, actors }: AdmittedBatch): readonly string[] {
    let wanted: Set<string> | null = null
    for (const record of batch.records) {
      const known = changesActor(record) ? this.resident.get(record.actor) : undefined
      actors.push(known)
      if (known !== undefined || !changesActor(record)) continue
      wanted ??= new Set()
      wanted.add(record.actor)
    }
    return wanted === null ? [] : [...wanted]
  }

  /** Takes missing actors in: from their snapshots, or new where they have none (J4). */
  load(actors: readonly string[], snapshots: readonly ActorSnapshot[]): void {
    const bases = new Map(snapshots.map((snapshot) => [snapshot.actor, snapshot]))
    for (const actor of actors) this.resident.add(new ActorFold(actor, this.kindOf(actor), bases.get(actor)))
  }

  /** Folds a batch and hands its rows over. Throws half-way through it at worst: then this fold is not to be used again. */
  fold(next: AdmittedBatch, into: WriteCollector): void {
    const { batch, stored, hash, lastSeq } = next
    const { partition } = this
    const { position, bytes } = stored
    const { firstSeq } = batch.header
    const fates: (RecordFate & { readonly bySeq: number })[] = []
    let listed: Set<ActorFold> | null = null
    this.ledger.applyHeader(batch.header)
    for (const [index, record] of batch.records.entries()) {
      this.ledger.apply(record)
      this.owned.apply(record)
      if (!changesActor(record)) continue
      const fold = this.touch(next.actors[index] ?? this.resident.get(record.actor))
      const told = fold.apply(record)
      if (fold.lists) {
        listed ??= new Set()
        listed.add(fold)
      }
      for (const fate of told) fates.push({ ...fate, bySeq: record.seq })
    }
    this.tail = { seq: lastSeq, position, hash, epoch: batch.header.epoch }
    for (const { cause } of batch.records)
      if (cause.kind === 'envelope') this.watermarks.set(cause.source, cause.number)
    this.close(firstSeq, lastSeq, into)
    // Of a whole batch, and also of what the store has: it may be of an earlier way to list.
    for (const fold of listed ?? []) into.addListing(fold.listing(partition, this.listingFailed))
    // In the store already: only memory had to follow, and whoever keeps keys from round to round.
    if (lastSeq <= this.coveredSeq) return
    if (lastSeq <= this.checkpoint.seq) return into.addReplayed(partition, firstSeq, lastSeq, batch.records)
    into.addBatch({ partition, firstSeq, lastSeq, position, hash, bytes, records: batch.records })
    for (const { record, fate, bySeq } of fates) {
      const place = parseRecordId(record)
      if (place !== null) into.addFate(place.partition, place.seq, fate, bySeq)
    }
  }

  private close(firstSeq: number, lastSeq: number, into: WriteCollector): void {
    const { system, atMs } = this.ledger
    if (!closingDue(firstSeq, lastSeq, system.size + this.owned.size)) return
    const balances = closingRows(system, this.owned)
    into.addClosing({ partition: this.partition, seq: lastSeq, atMs, balances })
  }

  private touch(fold: ActorFold | undefined): ActorFold {
    if (fold === undefined) throw new Error('an actor was not loaded')
    if (fold.touched) return fold
    this.resident.touch(fold)
    this.touched.push(fold)
    return fold
  }

  private kindOf(actor: string): AnyKind {
    const kind = this.kinds.get(actor.slice(0, actor.indexOf('/')))
    if (kind === undefined) throw new BrokenLinkError(`no kind of actor for ${actor}`)
    return kind
  }

  /** J4: the snapshots of every actor touched since the last round, and the partition's, at a batch boundary. */
  round(into: WriteCollector): void {
    const actors = this.touched.map((fold) => fold.snapshot())
    const { position, hash } = this.tail
    const listings = this.listings.length === 0 ? {} : { listings: this.listings }
    const snapshot = { ...this.ledger.snapshot(position, hash), owned: this.owned.rows(), ...listings }
    into.addRound(this.partition, actors, snapshot)
    this.snapshotSeq = this.tail.seq
    const settled = this.touched
    this.touched = []
    this.resident.settle(settled)
  }

  private listedAlike({ listings = [] }: PartitionSnapshot): boolean {
    return JSON.stringify(listings) === JSON.stringify(this.listings)
  }

  /** Leaves memory: a halted partition's actors may be half-way through a batch. */
  letGo(): void {
    this.resident.forget(this.touched)
    this.touched = []
  }

  /** Notes in the write how far it brings the store, if it brings it further. */
  advance(into: WriteCollector): void {
    const { seq, position, hash } = this.tail
    if (seq <= this.checkpoint.seq) return
    this.checkpoint = { seq, position, hash }
    const watermarks = [...this.watermarks].sort(([a], [b]) => a - b)
    into.addCheckpoint({ partition: this.partition, checkpoint: this.checkpoint, watermarks })
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
