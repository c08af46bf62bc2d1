// Envelopes without money: what the players and whoever made the match are told. They may be refused or come back, which
// changes nothing here (M4).

import type { GameOutcome } from '../../shared/games/game.ts'
import { actorKey } from '../../shared/partition.ts'
import type { OutgoingEnvelope } from '../runtime/actor.ts'
import type { Json } from '../runtime/record.ts'
import type { Part } from './parts.ts'
import { ratedResults } from './ratings.ts'
import { type Made, type Match, seatNumbers, userOf, usersOf } from './state.ts'

/** To its source. */
export function matchNews(
  { id, spec }: Match,
  state: 'ready' | 'live' | 'finished' | 'settled' | 'cancelled',
  atFault: readonly string[] = [],
): Part {
  const source = spec?.source ?? null
  if (source === null) return {}
  return { outbox: [told(source, 'match_news', { match: id, state, at_fault: atFault })] }
}

export function engaged(id: string, { seats, source }: Made['spec']): Part {
  return {
    outbox: seats.flatMap(({ user, ticket }) => {
      if (user === null) return []
      const body = ticket === undefined ? { match: id, source } : { match: id, source, ticket }
      return [told(actorKey('player', user), 'engaged', body)]
    }),
  }
}

/** Free again. Each is told once: who forfeits is told so when it happens. */
export function matchOver(match: Match, seats: readonly number[], fault: boolean): Part {
  return {
    outbox: usersOf(match, seats).map((user) =>
      told(actorKey('player', user), 'match_over', { match: match.id, fault }),
    ),
  }
}

/** Of those who were told that they forfeited, and have not: what that cost them is taken back. */
export function reinstatedNews(match: Match, seats: readonly number[]): Part {
  return {
    outbox: usersOf(match, seats).map((user) => told(actorKey('player', user), 'reinstated', { match: match.id })),
  }
}

/** Of those who have not forfeited. */
export function everybodyFree(match: Match): Part {
  return matchOver(
    match,
    seatNumbers(match, ({ forfeit }) => !forfeit),
    false,
  )
}

/** Once, with the settlement. */
export function rated(match: Made, outcome: GameOutcome): Part {
  const { ratingKey } = match.spec
  if (ratingKey === null) return {}
  return {
    outbox: ratedResults(match, outcome).flatMap(({ seat, results }) => {
      const user = userOf(match, seat)
      if (user === null || results.length === 0) return []
      return [told(actorKey('player', user), 'rated', { match: match.id, rating_key: ratingKey, results })]
    }),
  }
}

function told(to: string, name: string, body: Json): OutgoingEnvelope {
  return { to, name, money: null, body }
}
