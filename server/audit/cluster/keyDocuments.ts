// Keys as the ledger store keeps them (M6): an actor's own document has those since its last full bucket, and how many
// buckets are full; each of these is a document. Buckets that no actor counts yet are a round under way.

import type { PartitionId } from '../../../shared/ids.ts'
import { partitionOf } from '../../../shared/partition.ts'
import { BUCKET } from '../../mongo/keyBooks.ts'
import { KeyChain } from '../keyChain.ts'
import type { ActorKeys, StoredKeys } from '../storeKeys.ts'
import type { DocumentOf, KeyFieldsRead } from './ledgerShapes.ts'

interface Head {
  readonly seq: number
  readonly full: number
  readonly chain: KeyChain
}

export class KeyDocuments implements StoredKeys {
  private readonly partitions: number
  private readonly rounds: ReadonlyMap<PartitionId, { readonly seq: number }>
  private readonly heads = new Map<string, Head>()

  /** `rounds`: read before any actor. */
  constructor(partitions: number, rounds: ReadonlyMap<PartitionId, { readonly seq: number }>) {
    this.partitions = partitions
    this.rounds = rounds
  }

  /** All actors, before any bucket. */
  addActor({ _id, k }: DocumentOf<'actors'>): void {
    if (k === undefined) return
    const head = { seq: k.s, full: k.full, chain: new KeyChain() }
    addAll(head.chain, k.keys, k.full * BUCKET)
    this.heads.set(_id, head)
  }

  addBucket({ _id: { actor, bucket }, keys }: DocumentOf<'keys'>): void {
    const head = this.heads.get(actor)
    if (head !== undefined && bucket < head.full) addAll(head.chain, keys, bucket * BUCKET)
  }

  // J4: recovery replays what follows the round, and takes the rest from here.
  keysThrough(partition: PartitionId, actor: string): number {
    return Math.max(this.heads.get(actor)?.seq ?? 0, this.rounds.get(partition)?.seq ?? 0)
  }

  *keyChains(): Generator<ActorKeys> {
    for (const [actor, { seq, chain }] of this.heads) {
      // As it says itself: a newer key at or below it would be left out.
      chain.lastSeq = seq
      yield { actor, partition: partitionOf(actor, this.partitions), chain }
    }
  }
}

function addAll(chain: KeyChain, keys: readonly KeyFieldsRead[], place: number): void {
  for (const [index, { key, hash, seq, at, refused, reply }] of keys.entries()) {
    chain.add({ key, hash, seq, atMs: at.getTime(), refused, reply }, place + index)
  }
}
