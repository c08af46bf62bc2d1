// Where a ledger is cut off so that what stays is a ledger: how far each partition goes that is to end at a moment, or
// where its own end was when it was asked. A cut is consistent when nothing that stays rests on something that goes: no
// envelope taken without the record that sent it, and none called delivered (a batch's header) without the record that
// took it, or a recovering sender would never send it again (M4).
//
// Were records the units, the moment alone would do: a receiver's record is never older than the sender's (A7), so with
// it stays its cause. But a batch stays whole or goes whole, being a link of the chain (J3): one that reaches beyond the
// moment goes with records that are older, whose effects may have stayed; and of what a header says only clocks speak.
// So the cut begins at the last batches that end by the moment, and is taken back until nothing stays without its cause.
// Each step drops only what no consistent cut below has, so the result is the greatest one: of two consistent cuts, the
// one that goes as far as either in each partition is consistent as well.

import { Names } from '../audit/names.ts'
import { PartitionLog } from '../audit/partitionLog.ts'
import type { Outcome } from '../proof/outcome.ts'
import { type BatchLinks, type LaneEnds, linksOf, noEnds, raise } from './batchLinks.ts'

export interface Cut {
  /** The last seq of each partition that stays: the end of a batch, or 0. */
  readonly seqs: readonly number[]
  /** Records by the moment that go all the same. */
  readonly leftOut: number
  /** Time of the newest record that stays; null where none does. */
  readonly newestMs: number | null
}

export type CutFound =
  | { readonly kind: 'cut'; readonly cut: Cut }
  /** The cut lies before the batches that were kept in memory: to be looked for again with more of them. */
  | { readonly kind: 'deeper' }

export interface CutBounds {
  /** Records up to this moment stay; null: all that were there. */
  readonly throughMs: number | null
  /** Of each partition, the batches of this time before its end are kept one by one; what is older only as a sum. */
  readonly windowMs: number
}

interface Lane {
  readonly log: PartitionLog
  /** As of the batches that are kept no more. */
  readonly base: { seq: number; atMs: number | null; readonly ends: LaneEnds }
  kept: BatchLinks[]
  /** Batches in front of `kept` that are in the base already. */
  forgotten: number
  /** Seq of the last record by the moment. */
  seqThen: number
  closed: boolean
}

export class CutFinder {
  private readonly bounds: CutBounds
  private readonly lanes: readonly Lane[]

  constructor(partitions: number, bounds: CutBounds) {
    const names = new Names()
    this.bounds = bounds
    this.lanes = Array.from({ length: partitions }, (_, partition) => ({
      log: new PartitionLog(partition, names),
      base: { seq: 0, atMs: null, ends: noEnds() },
      kept: [],
      forgotten: 0,
      seqThen: 0,
      closed: false,
    }))
  }

  /** True where nothing that follows can stay. */
  get isFull(): boolean {
    return this.lanes.every(({ closed }) => closed)
  }

  /** Takes the next batch of a partition. Answers what is wrong with it, or null. */
  take(partition: number, bytes: Uint8Array): string | null {
    const lane = this.lanes[partition]
    if (lane === undefined) return `no partition ${partition} among ${this.lanes.length}`
    if (lane.closed) return null
    const read: Outcome<BatchLinks> = linksOf(lane.log, bytes)
    if (read.kind === 'refused') return read.why
    const links = read.value
    const { throughMs } = this.bounds
    const stays = throughMs === null || links.lastMs <= throughMs
    lane.seqThen = stays ? links.lastSeq : lane.seqThen + links.times.filter((atMs) => atMs <= (throughMs ?? 0)).length
    if (stays) this.keep(lane, links)
    else lane.closed = true // times never go backwards in a partition (A7)
    return null
  }

  find(): CutFound {
    const ends = this.lanes.map(({ kept, forgotten }) => kept.length - forgotten)
    for (;;) {
      const sums = this.lanes.map((lane, partition) => sumOf(lane, ends[partition] ?? 0))
      if (this.lanes.some(({ base }, partition) => rests(base.ends, partition, sums))) return { kind: 'deeper' }
      const before = [...ends]
      for (const [partition, lane] of this.lanes.entries()) {
        const kept = lane.kept.slice(lane.forgotten, lane.forgotten + (ends[partition] ?? 0))
        const first = kept.findIndex((links) => rests(links, partition, sums))
        if (first !== -1) ends[partition] = first
      }
      if (ends.every((end, partition) => end === before[partition])) return { kind: 'cut', cut: this.cutAt(ends) }
    }
  }

  private keep(lane: Lane, links: BatchLinks): void {
    lane.kept.push({ ...links, times: NO_TIMES })
    const oldestMs = links.lastMs - this.bounds.windowMs
    for (let first = lane.kept[lane.forgotten]; first !== undefined && first.lastMs < oldestMs; ) {
      raise(lane.base.ends, first)
      lane.base.seq = first.lastSeq
      lane.base.atMs = first.lastMs
      first = lane.kept[++lane.forgotten]
    }
    if (lane.forgotten < 1024 || lane.forgotten * 2 < lane.kept.length) return
    lane.kept = lane.kept.slice(lane.forgotten)
    lane.forgotten = 0
  }

  private cutAt(ends: readonly number[]): Cut {
    const last = this.lanes.map(({ base, kept, forgotten }, partition) => {
      const links = kept[forgotten + (ends[partition] ?? 0) - 1]
      return (ends[partition] ?? 0) === 0 || links === undefined
        ? { seq: base.seq, atMs: base.atMs }
        : { seq: links.lastSeq, atMs: links.lastMs }
    })
    const leftOut = this.lanes.reduce((sum, { seqThen }, partition) => sum + seqThen - (last[partition]?.seq ?? 0), 0)
    const times = last.map(({ atMs }) => atMs).filter((atMs) => atMs !== null)
    const newestMs = times.reduce<number | null>((newest, atMs) => Math.max(newest ?? atMs, atMs), null)
    return { seqs: last.map(({ seq }) => seq), leftOut, newestMs }
  }
}

const NO_TIMES: readonly number[] = Object.freeze([])

/** Whether this rests on something that a partition, ending so, does not have. */
function rests({ taken, delivered }: LaneEnds, partition: number, sums: readonly LaneEnds[]): boolean {
  for (const [source, number] of taken) if (number > (sums[source]?.sent.get(partition) ?? 0)) return true
  for (const [destination, number] of delivered)
    if (number > (sums[destination]?.taken.get(partition) ?? 0)) return true
  return false
}

function sumOf({ base, kept, forgotten }: Lane, end: number): LaneEnds {
  const sum = noEnds()
  raise(sum, base.ends)
  for (let index = forgotten; index < forgotten + end; index++) {
    const links = kept[index]
    if (links !== undefined) raise(sum, links)
  }
  return sum
}
