// What ties a batch to other partitions: the envelopes it sends and takes, and those its header calls delivered, each as
// the highest number per partition (M4: numbered without gaps, and taken in order).

import type { PartitionLog } from '../audit/partitionLog.ts'
import type { Outcome } from '../proof/outcome.ts'
import { followBatch } from './followBatch.ts'

export interface LaneEnds {
  /** By destination. */
  readonly sent: Map<number, number>
  /** By source. */
  readonly taken: Map<number, number>
  /** By destination. */
  readonly delivered: Map<number, number>
}

export interface BatchLinks extends LaneEnds {
  readonly lastSeq: number
  readonly lastMs: number
  /** Of its records, in their order. */
  readonly times: readonly number[]
}

export function noEnds(): LaneEnds {
  return { sent: new Map(), taken: new Map(), delivered: new Map() }
}

/** Reads the next batch of a partition. Refused with the place and what is wrong there. */
export function linksOf(log: PartitionLog, bytes: Uint8Array): Outcome<BatchLinks> {
  const ends = noEnds()
  const times: number[] = []
  const followed = followBatch(log, bytes, ({ atMs, cause, outbox }) => {
    times.push(atMs)
    if (cause.kind === 'envelope') ends.taken.set(cause.source, cause.number)
    for (const { destination, number } of outbox) ends.sent.set(destination, number)
  })
  if (followed.kind === 'refused') return followed
  for (const [destination, through] of followed.value.delivered) ends.delivered.set(destination, through)
  return { kind: 'done', value: { ...ends, lastSeq: log.seq, lastMs: log.atMs, times } }
}

/** Numbers only grow with the batches. */
export function raise(into: LaneEnds, by: LaneEnds): void {
  for (const end of ['sent', 'taken', 'delivered'] as const)
    for (const [partition, number] of by[end]) into[end].set(partition, Math.max(number, into[end].get(partition) ?? 0))
}
