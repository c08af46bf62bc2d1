// What a result counts for ratings: each seat against each seat of every other team, as 1, 0.5 or 0, with the ratings that
// the server knew when the match was made. Bots have no rating, and count for nobody.

import type { GameOutcome } from '../../shared/games/game.ts'
import type { Made } from './state.ts'

export type RatedResult = readonly [rating: number, deviation: number, score: number]

export function ratedResults(
  match: Made,
  outcome: GameOutcome,
): readonly { readonly seat: number; readonly results: readonly RatedResult[] }[] {
  const positions = new Map(outcome.results.map(({ seat, position }) => [seat, position]))
  // Who forfeited comes after everybody who did not; two who did have not played each other.
  const place = (seat: number): number =>
    match.seats[seat]?.forfeit === true ? Number.POSITIVE_INFINITY : (positions.get(seat) ?? Number.MAX_SAFE_INTEGER)
  return match.spec.seats.map(({ team }, seat) => ({
    seat,
    results: match.spec.seats.flatMap((other, number): RatedResult[] => {
      if (other.team === team || other.user === null) return []
      const [mine, theirs] = [place(seat), place(number)]
      if (mine === theirs && mine === Number.POSITIVE_INFINITY) return []
      return [[other.rating, other.deviation, mine === theirs ? 0.5 : mine < theirs ? 1 : 0]]
    }),
  }))
}
