// M6: the keys one actor has answered. Recent outcomes are kept whole; older ones, once the store has them, shrink to a
// fingerprint. An unknown fingerprint proves a key new without asking; a known one means: look in the store.

import type { KeyOutcome } from './ports.ts'

/** Outcomes kept whole per actor before they shrink. */
const RECENT_LIMIT = 64
const GENERATION_MS = 60 * 60 * 1000

export type KeyLookup =
  | { readonly kind: 'known'; readonly outcome: KeyOutcome }
  | { readonly kind: 'new' }
  | { readonly kind: 'in_store' }

interface Generation {
  readonly hour: number
  readonly fingerprints: Set<number>
}

const NONE: readonly Generation[] = Object.freeze([])
const NEW: KeyLookup = Object.freeze({ kind: 'new' })
const IN_STORE: KeyLookup = Object.freeze({ kind: 'in_store' })

export class KeyWindow {
  /** In the order they were answered; null before the first: many actors only ever receive. */
  private recent: Map<string, KeyOutcome> | null = null
  /** How often an outcome has left for the store: a read that began before may have missed it. */
  shrunk = 0
  /** Fingerprints by the hour of their record, so that they can be let go of when the window has passed. */
  private older: readonly Generation[] = NONE

  find(key: string): KeyLookup {
    const outcome = this.recent?.get(key)
    if (outcome !== undefined) return { kind: 'known', outcome }
    if (this.older.length === 0) return NEW
    const print = fingerprint(key)
    return this.older.some((generation) => generation.fingerprints.has(print)) ? IN_STORE : NEW
  }

  /** Notes an outcome; `projectedSeq` says which ones the store has, `windowMs` how long they count. */
  add(outcome: KeyOutcome, projectedSeq: number, windowMs: number): void {
    this.recent ??= new Map()
    const { recent } = this
    recent.set(outcome.key, outcome)
    if (recent.size <= RECENT_LIMIT) return
    for (const [key, oldest] of recent) {
      if (recent.size <= RECENT_LIMIT || oldest.seq > projectedSeq) return
      recent.delete(key)
      this.shrink(oldest, outcome.atMs - windowMs)
    }
  }

  private shrink(outcome: KeyOutcome, sinceMs: number): void {
    this.shrunk++
    if (outcome.atMs < sinceMs) return
    const hour = Math.floor(outcome.atMs / GENERATION_MS)
    let generation = this.older.at(-1)
    if (generation === undefined || generation.hour !== hour) {
      this.older = this.older.filter((old) => (old.hour + 1) * GENERATION_MS >= sinceMs)
      generation = { hour, fingerprints: new Set() }
      this.older = [...this.older, generation]
    }
    generation.fingerprints.add(fingerprint(outcome.key))
  }
}

/** 30 bits, so that a Set holds them as small integers. */
function fingerprint(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 15
  return (Math.imul(hash, 0x2c1b3c6d) >>> 2) & 0x3fffffff
}
