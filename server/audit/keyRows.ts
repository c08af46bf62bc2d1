// Keys as the embedded store keeps them (M6): a row names the one before it of the same actor, and the actor its last one.

import { KeyChain } from './keyChain.ts'
import type { StoreImage } from './storeImage.ts'
import type { ActorKeys, StoredKeys } from './storeKeys.ts'
import { LEDGER_END, storeDiffers } from './violation.ts'

export class KeyRows implements StoredKeys {
  private readonly store: Pick<StoreImage, 'checkpoints' | 'keys' | 'keyHeads'>
  private readonly throughs = new Map<number, number>()

  constructor(store: Pick<StoreImage, 'checkpoints' | 'keys' | 'keyHeads'>) {
    this.store = store
    for (const [partition, { seq, keysSeq }] of store.checkpoints())
      this.throughs.set(partition, Math.max(seq, keysSeq))
  }

  keysThrough(partition: number): number {
    return this.throughs.get(partition) ?? 0
  }

  *keyChains(): Generator<ActorKeys> {
    const tails = this.chainsByLastRow()
    for (const [lastKey, { actor, partition }] of this.store.keyHeads()) {
      yield { actor, partition, chain: tails.get(lastKey) ?? new KeyChain() }
      tails.delete(lastKey)
    }
    const [orphan] = tails.keys()
    if (orphan !== undefined) storeDiffers('M6', `key row ${orphan} is on no actor's chain`, LEDGER_END)
  }

  private chainsByLastRow(): Map<number, KeyChain> {
    const tails = new Map<number, KeyChain>()
    for (const row of this.store.keys()) {
      const chain = tails.get(row.previous) ?? new KeyChain()
      tails.delete(row.previous)
      chain.add(row)
      tails.set(row.id, chain)
    }
    return tails
  }
}
