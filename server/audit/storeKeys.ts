// What the store remembers of idempotency keys (M6): as far as it says it has them, each actor's keys and their outcomes
// are those of the log, in its order. Both sides are boiled down to one hash per actor and compared in the end.

import type { Audit, AuditWatcher } from './audit.ts'
import { KeyChain } from './keyChain.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { RecordLine } from './recordLine.ts'
import { storeDiffers } from './violation.ts'

export interface StoredKeys {
  /** The store has to have every key of this actor's records up to this seq, and none after it. */
  keysThrough(partition: number, actor: string): number
  /** What it has of each actor. Keys that are nobody's are a finding. */
  keyChains(): Iterable<ActorKeys>
}

export interface ActorKeys {
  readonly actor: string
  readonly partition: number
  readonly chain: KeyChain
}

export class StoreKeys implements AuditWatcher {
  private readonly store: StoredKeys
  private readonly actors = new Map<string, ActorKeys>()
  matched = 0

  constructor(store: StoredKeys) {
    this.store = store
  }

  before(): void {}

  after(_audit: Audit, { partition }: PartitionLog, record: RecordLine): void {
    const { actor, cause, seq, atMs, refused, reply } = record
    if (cause.kind !== 'command' || cause.key === '' || seq > this.store.keysThrough(partition, actor)) return
    const expected = this.actors.get(actor) ?? { actor, partition, chain: new KeyChain() }
    expected.chain.add({ seq, atMs, key: cause.key, hash: cause.hash, refused, reply: reply.text() })
    this.actors.set(actor, expected)
  }

  batch(): void {}

  end(): void {
    for (const { actor, partition, chain } of this.store.keyChains()) {
      const expected = this.actors.get(actor)?.chain ?? new KeyChain()
      this.actors.delete(actor)
      if (chain.count === 0 || !chain.equals(expected)) {
        const counts = `${chain.count} in the store, ${expected.count} in the journal`
        const at = `${partition}:${expected.lastSeq || chain.lastSeq}`
        storeDiffers('M6', `keys of ${actor} are not those of the journal (${counts})`, at)
      }
      this.matched += chain.count
    }
    for (const [actor, { partition, chain }] of this.actors) {
      storeDiffers('M6', `the store has no keys of ${actor}`, `${partition}:${chain.lastSeq}`)
    }
  }
}
