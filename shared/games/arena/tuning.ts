// The numbers of the arena: lengths in thousandths of a unit, times in ticks. A change of any of them is a new version.

import { ONE } from '../fixed.ts'

export const HZ = 20
const SECOND = HZ

/** Half the side of the square that walls stop. Less than half a gap of one cell by more than half a step. */
export const BODY_HALF = 350
/** Of the circle that shots meet. */
export const BODY_RADIUS = 450
export const STEP = 260
/** STEP / sqrt 2: a slanting step is as long as a straight one. */
export const STEP_SLANTING = 184

export const FULL_HEALTH = 100
export const DAMAGE = 20
export const MAGAZINE = 12
export const COOLDOWN_TICKS = 3
export const RELOAD_TICKS = 28
/** Steps of the angle to either side; a shot is drawn from all of them. */
export const SPREAD_STANDING = 1
export const SPREAD_MOVING = 7
/** Also how far a shot goes: nobody is shot at from where they could not see. */
export const SIGHT = 18 * ONE
export const HEARING = 22 * ONE
/** What is only heard is known to the cell of this size. */
export const HEARD_CELL = 4 * ONE

/** Nobody is hurt for so long after they come back, or until they shoot. */
export const SHIELD_TICKS = SECOND
export const KIT_HEALTH = 50
export const KIT_REACH = 700
export const KIT_TICKS = 15 * SECOND

export const FIRE = 1
export const RELOAD = 2
/** Every bit a client may set. */
export const BUTTONS = FIRE | RELOAD

/** A third of a turn at once, at a sixth of a turn a tick or faster (1200 degrees a second): no hand does it four times. */
export const SNAP_TURN = 341
export const SNAP_RATE = 171
export const SNAP_HITS = 4

export interface Limits {
  readonly timeTicks: number
  /** While it is equal: the next kill decides. */
  readonly overtimeTicks: number
  /** Kills of a team; 0 for no limit. */
  readonly score: number
  readonly respawnTicks: number
}

const standard = (score: number): Limits => {
  return { timeTicks: 180 * SECOND, overtimeTicks: 30 * SECOND, score, respawnTicks: 3 * SECOND }
}

export const LIMITS = {
  ffa: standard(15),
  '1v1': standard(10),
  '2v2': standard(15),
  '3v3': standard(20),
  '4v4': standard(25),
  '5v5': standard(30),
  blitz: { timeTicks: 30 * SECOND, overtimeTicks: 10 * SECOND, score: 0, respawnTicks: (3 * SECOND) / 2 },
} as const satisfies Readonly<Record<string, Limits>>

export type ArenaMode = keyof typeof LIMITS

export const MOST_TICKS = Math.max(...Object.values(LIMITS).map((limits) => limits.timeTicks + limits.overtimeTicks))
