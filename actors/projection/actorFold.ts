// One actor as the projector keeps it: the state its records fold to, and the balances of its accounts. Those touched
// since the last round wait to be written; the rest are kept for a while, so that the next touch needs no read.

import { accountSpec, isOwned } from '../../shared/accounts.ts'
import type { RecordId } from '../../shared/ids.ts'
import type { AnyKind } from '../runtime/actor.ts'
import { type Balances, balanceKey } from '../runtime/books.ts'
import { balanceRows, restoreBalances } from '../runtime/ledgerState.ts'
import type { ActorSnapshot } from '../runtime/ports.ts'
import type { LogRecord } from '../runtime/record.ts'

export class ActorFold {
  readonly actor: string
  private readonly kind: AnyKind
  /** Known only to the kind. */
  private readonly state: unknown
  private readonly balances: Balances = new Map()
  private seq = 0

  constructor(actor: string, kind: AnyKind, snapshot: ActorSnapshot | undefined) {
    this.actor = actor
    this.kind = kind
    if (snapshot === undefined) {
      this.state = kind.initial(actor.slice(kind.kind.length + 1))
    } else {
      this.state = kind.decodeState(snapshot.state)
      this.seq = snapshot.seq
      restoreBalances(snapshot.balances, this.balances)
    }
  }

  /**
   * Folds a record; those at or below what the state already covers are skipped (J4). Answers the record whose money
   * it brought back, if it did.
   */
  apply(record: LogRecord): RecordId | null {
    const ahead = record.seq <= this.seq
    let returned: RecordId | null = null
    for (const encoded of record.events) {
      const event = this.kind.decodeEvent(encoded)
      if (!ahead) this.kind.evolve(this.state, event, record.atMs)
      returned = this.kind.returnedRecord?.(event) ?? returned
    }
    if (ahead) return returned
    for (const entry of record.entries) {
      const spec = accountSpec(entry.account)
      if (spec === null || !isOwned(spec)) continue
      this.balances.set(balanceKey(entry.account, entry.asset), entry.balanceAfterMinor)
    }
    this.seq = record.seq
    return returned
  }

  snapshot(): ActorSnapshot {
    return {
      actor: this.actor,
      seq: this.seq,
      state: this.kind.encodeState(this.state),
      balances: balanceRows(this.balances),
    }
  }
}

/** A3: only a record with events or entries changes its actor. */
export function changesActor(record: LogRecord): boolean {
  return record.events.length > 0 || record.entries.length > 0
}

/** Actors at rest between rounds, the longest untouched first. Full: those are forgotten, and read again when needed. */
export class RestingActors {
  private readonly limit: number
  private readonly actors = new Map<string, ActorFold>()

  constructor(limit: number) {
    this.limit = limit
  }

  has(actor: string): boolean {
    return this.actors.has(actor)
  }

  take(actor: string): ActorFold | undefined {
    const fold = this.actors.get(actor)
    if (fold !== undefined) this.actors.delete(actor)
    return fold
  }

  put(fold: ActorFold): void {
    this.actors.set(fold.actor, fold)
    if (this.actors.size <= this.limit) return
    for (const oldest of this.actors.keys()) {
      this.actors.delete(oldest)
      return
    }
  }
}
