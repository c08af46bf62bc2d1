// What stands where in a view of the arena: six arrays of integers, in this order. Lengths are thousandths of a unit,
// times are ticks, angles are 1024 to a turn from x (right) towards y (down). Whoever draws reads this file, and
// `arenaScene` for what does not move.

import { TURN } from '../angles.ts'
import { ONE } from '../fixed.ts'
import { DEFAULT_MAP, MAPS } from './maps.ts'
import * as tuning from './tuning.ts'

/** The parts of a view. */
export const PART = { head: 0, teams: 1, roster: 2, fighters: 3, shots: 4, sounds: 5 } as const

/** `ticksLeft`: until the time, or the overtime, is over. What is the viewer's own is 0 where the public looks. */
export const HEAD = {
  tick: 0,
  phase: 1,
  ticksLeft: 2,
  /** -1: the public. */
  viewer: 3,
  ammo: 4,
  reloadTicks: 5,
  respawnTicks: 6,
  /** A bit for each kit that is there, in the order of the scene. */
  kits: 7,
  /** 0: no limit. */
  scoreLimit: 8,
} as const
export const PHASE = { playing: 0, overtime: 1, over: 2 } as const

/** A row for each team. */
export const TEAM = { team: 0, kills: 1 } as const
export const TEAM_STRIDE = 2

/** A row for each seat, in order. Everybody may know it. */
export const ROSTER = { team: 0, kills: 1, deaths: 2, presence: 3 } as const
export const ROSTER_STRIDE = 4
export const PRESENCE = { left: 0, present: 1, away: 2 } as const

/** A row for each of the living that the viewer may see. */
export const FIGHTER = { seat: 0, x: 1, y: 2, aim: 3, health: 4, marks: 5 } as const
export const FIGHTER_STRIDE = 6
export const MARK = { shielded: 1, reloading: 2, away: 4 } as const

/** A row for each shot of this tick that the viewer may see. `struck` is a seat, or -1. */
export const SHOT = { seat: 0, fromX: 1, fromY: 2, toX: 3, toY: 4, struck: 5 } as const
export const SHOT_STRIDE = 6

/** A row for each shot of this tick that is only heard: the middle of the cell it came from. */
export const SOUND = { x: 0, y: 1 } as const
export const SOUND_STRIDE = 2

/** The parts, in order. */
export type ArenaView = readonly [
  head: readonly number[],
  teams: readonly number[],
  roster: readonly number[],
  fighters: readonly number[],
  shots: readonly number[],
  sounds: readonly number[],
]

/** What a client sends: `[moveX, moveY, aim, buttons]`; a move is -1, 0 or 1 on each axis. It holds until the next. */
export const INPUT = { moveX: 0, moveY: 1, aim: 2, buttons: 3 } as const
export const BUTTON = { fire: tuning.FIRE, reload: tuning.RELOAD } as const

/** What does not move, and the sizes to draw by, of the map of a setup. Null for a map that is not there. */
export function arenaScene(mapId: string | null) {
  const map = MAPS.get(mapId ?? DEFAULT_MAP)
  if (map === undefined) return null
  const { id, width, height, walls, kits } = map
  return {
    ...{ map: id, width, height, walls, kits },
    ...{ unit: ONE, turn: TURN, hz: tuning.HZ, fullHealth: tuning.FULL_HEALTH, magazine: tuning.MAGAZINE },
    ...{ bodyRadius: tuning.BODY_RADIUS, sight: tuning.SIGHT, hearing: tuning.HEARING, heardCell: tuning.HEARD_CELL },
    ...{ reloadTicks: tuning.RELOAD_TICKS },
  }
}

export type ArenaScene = NonNullable<ReturnType<typeof arenaScene>>
