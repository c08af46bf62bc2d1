// Whether a result is one of this match, and whether two are the same.

import type { GameOutcome } from '../../shared/games/game.ts'
import type { Made } from './state.ts'

/** One place for each seat, the same for all of a team; the most valuable player has a seat. */
export function isOutcomeOf({ spec }: Made, { results, mvp }: GameOutcome): boolean {
  const { seats } = spec
  if (results.length !== seats.length || new Set(results.map(({ seat }) => seat)).size !== seats.length) return false
  const places = new Map<number, number>()
  for (const { seat, position, score } of results) {
    const team = seats[seat]?.team
    if (team === undefined || !Number.isSafeInteger(position) || position < 1 || position > seats.length) return false
    if (!Number.isFinite(score)) return false
    if ((places.get(team) ?? position) !== position) return false
    places.set(team, position)
  }
  return mvp === null || seats[mvp] !== undefined
}

/** In the order of the seats, so that equal results are equal texts. */
export function inOrder({ results, mvp }: GameOutcome): GameOutcome {
  return { results: results.toSorted((a, b) => a.seat - b.seat), mvp }
}

export function sameOutcome(a: GameOutcome, b: GameOutcome): boolean {
  return outcomeText(a) === outcomeText(b)
}

export function outcomeText(outcome: GameOutcome): string {
  const { results, mvp } = inOrder(outcome)
  return JSON.stringify([results.map(({ seat, position, score }) => [seat, position, score]), mvp])
}

/** Those who are left have won; whoever forfeited comes after them. */
export function walkover({ seats }: Pick<Made, 'seats'>): GameOutcome {
  const left = seats.filter(({ forfeit }) => !forfeit).length
  return {
    results: seats.map(({ forfeit }, seat) => ({ seat, position: forfeit ? left + 1 : 1, score: 0 })),
    mvp: null,
  }
}
