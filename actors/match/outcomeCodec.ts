// The smaller things that both the events and the state of a match are made of, as the log and snapshots keep them:
// results, flags, rulings, who reported, and amounts by seat. Arrays, so that an addition stands at the end.

import type { GameFlag, GameOutcome } from '../../shared/games/game.ts'
import type { UserId } from '../../shared/ids.ts'
import type { Ruling, SeatAmount } from './commands.ts'
import type { ScoreView } from './views.ts'

/** [[seat, position, score]…], and the most valuable player. */
export type StoredOutcome = readonly [readonly (readonly [number, number, number])[], number | null]
export type StoredFlag = readonly [seat: number, rule: string, tick: number]
export type StoredAmount = readonly [seat: number, minor: string]
export type StoredRuling = readonly ['approve'] | readonly ['refund_all'] | StoredCustom | StoredOther
type StoredCustom = readonly ['custom', readonly StoredAmount[]]
type StoredOther = readonly ['outcome', StoredOutcome]
/** Kind, and the id where there is one. */
export type StoredReporter = readonly [ScoreView['by']['kind'], string]

export function encodeOutcome({ results, mvp }: GameOutcome): StoredOutcome {
  return [results.map(({ seat, position, score }) => [seat, position, score] as const), mvp]
}

export function decodeOutcome([results, mvp]: StoredOutcome): GameOutcome {
  return { results: results.map(([seat, position, score]) => ({ seat, position, score })), mvp }
}

export function encodeFlag({ seat, rule, tick }: GameFlag): StoredFlag {
  return [seat, rule, tick]
}

export function decodeFlag([seat, rule, tick]: StoredFlag): GameFlag {
  return { seat, rule, tick }
}

export function encodeAmount({ seat, amountMinor }: SeatAmount): StoredAmount {
  return [seat, amountMinor.toString()]
}

export function decodeAmount([seat, minor]: StoredAmount): SeatAmount {
  return { seat, amountMinor: BigInt(minor) }
}

export function encodeRuling(ruling: Ruling): StoredRuling {
  switch (ruling.kind) {
    case 'approve':
    case 'refund_all':
      return [ruling.kind]
    case 'custom':
      return ['custom', ruling.payouts.map(encodeAmount)]
    case 'outcome':
      return ['outcome', encodeOutcome(ruling.outcome)]
    default:
      return ruling satisfies never
  }
}

export function decodeRuling(stored: StoredRuling): Ruling {
  switch (stored[0]) {
    case 'approve':
    case 'refund_all':
      return { kind: stored[0] }
    case 'custom':
      return { kind: 'custom', payouts: stored[1].map(decodeAmount) }
    case 'outcome':
      return { kind: 'outcome', outcome: decodeOutcome(stored[1]) }
    default:
      return stored satisfies never
  }
}

export function encodeReporter(by: ScoreView['by']): StoredReporter {
  return [by.kind, 'id' in by ? by.id : '']
}

export function decodeReporter([kind, id]: StoredReporter): ScoreView['by'] {
  switch (kind) {
    case 'server':
      return { kind, id }
    case 'player':
    case 'operator':
      return { kind, id: id as UserId } // written by encodeReporter
    case 'loop':
    case 'walkover':
      return { kind }
    default:
      return kind satisfies never
  }
}
