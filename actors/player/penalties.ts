// What declining, and not coming, costs: some time without a queue, more with each fault of late.

import { RULES } from '../../shared/rules.ts'
import type { Penalty } from './commands.ts'

/** `atMs` and later. Faults of long ago are forgiven together. */
export function penaltyAfter(
  before: Penalty | null,
  atMs: number,
): { readonly count: number; readonly untilMs: number } {
  const isRecent = before !== null && before.atMs + RULES.penaltyForgivenAfterMs > atMs
  const count = (isRecent ? before.count : 0) + 1
  const step = RULES.penaltyMs[Math.min(count, RULES.penaltyMs.length) - 1] ?? 0
  return { count, untilMs: atMs + step }
}

export type StoredPenalty = readonly [count: number, untilMs: number, atMs: number]

export function encodePenalty(penalty: Penalty | null): StoredPenalty | null {
  return penalty === null ? null : [penalty.count, penalty.untilMs, penalty.atMs]
}

export function decodePenalty(stored: StoredPenalty | null): Penalty | null {
  return stored === null ? null : { count: stored[0], untilMs: stored[1], atMs: stored[2] }
}
