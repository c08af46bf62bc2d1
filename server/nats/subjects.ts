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
