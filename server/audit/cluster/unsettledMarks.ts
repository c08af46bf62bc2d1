// What the store says of money that did not arrive (M9): returned or parked, by the sender's record. Every record that
// makes such a mark has made it once its own partition's checkpoint covers it, and there is no mark without one.

import type { AnyKind } from '../../../actors/runtime/actor.ts'
import type { Json } from '../../../actors/runtime/record.ts'
import { type PartitionId, parseRecordId } from '../../../shared/ids.ts'
import { PARKED, RETURNED } from '../../mongo/documents.ts'
import type { Audit, AuditWatcher } from '../audit.ts'
import type { PartitionLog } from '../partitionLog.ts'
import type { RecordLine } from '../recordLine.ts'
import { storeDiffers } from '../violation.ts'

export interface StoredMarks {
  through(partition: PartitionId): number
  /** State by `partition:seq` of the sender's record. Grows with what came back, which is little. */
  readonly unsettled: ReadonlyMap<string, number>
}

export class UnsettledMarks implements AuditWatcher {
  private readonly kinds: ReadonlyMap<string, AnyKind>
  private readonly store: StoredMarks
  /** The most that the journal says of each mark the store has. */
  private readonly vouched = new Map<string, number>()

  constructor(kinds: ReadonlyMap<string, AnyKind>, store: StoredMarks) {
    this.kinds = kinds
    this.store = store
  }

  before(): void {}

  after(_audit: Audit, { partition }: PartitionLog, record: RecordLine): void {
    const { cause, refused, parked } = record
    const covered = record.seq <= this.store.through(partition)
    if (cause.kind === 'envelope' && refused !== null) this.note(`${cause.source}:${cause.seq}`, RETURNED, covered)
    if (cause.kind === 'envelope' && parked) this.note(`${cause.source}:${cause.seq}`, PARKED, covered)
    const original = this.broughtBack(record)
    if (original !== null) this.note(original, RETURNED, covered)
  }

  batch(): void {}

  end(): void {
    for (const [at, state] of this.store.unsettled) {
      const vouched = this.vouched.get(at) ?? 0
      if (state > vouched)
        storeDiffers('S1', `the store has this as ${shown(state)}, the journal ${shown(vouched)}`, at)
    }
  }

  private note(at: string, state: number, covered: boolean): void {
    const has = this.store.unsettled.get(at) ?? 0
    if (covered && has < state)
      storeDiffers('S1', `the journal has this as ${shown(state)}, the store ${shown(has)}`, at)
    if (has > 0) this.vouched.set(at, Math.max(state, this.vouched.get(at) ?? 0))
  }

  /** `partition:seq` of the record whose money this one brought back to its sender. */
  private broughtBack({ actor, events }: RecordLine): string | null {
    const kind = this.kinds.get(actor.slice(0, actor.indexOf('/')))
    if (events.isEmpty || kind?.returnedRecord === undefined) return null
    let original: string | null = null
    // Folded before: the events are a list of what this kind knows.
    for (const encoded of JSON.parse(events.text()) as Json[]) {
      const id = kind.returnedRecord(kind.decodeEvent(encoded))
      const place = id === null ? null : parseRecordId(id)
      if (place !== null) original = `${place.partition}:${place.seq}`
    }
    return original
  }
}

function shown(state: number): string {
  return state === RETURNED ? 'returned' : state === PARKED ? 'parked' : state === 0 ? 'settled' : `state ${state}`
}
