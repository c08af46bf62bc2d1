// The names a data set has in NATS, in one place: streams, subjects, the bucket of its facts (docs/cluster.md).

import type { PartitionId } from '../../shared/ids.ts'

export function streamName(dataSet: string, stream: number): string {
  return `LEET_${dataSet.toUpperCase()}_J${stream}`
}

/** Everything that goes into a stream. */
export function streamSubjects(dataSet: string, stream: number): string {
  return `leet.${dataSet}.j.${stream}.*`
}

/** Which stream holds a partition's batches; fixed with the data set. */
export function streamOf(partition: PartitionId, streams: number): number {
  return partition % streams
}

export function partitionSubject(dataSet: string, partition: PartitionId, streams: number): string {
  return `leet.${dataSet}.j.${streamOf(partition, streams)}.${partition}`
}

export function factsBucket(dataSet: string): string {
  return `LEET_${dataSet.toUpperCase()}_META`
}

export function eventStreamName(dataSet: string): string {
  return `LEET_${dataSet.toUpperCase()}_EVENTS`
}

export function eventSubjects(dataSet: string): string {
  return `leet.${dataSet}.events.>`
}

/** An id is one token, whatever it is made of: a subject that cannot be would hold up what follows. */
export function eventSubject(dataSet: string, match: string, event: string): string {
  return `leet.${dataSet}.events.match.${match.replaceAll(/[^A-Za-z0-9_-]/g, '_')}.${event}`
}

/** How far each partition's events are published. */
export function cursorsBucket(dataSet: string): string {
  return `LEET_${dataSet.toUpperCase()}_EVENT_CURSORS`
}
