// What the auditor's reading of a batch gives (lines.ts): the decoded header and records. Raw JSON stays for what only an
// actor's kind understands.

import type { Raw } from './raw.ts'

export interface HeaderLine {
  readonly partition: number
  readonly epoch: number
  readonly prev: string
  readonly first: number
  readonly count: number
  /** [destination, number through] of envelopes said to be durable there. */
  readonly delivered: readonly (readonly [number, number])[]
}

export interface MoneyLine {
  readonly asset: string
  readonly amountMinor: bigint
}

export interface EntryLine extends MoneyLine {
  readonly account: string
  readonly debit: boolean
  readonly afterMinor: bigint
}

export interface EnvelopeLine {
  readonly destination: number
  readonly number: number
  readonly to: string
  readonly name: string
  readonly money: MoneyLine | null
  readonly body: Raw
}

/** `dueMs` is null where the timer is cancelled. */
export interface TimerLine {
  readonly name: string
  readonly dueMs: number | null
  readonly body: Raw
}

export type CauseLine =
  | { readonly kind: 'command'; readonly name: string; readonly key: string; readonly hash: string }
  | { readonly kind: 'envelope'; readonly source: number; readonly number: number; readonly seq: number }
  | { readonly kind: 'timer'; readonly name: string; readonly dueMs: number }
  | { readonly kind: 'epoch' }

export interface RecordLine {
  readonly seq: number
  readonly atMs: number
  readonly actor: string
  readonly cause: CauseLine
  /** Refusal code, or null. */
  readonly refused: string | null
  readonly parked: boolean
  readonly operation: string
  /** A list. */
  readonly events: Raw
  readonly entries: readonly EntryLine[]
  readonly outbox: readonly EnvelopeLine[]
  readonly timers: readonly TimerLine[]
  readonly reply: Raw
}
