// What the store remembers of idempotency keys (M6): through the checkpoint, each actor's keys and their outcomes are
// those of the log, in its order. Both sides are boiled down to one running hash per actor and compared in the end.

import { hash } from 'node:crypto'
import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { RecordLine } from './recordLine.ts'
import type { KeyRow, StoreImage } from './storeImage.ts'
import { storeDiffers } from './violation.ts'

export type StoredKeys = Pick<StoreImage, 'checkpoints' | 'keys' | 'keyHeads'>

interface Chain {
  digest: string
  count: number
  lastSeq: number
}

interface ActorChain extends Chain {
  readonly partition: number
}

export class StoreKeys implements AuditWatcher {
  private readonly store: StoredKeys
  private readonly throughs = new Map<number, number>()
  private readonly actors = new Map<string, ActorChain>()
  matched = 0

  constructor(store: StoredKeys) {
    this.store = store
    for (const [partition, { seq, keysSeq }] of store.checkpoints())
      this.throughs.set(partition, Math.max(seq, keysSeq))
  }

  before(): void {}

  after(_audit: Audit, log: PartitionLog, record: RecordLine): void {
    const { actor, cause, seq, atMs, refused, reply } = record
    if (cause.kind !== 'command' || cause.key === '' || seq > (this.throughs.get(log.partition) ?? 0)) return
    const chain = this.actors.get(actor) ?? { digest: '', count: 0, lastSeq: 0, partition: log.partition }
    extend(chain, { seq, atMs, key: cause.key, hash: cause.hash, refused, reply: reply.text() })
    this.actors.set(actor, chain)
  }

  batch(): void {}

  end(): void {
    const tails = this.storedChains()
    for (const [lastKey, { actor, partition }] of this.store.keyHeads()) {
      const stored = tails.get(lastKey)
      const expected = this.actors.get(actor)
      tails.delete(lastKey)
      this.actors.delete(actor)
      const at = `${partition}:${expected?.lastSeq ?? stored?.lastSeq ?? 0}`
      if (stored === undefined || stored.digest !== expected?.digest) {
        const counts = `${stored?.count ?? 0} in the store, ${expected?.count ?? 0} in the journal`
        storeDiffers('M6', `keys of ${actor} are not those of the journal (${counts})`, at)
      }
      this.matched += stored.count
    }
    for (const [actor, { partition, lastSeq }] of this.actors) {
      storeDiffers('M6', `the store has no keys of ${actor}`, `${partition}:${lastSeq}`)
    }
    const [orphan] = tails.keys()
    if (orphan !== undefined) storeDiffers('M6', `key row ${orphan} is on no actor's chain`, 'ledger:end')
  }

  /** By the id of their last row. */
  private storedChains(): Map<number, Chain> {
    const tails = new Map<number, Chain>()
    for (const row of this.store.keys()) {
      const chain = tails.get(row.previous) ?? { digest: '', count: 0, lastSeq: 0 }
      tails.delete(row.previous)
      extend(chain, row)
      tails.set(row.id, chain)
    }
    return tails
  }
}

function extend(chain: Chain, row: Omit<KeyRow, 'id' | 'previous'>): void {
  const { seq, atMs, key, refused, reply } = row
  chain.digest = hash('sha256', JSON.stringify([chain.digest, seq, atMs, key, row.hash, refused, reply]), 'base64')
  chain.count++
  chain.lastSeq = seq
}
