// The audit log of what staff do (S2): who called what, from where, and what it changed. Append-only, durable, never
// rebuilt; its entries are the links of one hash chain. It names people by their ids alone, so that a person can be
// erased elsewhere and the chain still holds. Every adapter passes test/conformance/auditLog.suite.ts.

import type { UserId } from '../../shared/ids.ts'
import type { Role } from '../identity/port.ts'

/**
 * `attempted`: a changing call is about to be made. `done`, `refused`, `failed`: how a call ended; after `failed` nobody
 * knows whether it took effect. `counted`: refusals of one caller within a minute, put together.
 */
export const OUTCOMES = ['attempted', 'done', 'refused', 'failed', 'counted'] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface AuditFact {
  /** Null for whoever did not say who they are, and for the command line. */
  readonly actor: UserId | null
  /** As stored when the call was made; empty where there is no actor. */
  readonly roles: readonly Role[]
  /** As declared, such as `/admin/users/{id}`; null where no route fits. The command line's begin with `cli`. */
  readonly route: string | null
  readonly method: string
  /** The route with its ids filled in; what is no id, and every query, is left out. */
  readonly path: string | null
  readonly outcome: Outcome
  /** Of the HTTP answer; null before there is one, and for the command line. */
  readonly status: number | null
  /** Of a refusal. */
  readonly code: string | null
  readonly requestId: string | null
  /** Where the call came from; `cli` for the command line. */
  readonly address: string | null
  /** The one id that the call is about. */
  readonly target: string | null
  /** Small JSON texts: what the call changed. */
  readonly before: string | null
  readonly after: string | null
  /** Of an outcome: the entry that says the call was attempted. */
  readonly attempt: number | null
  /** How many calls the entry speaks of: 1, but for `counted`. */
  readonly count: number
}

export interface AuditEntry extends AuditFact {
  /** From 1, without gaps. */
  readonly seq: number
  /** Never before that of the entry it follows. */
  readonly atMs: number
  /** Of the entry before; of the first, GENESIS. */
  readonly previous: string
  /** SHA-256 over the entry's text, which has `previous` in it. */
  readonly hash: string
}

/** What an adapter keeps of an entry: its exact text, and beside it what is searched. */
export interface StoredEntry {
  readonly seq: number
  readonly text: string
  readonly hash: string
  readonly searched: Searched
}

export type Searched = Pick<AuditEntry, 'atMs' | 'actor' | 'route' | 'outcome'>

export interface AuditHead {
  readonly seq: number
  readonly hash: string
}

export interface AuditQuery {
  /** Entries before this one; null for the newest. */
  readonly before: number | null
  /** 1 to 100. */
  readonly limit: number
  readonly actor: UserId | null
  readonly route: string | null
  readonly outcome: Outcome | null
  readonly fromMs: number | null
  /** Up to here, not included. */
  readonly toMs: number | null
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[]
  /** Where the next page begins; null where there is none. A page may be short, or empty, and have one. */
  readonly next: number | null
}

/**
 * Methods reject with `ServiceError('unavailable')` where the log cannot be read or written, and with `overloaded` where
 * too much waits. An append that was rejected may be on record all the same; one that resolved is, for good.
 */
export interface AuditLog {
  append(fact: AuditFact): Promise<AuditEntry>
  page(query: AuditQuery): Promise<AuditPage>
  /** Null while the log is empty. */
  head(): Promise<AuditHead | null>
  /** Entries after this one, as they are kept, in order: 1,000 at most. */
  read(after: number): Promise<readonly StoredEntry[]>
  close(): Promise<void>
}

/** One page looks at no more entries than this, so that a filter that fits nothing costs no more than one that does. */
export const SEARCHED_AT_ONCE = 20_000
export const READ_AT_ONCE = 1_000
