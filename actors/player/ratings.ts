// Glicko-2 by its library, with the numbers of RULES. What comes out is rounded, so that what the log says is short and
// means the same everywhere; the log has the result, and nobody computes it again.

import rate from 'glicko2-lite'
import { RULES } from '../../shared/rules.ts'
import type { Rating } from './state.ts'

export const NEW_RATING: Rating = Object.freeze({
  rating: RULES.ratingStart,
  deviation: RULES.ratingDeviationStart,
  volatility: RULES.ratingVolatilityStart,
  matches: 0,
})

/** `results`: [rating, deviation, score] of each opponent, as they were before the match. */
export function rerated(
  before: Rating,
  results: readonly (readonly [number, number, number])[],
): Pick<Rating, 'rating' | 'deviation' | 'volatility'> {
  const { rating, deviation, volatility } = before
  const opponents = results.map(([theirs, spread, score]): [number, number, number] => [theirs, spread, score])
  const after = rate(rating, deviation, volatility, opponents, {
    rating: RULES.ratingStart,
    tau: RULES.ratingTau,
  })
  return {
    rating: rounded(after.rating, 100),
    // Nobody is known less well than somebody new.
    deviation: Math.min(RULES.ratingDeviationStart, rounded(after.rd, 100)),
    volatility: rounded(after.vol, 1_000_000),
  }
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts
}

export type Rank = keyof typeof RULES.ranksFrom | 'bronze'

/** Null under so many matches that a rating says little. */
export function rankOf({ rating, matches }: Rating): Rank | null {
  if (matches < RULES.provisionalMatches) return null
  let rank: Rank = 'bronze'
  for (const [name, from] of Object.entries(RULES.ranksFrom)) {
    if (rating >= from) rank = name as Rank // a key of the table
  }
  return rank
}
