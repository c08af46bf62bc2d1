// Each partition's envelopes and timers as the log tells them, kept at every end of a batch, so that any snapshot of a
// partition can be compared with the log it claims to stand for (J4).

import type { PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { BatchHeader, LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'

interface LaneState {
  readonly watermarks: Map<PartitionId, number>
  readonly numbered: Map<PartitionId, number>
  readonly delivered: Map<PartitionId, number>
  /** `actor name` → due. */
  readonly timers: Map<string, number>
  readonly system: Map<string, bigint>
}

/** What a snapshot of the partition must say at this place. */
interface Place {
  readonly position: number
  readonly hash: string
  readonly epoch: number
  readonly atMs: number
  readonly text: string
}

const GROWS_BY_DEBIT = /^[156]/
const OWNED = /^200[12357]:/

export class LaneModel {
  private readonly states: LaneState[]
  private readonly places: Map<number, Place>[]

  constructor(partitions: number) {
    const each = Array.from({ length: partitions })
    this.states = each.map(() => ({
      watermarks: new Map(),
      numbered: new Map(),
      delivered: new Map(),
      timers: new Map(),
      system: new Map(),
    }))
    this.places = each.map(() => new Map())
  }

  take(
    partition: PartitionId,
    header: BatchHeader,
    records: readonly LogRecord[],
    position: number,
    hash: string,
  ): void {
    const state = this.state(partition)
    for (const [destination, through] of header.delivered) state.delivered.set(destination, through)
    for (const record of records) apply(state, record)
    const last = records.at(-1)
    if (last === undefined) return
    const place = { position, hash, epoch: header.epoch, atMs: last.atMs, text: textOf(state) }
    this.places[partition]?.set(last.seq, place)
  }

  watermark(partition: PartitionId, source: PartitionId): number {
    return this.state(partition).watermarks.get(source) ?? 0
  }

  numbered(partition: PartitionId, destination: PartitionId): number {
    return this.state(partition).numbered.get(destination) ?? 0
  }

  /** Due times of the timers set and neither fired nor cancelled. */
  timersDue(partition: PartitionId): readonly number[] {
    return [...this.state(partition).timers.values()]
  }

  disagreement(partition: PartitionId, snapshot: PartitionSnapshot): string | null {
    const place = this.places[partition]?.get(snapshot.seq)
    if (place === undefined) return `snapshot of partition ${partition} at ${snapshot.seq}, where no durable batch ends`
    const { position, hash, epoch, atMs } = snapshot
    const frame = JSON.stringify([position, hash, epoch, atMs])
    const expected = JSON.stringify([place.position, place.hash, place.epoch, place.atMs])
    if (frame !== expected)
      return `snapshot of partition ${partition} at ${snapshot.seq} says ${frame}, not ${expected}`
    const text = textOfSnapshot(snapshot)
    if (text !== place.text)
      return `snapshot of partition ${partition} at ${snapshot.seq} holds ${text}, not ${place.text}`
    return null
  }

  private state(partition: PartitionId): LaneState {
    const state = this.states[partition]
    if (state === undefined) throw new Error(`no partition ${partition}`)
    return state
  }
}

function apply(state: LaneState, record: LogRecord): void {
  const { cause } = record
  if (cause.kind === 'envelope') state.watermarks.set(cause.source, cause.number)
  if (cause.kind === 'timer') state.timers.delete(`${record.actor} ${cause.name}`)
  for (const { destination, number } of record.outbox) state.numbered.set(destination, number)
  for (const change of record.timers) {
    const key = `${record.actor} ${change.name}`
    if (change.kind === 'set') state.timers.set(key, change.dueMs)
    else state.timers.delete(key)
  }
  for (const { account, asset, side, amountMinor } of record.entries) {
    if (OWNED.test(account)) continue
    const grows = (side === 'debit') === GROWS_BY_DEBIT.test(account)
    const key = `${account}/${asset}`
    const after = (state.system.get(key) ?? 0n) + (grows ? amountMinor : -amountMinor)
    // A token that has gone is no row.
    if (after === 0n && asset.startsWith('NFT:')) state.system.delete(key)
    else state.system.set(key, after)
  }
}

function textOf(state: LaneState): string {
  const undelivered = [...state.numbered].map(([destination, last]) => {
    return [destination, (state.delivered.get(destination) ?? 0) + 1, last] as const
  })
  return JSON.stringify({
    watermarks: sorted(state.watermarks),
    numbered: sorted(state.numbered),
    outbox: undelivered.filter(([, first, last]) => first <= last).sort((a, b) => a[0] - b[0]),
    timers: sorted(state.timers),
    system: sorted([...state.system].map(([key, minor]) => [key, minor.toString()] as const)),
  })
}

function textOfSnapshot(snapshot: PartitionSnapshot): string {
  const ranges = new Map<PartitionId, [PartitionId, number, number]>()
  for (const [destination, number] of snapshot.outbox) {
    const range = ranges.get(destination)
    if (range === undefined) ranges.set(destination, [destination, number, number])
    else range[2] = number
  }
  return JSON.stringify({
    watermarks: sorted(snapshot.watermarks),
    numbered: sorted(snapshot.numbered),
    outbox: [...ranges.values()].sort((a, b) => a[0] - b[0]),
    timers: sorted(snapshot.timers.map(([actor, name, dueMs]) => [`${actor} ${name}`, dueMs] as const)),
    system: sorted(snapshot.balances.map(([account, asset, minor]) => [`${account}/${asset}`, minor] as const)),
  })
}

function sorted<Key extends string | number, Value>(
  rows: Iterable<readonly [Key, Value]>,
): readonly (readonly [Key, Value])[] {
  return [...rows].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
}
