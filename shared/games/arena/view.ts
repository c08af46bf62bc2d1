// What a viewer may know. A seat sees itself and its team, enemies in its own line of sight, and the shots of those it
// sees; other shots it hears, if they are near, and only roughly from where. The public, and everybody once it is over,
// sees all.

import { squared } from '../fixed.ts'
import type { GameJson, SeatPosition, Viewer } from '../game.ts'
import { teamKills, ticksLeft } from './scoring.ts'
import { type ArenaState, AWAY, type Fighter, isAlive, NOBODY, OVER, sees } from './state.ts'
import { HEARD_CELL, HEARING } from './tuning.ts'
import { type ArenaView, FIGHTER, FIGHTER_STRIDE, MARK } from './viewLayout.ts'

const EARSHOT = squared(HEARING, 0)

export function arenaView(state: ArenaState, viewer: Viewer): ArenaView {
  const self = viewer.kind === 'seat' ? (state.fighters[viewer.seat] ?? null) : null
  // A seat that is not there is shown what a seat sees of nothing, not what the public sees.
  const isShownAll = viewer.kind === 'public' || state.clock.phase === OVER
  const fighters: number[] = []
  const shots: number[] = []
  const sounds: number[] = []
  for (const fighter of state.fighters) {
    const isShown = isShownAll || (self !== null && isVisible(self, fighter))
    if (isShown && isAlive(fighter)) {
      const { seat, x, y, aim, health } = fighter
      fighters.push(seat, x, y, aim, health, marksOf(fighter))
    }
    if (fighter.fired === 0) continue
    if (isShown) pushShot(state, shots, fighter, isShownAll ? null : self)
    else if (self !== null && isAlive(self)) pushSound(sounds, fighter, self)
  }
  return [headOf(state, self), teamsOf(state), rosterOf(state), fighters, shots, sounds]
}

export function isVisible(self: Fighter, other: Fighter): boolean {
  return self === other || self.team === other.team || sees(self, other)
}

function pushShot(state: ArenaState, shots: number[], shooter: Fighter, self: Fighter | null): void {
  const { seat, x, y, shotX, shotY } = shooter
  const target = state.fighters[shooter.struck]
  // Who was struck out of sight is known to the team that struck, and to nobody else.
  const isKnown = target !== undefined && (self === null || self.team === shooter.team || isVisible(self, target))
  shots.push(seat, x, y, shotX, shotY, isKnown ? shooter.struck : NOBODY)
}

function pushSound(sounds: number[], shooter: Fighter, self: Fighter): void {
  if (squared(shooter.x - self.x, shooter.y - self.y) <= EARSHOT) sounds.push(middleOf(shooter.x), middleOf(shooter.y))
}

const middleOf = (coordinate: number): number => Math.floor(coordinate / HEARD_CELL) * HEARD_CELL + HEARD_CELL / 2

function marksOf(fighter: Fighter): number {
  const shielded = fighter.shield > 0 ? MARK.shielded : 0
  const reloading = fighter.reload > 0 ? MARK.reloading : 0
  return shielded | reloading | (fighter.presence === AWAY ? MARK.away : 0)
}

function headOf(state: ArenaState, self: Fighter | null): number[] {
  const { clock, kits, limits } = state
  let there = 0
  for (let index = 0; index < kits.length; index += 1) if (kits[index] === 0) there |= 1 << index
  const respawn = self === null || isAlive(self) ? 0 : self.respawn
  const own = [self?.seat ?? NOBODY, self?.ammo ?? 0, self?.reload ?? 0, respawn]
  return [clock.tick, clock.phase, ticksLeft(state), ...own, there, limits.score]
}

function teamsOf(state: ArenaState): number[] {
  const rows: number[] = []
  for (const team of state.teams) rows.push(team, teamKills(state, team))
  return rows
}

function rosterOf(state: ArenaState): number[] {
  const rows: number[] = []
  for (const { team, kills, deaths, presence } of state.fighters) rows.push(team, kills, deaths, presence)
  return rows
}

/** Of the living, out of a public view. */
export function positionsIn(publicView: GameJson): SeatPosition[] {
  const [, , , rows] = publicView as unknown as ArenaView // what arenaView gave
  const positions: SeatPosition[] = []
  for (let at = 0; at < rows.length; at += FIGHTER_STRIDE) {
    const [seat, x, y] = [rows[at + FIGHTER.seat], rows[at + FIGHTER.x], rows[at + FIGHTER.y]]
    if (seat !== undefined && x !== undefined && y !== undefined) positions.push({ seat, x, y })
  }
  return positions
}
