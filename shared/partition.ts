// J1: partition = hash(kind, id) mod P. FNV-1a over the UTF-16 code units of "kind/id", finished by a mixing step so that
// the low bits are usable. The hash is part of the data format: changing it means a new data set.

import type { PartitionId } from './ids.ts'

export function actorKey(kind: string, id: string): string {
  return `${kind}/${id}`
}

export function partitionOf(key: string, partitions: number): PartitionId {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) {
    hash ^= key.charCodeAt(index)
    hash = Math.imul(hash, 0x01000193)
  }
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  return (hash >>> 0) % partitions
}
