// One actor as the projector keeps it: the state its records fold to, and the balances of its accounts.

import type { PartitionId } from '../../shared/ids.ts'
import type { AnyKind, RecordFate } from '../runtime/actor.ts'
import { Balances, postOwned } from '../runtime/books.ts'
import { balanceRows, restoreBalances } from '../runtime/ledgerState.ts'
import { listingOf } from '../runtime/listing.ts'
import type { ActorSnapshot } from '../runtime/ports.ts'
import type { LogRecord } from '../runtime/record.ts'
import type { ProjectedListing } from './ports.ts'

const NO_FATES: readonly RecordFate[] = Object.freeze([])

export class ActorFold {
  readonly actor: string
  /** Changed since the last round. */
  touched = false
  /** Changed since memory was last looked through for what to forget. */
  recent = true
  /** Whether lists may show it. */
  readonly lists: boolean
  private readonly kind: AnyKind
  /** Known only to the kind. */
  private readonly state: unknown
  private readonly balances = new Balances()
  private seq: number

  constructor(actor: string, kind: AnyKind, snapshot: ActorSnapshot | undefined) {
    this.actor = actor
    this.kind = kind
    this.lists = kind.listing !== undefined
    this.state =
      snapshot === undefined ? kind.initial(actor.slice(kind.kind.length + 1)) : kind.decodeState(snapshot.state)
    this.seq = snapshot?.seq ?? 0
    restoreBalances(snapshot?.balances ?? [], this.balances)
  }

  /**
   * Folds a record; those at or below what the state already covers are skipped (J4). Answers what its events make of
   * lines in the history.
   */
  apply(record: LogRecord): readonly RecordFate[] {
    const ahead = record.seq <= this.seq
    let fates: readonly RecordFate[] = NO_FATES
    for (const encoded of record.events) {
      const event = this.kind.decodeEvent(encoded)
      if (!ahead) this.kind.evolve(this.state, event, record.atMs)
      const fate = this.kind.fateOf?.(event) ?? null
      if (fate !== null) fates = [...fates, fate]
    }
    if (ahead) return fates
    postOwned(record.entries, this.balances)
    this.seq = record.seq
    return fates
  }

  /** As of the last record it covers. */
  listing(partition: PartitionId, failed: (actor: string, error: unknown) => void): ProjectedListing {
    const { actor, seq, kind, state } = this
    const listing = listingOf(kind, state, (error) => failed(actor, error))
    return { partition, actor, seq, version: kind.listingVersion ?? 1, listing }
  }

  snapshot(): ActorSnapshot {
    const { actor, seq, state, balances } = this
    return { actor, seq, state: this.kind.encodeState(state), balances: balanceRows(balances) }
  }
}

/** A3: only a record with events or entries changes its actor. */
export function changesActor(record: LogRecord): boolean {
  return record.events.length > 0 || record.entries.length > 0
}

/**
 * Every actor in memory. Those touched since their last round stay; of the others, beyond the limit, those that were
 * not used since the last look are forgotten, and read again when needed.
 */
export class ResidentActors {
  private readonly limit: number
  private readonly actors = new Map<string, ActorFold>()
  private touched = 0

  /** `limit`: actors kept beside the touched ones. */
  constructor(limit: number) {
    this.limit = limit
  }

  get(actor: string): ActorFold | undefined {
    return this.actors.get(actor)
  }

  add(fold: ActorFold): void {
    this.actors.set(fold.actor, fold)
  }

  touch(fold: ActorFold): void {
    fold.touched = true
    fold.recent = true
    this.touched++
  }

  /** After a round these wait no more. */
  settle(folds: readonly ActorFold[]): void {
    for (const fold of folds) fold.touched = false
    this.touched -= folds.length
    this.forgetSome()
  }

  forget(folds: readonly ActorFold[]): void {
    for (const fold of folds) if (this.actors.delete(fold.actor) && fold.touched) this.touched--
  }

  /** For actors that somebody else changes from now on. */
  forgetThose(are: (actor: string) => boolean): void {
    for (const [actor, fold] of this.actors) {
      if (!are(actor)) continue
      this.actors.delete(actor)
      if (fold.touched) this.touched--
    }
  }

  private forgetSome(): void {
    let excess = this.actors.size - this.touched - this.limit
    if (excess <= 0) return
    // The oldest come first; one used since the last look gets to the end of the line once.
    for (const [actor, fold] of this.actors) {
      if (excess <= 0) return
      if (fold.touched) continue
      this.actors.delete(actor)
      if (fold.recent) {
        fold.recent = false
        this.actors.set(actor, fold)
      } else {
        excess--
      }
    }
  }
}
