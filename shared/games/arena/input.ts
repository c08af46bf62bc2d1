// What a seat holds: where to it walks, where it aims, which buttons are down.

import { TURN } from '../angles.ts'
import type { GameJson } from '../game.ts'
import { BUTTONS } from './tuning.ts'

export interface ArenaInput {
  /** -1, 0 or 1. */
  readonly moveX: number
  readonly moveY: number
  /** 0 to TURN - 1. */
  readonly aim: number
  readonly buttons: number
}

/** `[moveX, moveY, aim, buttons]`. Null for anything else; never throws. */
export function readInput(raw: unknown): ArenaInput | null {
  if (!Array.isArray(raw) || raw.length !== 4) return null
  const [moveX, moveY, aim, buttons]: unknown[] = raw
  if (!isWhole(moveX, -1, 1) || !isWhole(moveY, -1, 1)) return null
  if (!isWhole(aim, 0, TURN - 1) || !isWhole(buttons, 0, BUTTONS)) return null
  // Adding 0 makes a zero of a negative zero, which a recording would not keep.
  return { moveX: moveX + 0, moveY: moveY + 0, aim: aim + 0, buttons: buttons + 0 }
}

export function writeInput({ moveX, moveY, aim, buttons }: ArenaInput): GameJson {
  return [moveX, moveY, aim, buttons]
}

function isWhole(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
}
