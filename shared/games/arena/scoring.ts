// When it is over, and who won: a team's score is its kills. At the time limit the leading team wins; while several lead,
// overtime goes on until one does. Teams of which nobody is left come last.

import type { GameOutcome } from '../game.ts'
import { type ArenaState, type Fighter, LEFT, OVER, OVERTIME, PLAYING } from './state.ts'

export function teamKills({ fighters }: ArenaState, team: number): number {
  let kills = 0
  for (const fighter of fighters) if (fighter.team === team) kills += fighter.kills
  return kills
}

export function ticksLeft({ clock, limits }: ArenaState): number {
  if (clock.phase === OVER) return 0
  const end = clock.phase === PLAYING ? limits.timeTicks : limits.timeTicks + limits.overtimeTicks
  return Math.max(0, end - clock.tick)
}

function isStanding({ fighters }: ArenaState, team: number): boolean {
  for (const fighter of fighters) if (fighter.team === team && fighter.presence !== LEFT) return true
  return false
}

/** At the end of each tick. */
export function judge(state: ArenaState): void {
  const { clock, limits, teams } = state
  let standing = 0
  let most = -1
  let leading = 0
  for (const team of teams) {
    if (!isStanding(state, team)) continue
    standing += 1
    const kills = teamKills(state, team)
    if (kills === most) leading += 1
    else if (kills > most) {
      most = kills
      leading = 1
    }
  }
  const isDecided = leading === 1 && ((limits.score > 0 && most >= limits.score) || clock.tick >= limits.timeTicks)
  if (standing <= 1 || isDecided || clock.tick >= limits.timeTicks + limits.overtimeTicks) clock.phase = OVER
  else if (clock.tick >= limits.timeTicks) clock.phase = OVERTIME
}

export function outcomeOf(state: ArenaState): GameOutcome | null {
  if (state.clock.phase !== OVER) return null
  // Nobody left at all: nobody is last for it.
  const anybody = state.teams.some((team) => isStanding(state, team))
  const worth = new Map(
    state.teams.map((team) => [team, anybody && !isStanding(state, team) ? -1 : teamKills(state, team)]),
  )
  const worthOf = (fighter: Fighter) => worth.get(fighter.team) ?? -1
  const results = state.fighters.map((fighter) => {
    const ahead = state.fighters.filter((other) => worthOf(other) > worthOf(fighter)).length
    return { seat: fighter.seat, position: ahead + 1, score: fighter.kills }
  })
  return { results, mvp: mvpOf(state) }
}

/** Most kills, then most damage, then fewest deaths; nobody where that leaves several, and nobody who left. */
function mvpOf({ fighters }: ArenaState): number | null {
  const ranked = fighters.filter((fighter) => fighter.presence !== LEFT).sort(byWorth)
  const [best, next] = ranked
  if (best === undefined || best.kills === 0) return null
  return next !== undefined && byWorth(best, next) === 0 ? null : best.seat
}

function byWorth(first: Fighter, second: Fighter): number {
  return second.kills - first.kills || second.damage - first.damage || first.deaths - second.deaths
}
