// One resident actor: its kind, its state, the balances of the accounts it owns, and the keys it has answered.

import type { AnyKind } from './actor.ts'
import { Balances, postOwned } from './books.ts'
import { KeyWindow } from './keyWindow.ts'
import { balanceRows, restoreBalances } from './ledgerState.ts'
import type { ActorSnapshot } from './ports.ts'
import type { LogRecord } from './record.ts'

export class Slot {
  readonly actor: string
  readonly id: string
  readonly kind: AnyKind
  /** Known only to the kind. */
  state: unknown
  readonly balances = new Balances()
  readonly keys = new KeyWindow()
  /** Seq of the newest record this actor has seen; answers wait for it (A4). */
  lastSeq = 0
  lastUsedMs = 0

  constructor(actor: string, kind: AnyKind, snapshot: ActorSnapshot | undefined) {
    this.actor = actor
    this.id = actor.slice(kind.kind.length + 1)
    this.kind = kind
    if (snapshot === undefined) {
      this.state = kind.initial(this.id)
    } else {
      this.state = kind.decodeState(snapshot.state)
      this.lastSeq = snapshot.seq
      restoreBalances(snapshot.balances, this.balances)
    }
  }

  /** Folds one record of this actor's; those at or below what the state already covers are skipped (J4). */
  replay(record: LogRecord): void {
    if (record.seq <= this.lastSeq) return
    for (const event of record.events) this.kind.evolve(this.state, this.kind.decodeEvent(event), record.atMs)
    postOwned(record.entries, this.balances)
    this.lastSeq = record.seq
  }

  snapshot(): ActorSnapshot {
    return {
      actor: this.actor,
      seq: this.lastSeq,
      state: this.kind.encodeState(this.state),
      balances: balanceRows(this.balances),
    }
  }
}
