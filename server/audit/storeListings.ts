// What lists show of actors (S1), against the fold of the journal: each row is what its actor's kind lists as of the row's
// record, none is older than its partition's checkpoint says, and none is of an actor that the journal does not know.

import { strict as assert } from 'node:assert'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import { type Listing, listingOf, listingVersions } from '../../actors/runtime/listing.ts'
import type { Json } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { RecordLine } from './recordLine.ts'
import { broken, LEDGER_END, storeDiffers } from './violation.ts'

export interface StoredListings {
  /** Seq of the partition's checkpoint. */
  through(partition: PartitionId): number
  /** How the kinds listed when the partition's last round was written, as JSON: `ListingVersions`. */
  listingVersions(partition: PartitionId): string
  listingRows(): Iterable<{ readonly actor: string; readonly seq: number }>
  /** As `listingText` has it; null where there is no such row. */
  listing(actor: string): string | null
  /** Rows that find listed actors by their tags; null where a store has none apart. */
  tagRows(): number | null
}

interface Listed {
  readonly kind: AnyKind
  readonly partition: PartitionId
  /** Known only to the kind. */
  readonly state: unknown
  lastSeq: number
  /** Of the last record that the checkpoint covers. */
  coverSeq: number
  /** Of its row, or -1. */
  readonly rowSeq: number
  compared: boolean
}

/** What a row says, in one form for every store. */
export function listingText(listing: Listing | null): string {
  if (listing === null) return 'null'
  const { status, sortMs, tags, fields } = listing
  return JSON.stringify([status, sortMs, tags, fields])
}

export class StoreListings implements AuditWatcher {
  private readonly kinds: ReadonlyMap<string, AnyKind>
  private readonly store: StoredListings
  private readonly versions: string
  private readonly actors = new Map<string, Listed>()
  /** Of actors the log has not come to yet. */
  private readonly rows = new Map<string, number>()
  private tags = 0
  private skipped = false

  constructor(kinds: ReadonlyMap<string, AnyKind>, store: StoredListings) {
    this.kinds = new Map([...kinds].filter(([, kind]) => kind.listing !== undefined))
    this.store = store
    this.versions = JSON.stringify(listingVersions(kinds))
    for (const { actor, seq } of store.listingRows()) this.rows.set(actor, seq)
  }

  before(_audit: Audit, _log: PartitionLog, { actor, seq }: RecordLine): void {
    const listed = this.actors.get(actor)
    if (listed !== undefined && seq > listed.rowSeq) this.compare(actor, listed)
  }

  after(_audit: Audit, { partition }: PartitionLog, record: RecordLine): void {
    if (record.events.isEmpty && record.entries.length === 0) return // A3: nothing else changes an actor
    const kind = this.kinds.get(record.actor.slice(0, record.actor.indexOf('/')))
    if (kind === undefined) return
    const listed = this.actors.get(record.actor) ?? this.begin(record.actor, kind, partition)
    listed.lastSeq = record.seq
    if (record.seq <= this.store.through(partition)) listed.coverSeq = record.seq
    try {
      // The auditor's reader has checked that it is a list.
      for (const event of JSON.parse(record.events.text()) as Json[])
        kind.evolve(listed.state, kind.decodeEvent(event), record.atMs)
    } catch (error) {
      broken('A3', `events of ${record.actor} do not fold: ${String(error)}`)
    }
  }

  batch(): void {}

  end(): void {
    for (const [actor, listed] of this.actors) {
      this.compare(actor, listed)
      this.checkCovered(actor, listed)
    }
    for (const [actor, seq] of this.rows)
      storeDiffers('S1', `the store lists ${actor} as of seq ${seq}, which the journal never changed`, LEDGER_END)
    const has = this.store.tagRows()
    if (has !== null && has !== this.tags && !this.skipped)
      storeDiffers('S1', `the store has ${has} tags of listed actors, the journal gives ${this.tags}`, LEDGER_END)
  }

  private begin(actor: string, kind: AnyKind, partition: PartitionId): Listed {
    const rowSeq = this.rows.get(actor) ?? -1
    this.rows.delete(actor)
    const state = kind.initial(actor.slice(kind.kind.length + 1))
    const listed: Listed = { kind, partition, state, lastSeq: 0, coverSeq: 0, rowSeq, compared: false }
    this.actors.set(actor, listed)
    return listed
  }

  private compare(actor: string, listed: Listed): void {
    const { kind, partition, state, lastSeq, rowSeq } = listed
    if (listed.compared || rowSeq === -1) return
    listed.compared = true
    const at = `${partition}:${rowSeq}`
    if (lastSeq !== rowSeq) storeDiffers('S1', `${actor} is listed as of a record that is not its own`, at)
    // Of a release that listed otherwise: the next start of a server makes them anew.
    if (this.store.listingVersions(partition) !== this.versions) return this.skip()
    // A kind's bug, which the projector has told of: such an actor is not listed.
    const listing = listingOf(kind, state, () => {})
    const [has, gives] = [this.store.listing(actor), listingText(listing)]
    assert(has !== null, 'a row that was counted is there')
    if (has !== gives) storeDiffers('S1', `the store lists ${actor} as ${has}, the journal as ${gives}`, at)
    this.tags += listing?.tags.length ?? 0
  }

  private skip(): void {
    this.skipped = true
  }

  private checkCovered(actor: string, { partition, coverSeq, rowSeq }: Listed): void {
    if (coverSeq <= rowSeq || coverSeq === 0 || this.store.listingVersions(partition) !== this.versions) return
    const has = rowSeq === -1 ? 'none' : `one as of seq ${rowSeq}`
    storeDiffers(
      'S1',
      `no listing covers the last change of ${actor}; the store has ${has}`,
      `${partition}:${coverSeq}`,
    )
  }
}
