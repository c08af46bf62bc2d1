// Arena states that a test puts in order by hand: who stands where, and what they hold.

import { arena } from '../../../shared/games/arena/arena.ts'
import type { ArenaInput } from '../../../shared/games/arena/input.ts'
import { isSolid } from '../../../shared/games/arena/maps.ts'
import { look } from '../../../shared/games/arena/sight.ts'
import type { ArenaState, Fighter } from '../../../shared/games/arena/state.ts'
import { BODY_HALF, FIRE } from '../../../shared/games/arena/tuning.ts'
import type { GameEvent, SeatChange } from '../../../shared/games/game.ts'

export interface Stage {
  readonly state: ArenaState
  fighter(seat: number): Fighter
  /** Steps so many ticks; each seat named sends the same in every one. */
  step(
    inputs?: Readonly<Record<number, Partial<ArenaInput>>>,
    ticks?: number,
    changes?: readonly SeatChange[],
  ): GameEvent[]
}

/** Row 1 of `pit` is free from end to end: seats stand in it at these places, ready and unshielded. */
export function lineUp(
  columns: readonly number[],
  { mode = '1v1', map = 'pit', y = 1500, teams = [0, 1] } = {},
): Stage {
  const seats = columns.map((_, seat) => ({ seat, team: teams[seat] ?? seat % 2, bot: false }))
  const state = arena.init({ seed: 'stage', mode, map, seats })
  for (const [seat, x] of columns.entries()) {
    const fighter = state.fighters[seat]
    if (fighter !== undefined) Object.assign(fighter, { x, y, aim: seat === 0 ? 0 : 512, shield: 0 })
  }
  look(state)
  return stageOf(state)
}

export function stageOf(state: ArenaState): Stage {
  const fighter = (seat: number): Fighter => {
    const found = state.fighters[seat]
    if (found === undefined) throw new Error(`nobody has seat ${seat}`)
    return found
  }
  const step: Stage['step'] = (inputs = {}, ticks = 1, changes = []) => {
    const events: GameEvent[] = []
    for (let tick = 0; tick < ticks; tick += 1) {
      const sent = Object.entries(inputs).map(([seat, input]) => {
        const held = fighter(Number(seat))
        const whole = { moveX: 0, moveY: 0, aim: held.aim, buttons: 0, ...input }
        return { seat: Number(seat), input: whole }
      })
      events.push(...arena.step(state, sent, tick === 0 ? changes : []))
    }
    return events
  }
  return { state, fighter, step }
}

export const SHOOT: Partial<ArenaInput> = { buttons: FIRE }

/** Whether a body there stands in no wall and inside the map. */
export function fits({ map }: ArenaState, x: number, y: number): boolean {
  for (const dx of [-BODY_HALF, BODY_HALF]) {
    for (const dy of [-BODY_HALF, BODY_HALF]) {
      if (isSolid(map, Math.floor((x + dx) / 1000), Math.floor((y + dy) / 1000))) return false
    }
  }
  return true
}

export const kinds = (events: readonly GameEvent[]): string[] => events.map(({ kind }) => kind)
