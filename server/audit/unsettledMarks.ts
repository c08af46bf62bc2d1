// What the store says became of records whose lines in the history change later (M9): money that came back or lies
// parked, withdrawals. Every record that makes such a mark has made it once its own partition's checkpoint covers it, and
// there is no mark without one.

import { fateNumber, reversedByOfNumber, statusOfNumber } from '../../actors/projection/ports.ts'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import type { Json } from '../../actors/runtime/record.ts'
import { type PartitionId, parseRecordId } from '../../shared/ids.ts'
import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { RecordLine } from './recordLine.ts'
import { storeDiffers } from './violation.ts'

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
    if (cause.kind === 'envelope' && refused !== null)
      this.note(`${cause.source}:${cause.seq}`, fateNumber('failed'), covered)
    if (cause.kind === 'envelope' && parked) this.note(`${cause.source}:${cause.seq}`, fateNumber('pending'), covered)
    for (const [at, state] of this.told(record)) this.note(at, state, covered)
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

  /** By `partition:seq`: what this record's events make of others, or of itself. */
  private told({ actor, events, seq }: RecordLine): readonly (readonly [string, number])[] {
    const kind = this.kinds.get(actor.slice(0, actor.indexOf('/')))
    if (events.isEmpty || kind?.fateOf === undefined) return []
    const told: [string, number][] = []
    // Folded before: the events are a list of what this kind knows.
    for (const encoded of JSON.parse(events.text()) as Json[]) {
      const said = kind.fateOf(kind.decodeEvent(encoded))
      const place = said === null ? null : parseRecordId(said.record)
      if (said !== null && place !== null) told.push([`${place.partition}:${place.seq}`, fateNumber(said.fate, seq)])
    }
    return told
  }
}

function shown(state: number): string {
  const reversedBy = reversedByOfNumber(state)
  if (reversedBy !== null) return `reversed by record ${reversedBy}`
  return state === 0 ? 'settled' : (statusOfNumber(state) ?? `state ${state}`)
}
