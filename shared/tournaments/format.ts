// The words that every format of a tournament shares: what is played, who meets whom, how a match ended, and where
// everybody stands. Formats are pure: the same entrants, seed and results give the same pairings, byte for byte (J4).

import type { ErrorCode } from '../errors.ts'

/** A number that stays an entrant's own: a bracket of 4,096 names would be twice as large. */
export type EntrantId = number

export interface SingleElimination {
  readonly kind: 'single_elimination'
  readonly thirdPlace: boolean
}

export interface DoubleElimination {
  readonly kind: 'double_elimination'
  /** Whether a second final is played where the first one is the first defeat of who lost it. */
  readonly grandFinalReset: boolean
}

export interface RoundRobin {
  readonly kind: 'round_robin'
  /** How often everyone meets everyone. */
  readonly legs: number
  readonly groups?: {
    readonly count: number
    /** How many of each group go on to the playoff. */
    readonly advance: number
    readonly playoff: 'single' | 'double'
  }
}

export interface Swiss {
  readonly kind: 'swiss'
  /** `enough`: as many as leave one without a defeat, ceil(log2 n). */
  readonly rounds: number | 'enough'
  /** Whether it matters who has which side. */
  readonly sides: boolean
}

export type FormatSpec = SingleElimination | DoubleElimination | RoundRobin | Swiss

export type Result =
  | { readonly kind: 'win'; readonly winner: EntrantId; readonly score?: readonly [first: number, second: number] }
  /** Not in an elimination. */
  | { readonly kind: 'draw' }
  | { readonly kind: 'forfeit'; readonly loser: EntrantId }
  | { readonly kind: 'double_forfeit' }

export interface Pairing {
  /** Stable: it is part of the id of the match that is made of it. */
  readonly id: string
  /** From 1. */
  readonly round: number
  readonly stage: 'winners' | 'losers' | 'final' | 'third_place' | 'group' | 'swiss' | 'tie_break'
  /** Who has which side. */
  readonly sides: readonly [EntrantId, EntrantId]
}

export interface Standing {
  readonly entrant: EntrantId
  /** From 1. Shared places are one number: 1, 2, 2, 4. */
  readonly place: number
  readonly points: number
  /** Named values, in the order in which they decide. */
  readonly tiebreaks: Readonly<Record<string, number>>
}

export interface Refused {
  readonly kind: 'refused'
  readonly code: ErrorCode
}
