// The ledger store as the auditor's checks ask for it, read before the journal, each part before those that vouch for
// less: checkpoints, rounds, what came back, listings, actors, keys, records, batches. What servers write meanwhile is then either
// covered by what was read first, or beyond it and not judged. In memory: all but the log, of which there are digests.

import type { Json } from '../../../actors/runtime/record.ts'
import type { PartitionId } from '../../../shared/ids.ts'
import { partitionOf } from '../../../shared/partition.ts'
import { recordKey } from '../../mongo/documents.ts'
import { textOrUnreadable, versionsOf } from '../listingImage.ts'
import type { StoredActors } from '../replayedActors.ts'
import type { StoredPartitions } from '../replayedPartitions.ts'
import type { StoredCheckpoint, StoredCheckpoints } from '../storeCheckpoints.ts'
import { listingText, type StoredListings } from '../storeListings.ts'
import type { StoredMarks } from '../unsettledMarks.ts'
import { LEDGER_END, storeDiffers } from '../violation.ts'
import { KeyDocuments } from './keyDocuments.ts'
import type { LedgerDatabase } from './ledgerDatabase.ts'
import { storedBatch, storedRecord } from './ledgerRows.ts'
import type { DocumentOf } from './ledgerShapes.ts'
import { StoredDigests } from './rowDigests.ts'
import type { StoredLog } from './storedRows.ts'

/** A newer snapshot may take the place of one whose parts are being read. */
const ATTEMPTS = 5

interface Snapshot {
  readonly seq: number
  readonly state: string
  readonly balances: string
}

export class LedgerImage
  implements StoredActors, StoredPartitions, StoredCheckpoints, StoredLog, StoredMarks, StoredListings
{
  readonly keys: KeyDocuments
  readonly unsettled = new Map<string, number>()
  readonly newest = new Map<PartitionId, number>()
  readonly digests = { records: new StoredDigests(), batches: new StoredDigests() }
  private readonly partitions: number
  private readonly points = new Map<PartitionId, StoredCheckpoint>()
  private readonly taken = new Map<PartitionId, ReadonlyMap<number, number>>()
  private readonly rounds = new Map<PartitionId, { readonly seq: number; readonly text: string }>()
  private readonly snapshots = new Map<string, Snapshot>()
  private readonly listings = new Map<string, DocumentOf<'listings'>['v']>()

  private constructor(partitions: number) {
    this.partitions = partitions
    this.keys = new KeyDocuments(partitions, this.rounds)
  }

  /** A document that is none is a finding; rejects with ReadingError. */
  static async read(ledger: LedgerDatabase, partitions: number): Promise<LedgerImage> {
    const image = new LedgerImage(partitions)
    for await (const found of ledger.all('checkpoints')) image.addCheckpoint(found)
    for await (const found of ledger.all('partitions')) await image.addRound(ledger, found)
    for await (const { _id, state } of ledger.all('unsettled'))
      image.unsettled.set(`${_id.partition}:${_id.seq}`, state)
    for await (const found of ledger.all('listings')) image.listings.set(found._id, found.v)
    for await (const found of ledger.all('actors')) image.addActor(found)
    for await (const found of ledger.all('keys')) image.keys.addBucket(found)
    for await (const found of ledger.all('records')) {
      image.see(found._id, found._id.seq)
      if (image.covers(found._id)) image.digests.records.add(found._id.partition, storedRecord(found))
    }
    for await (const found of ledger.all('batches')) {
      image.see(found._id, found.lastSeq)
      if (image.covers(found._id)) image.digests.batches.add(found._id.partition, storedBatch(found))
    }
    image.digests.records.seal()
    image.digests.batches.seal()
    return image
  }

  *listingRows(): Generator<{ readonly actor: string; readonly seq: number }> {
    for (const [actor, { s: seq }] of this.listings) yield { actor, seq }
  }

  listing(actor: string): string | null {
    const found = this.listings.get(actor)
    if (found === undefined) return null
    const { kind, status, sort: sortMs, tags, fields } = found
    return textOrUnreadable(() =>
      // Written by listDocuments.ts.
      listingText(kind === '' ? null : { status, sortMs, tags, fields: JSON.parse(fields) as Json }),
    )
  }

  listingVersions(partition: PartitionId): string {
    return versionsOf(this.rounds.get(partition)?.text ?? '')
  }

  /** They are in the listings themselves. */
  tagRows(): null {
    return null
  }

  through(partition: PartitionId): number {
    return this.points.get(partition)?.seq ?? 0
  }

  checkpoints(): ReadonlyMap<PartitionId, StoredCheckpoint> {
    return this.points
  }

  watermarks(destination: PartitionId): ReadonlyMap<number, number> {
    return this.taken.get(destination) ?? new Map()
  }

  partitionSnapshots(): ReadonlyMap<PartitionId, { readonly seq: number; readonly text: string }> {
    return this.rounds
  }

  *actorSnapshots(): Generator<{ readonly actor: string; readonly partition: PartitionId; readonly seq: number }> {
    for (const [actor, { seq }] of this.snapshots) yield { actor, partition: partitionOf(actor, this.partitions), seq }
  }

  /** Asked for once, and let go of then. */
  actorSnapshot(actor: string): Snapshot | null {
    const found = this.snapshots.get(actor) ?? null
    this.snapshots.delete(actor)
    return found
  }

  private addCheckpoint({ _id, v }: DocumentOf<'checkpoints'>): void {
    this.points.set(_id, { seq: v.s, position: v.position, hash: v.hash })
    this.taken.set(_id, new Map(v.watermarks.map(({ source, number }) => [source, number])))
  }

  private async addRound(ledger: LedgerDatabase, found: DocumentOf<'partitions'>): Promise<void> {
    let round: DocumentOf<'partitions'> | null = found
    for (let attempt = 0; attempt < ATTEMPTS && round !== null; attempt++) {
      const { _id, v } = round
      const text = v.parts === 0 ? v.text : await partsOf(ledger, _id, v.s, v.parts)
      if (text !== null) return void this.rounds.set(_id, { seq: v.s, text })
      round = await ledger.partition(_id)
    }
    storeDiffers('J4', `parts of the partition snapshot are missing`, `${found._id}:${found.v.s}`)
  }

  private addActor(found: DocumentOf<'actors'>): void {
    this.keys.addActor(found)
    const { _id, v } = found
    if (v === undefined) return
    const balances = JSON.stringify(v.balances.map(({ account, asset, minor }) => [account, asset, minor]))
    this.snapshots.set(_id, { seq: v.s, state: v.state, balances })
  }

  private see({ partition, seq }: { readonly partition: PartitionId; readonly seq: number }, lastSeq: number): void {
    if (seq === 0) storeDiffers('S1', 'the store has a record or batch of seq 0', LEDGER_END)
    this.newest.set(partition, Math.max(lastSeq, this.newest.get(partition) ?? 0))
  }

  private covers({ partition, seq }: { readonly partition: PartitionId; readonly seq: number }): boolean {
    return seq <= this.through(partition)
  }
}

async function partsOf(ledger: LedgerDatabase, partition: PartitionId, seq: number, count: number) {
  let text = ''
  for (let part = 0; part < count; part++) {
    const next = await ledger.part(`${recordKey(partition, seq)}:${part}`)
    if (next === null) return null
    text += next
  }
  return text
}
