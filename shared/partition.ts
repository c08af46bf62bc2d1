// J1: partition = hash(kind, id) mod P. FNV-1a over the UTF-16 code units of "kind/id", finished by a mixing step so that
// the low bits are usable. The hash is part of the data format: changing it means a new data set.

import type { PartitionId } from './ids.ts'

export function actorKey(kind: string, id: string): string {
  return `${kind}/${id}`
}

/** Whether a record can name this actor. */
export function isActorKey(key: string): boolean {
  return ACTOR_KEY.test(key)
}

const ACTOR_KEY = /^[a-z_]{1,32}\/[A-Za-z0-9_.:-]{1,128}$/

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
