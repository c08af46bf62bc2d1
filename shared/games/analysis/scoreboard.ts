// What each seat did, counted from the events of a match by the names in game.ts.

import type { GameEvent, GameSetup } from '../game.ts'

export interface ScoreRow {
  readonly seat: number
  readonly team: number
  kills: number
  deaths: number
  assists: number
  points: number
  damage: number
  damageTaken: number
  shots: number
  hits: number
}

export interface ScoreboardRow extends Readonly<ScoreRow> {
  /** Hits of a thousand shots; null where there was none. */
  readonly accuracyPermille: number | null
}

export function emptyScores(setup: GameSetup): ScoreRow[] {
  return setup.seats.map(({ seat, team }) => ({
    ...{ seat, team, kills: 0, deaths: 0, assists: 0, points: 0 },
    ...{ damage: 0, damageTaken: 0, shots: 0, hits: 0 },
  }))
}

/** In place. A seat that is null, or that nobody has, did it to nobody's credit. */
export function countEvent(scores: readonly ScoreRow[], event: GameEvent): void {
  const actor = event.seat === null ? undefined : scores[event.seat]
  const target = event.target === null ? undefined : scores[event.target]
  const value = event.value ?? 0
  switch (event.kind) {
    case 'shot':
      if (actor !== undefined) actor.shots += 1
      return
    case 'hit':
      if (actor !== undefined) {
        actor.hits += 1
        actor.damage += value
      }
      if (target !== undefined) target.damageTaken += value
      return
    case 'kill':
      if (actor !== undefined) actor.kills += 1
      if (target !== undefined) target.deaths += 1
      return
    case 'assist':
      if (actor !== undefined) actor.assists += 1
      return
    case 'point':
      if (actor !== undefined) actor.points += value
      return
    default: // a kind of one game alone
  }
}

/** Best first: kills, points, damage, fewest deaths, seat. */
export function scoreboardOf(scores: readonly ScoreRow[]): ScoreboardRow[] {
  const rows = scores.map((row) => ({
    ...row,
    accuracyPermille: row.shots === 0 ? null : Math.floor((row.hits * 1000) / row.shots),
  }))
  return rows.sort((one, other) => {
    const byKills = other.kills - one.kills || other.points - one.points
    return byKills || other.damage - one.damage || one.deaths - other.deaths || one.seat - other.seat
  })
}
