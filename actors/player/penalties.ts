// What declining, and not coming, costs: some time without a queue, more with each fault of late.

import { RULES } from '../../shared/rules.ts'
import type { Player } from './state.ts'

/** `atMs` and later. Faults of long ago are forgiven together. */
export function penaltyAfter(
  before: Player['penalty'],
  atMs: number,
): { readonly count: number; readonly untilMs: number } {
  const isRecent = before !== null && before.atMs + RULES.penaltyForgivenAfterMs > atMs
  const count = (isRecent ? before.count : 0) + 1
  const step = RULES.penaltyMs[Math.min(count, RULES.penaltyMs.length) - 1] ?? 0
  return { count, untilMs: atMs + step }
}
