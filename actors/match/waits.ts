// What happens when a wait is over (A7). A timer that comes more than ten seconds late finds that the server was down: its
// wait is then given once more, in full, for nobody could do what it waited for.

import type { DecideContext } from '../runtime/actor.ts'
import type { MatchCommand, Wait } from './commands.ts'
import { disputeMsOf } from './minima.ts'
import { after, type MatchDecision, NOTHING_NEW, together, waitFor, wasDown } from './parts.ts'
import { begun, finished, forfeited, settledIfClear } from './play.ts'
import { cancel } from './settling.ts'
import { type Made, seatNumbers } from './state.ts'

export function decideDue(
  match: Made,
  { wait, dueMs }: Extract<MatchCommand, { kind: 'due' }>,
  ctx: DecideContext,
): MatchDecision {
  // Overtaken: what it waited for has happened.
  if (match.wait === null || match.wait.kind !== wait || match.wait.dueMs !== dueMs) return NOTHING_NEW
  if (wasDown(dueMs, ctx.nowMs)) {
    const again = ctx.nowMs + lengthOf(match, wait)
    return together({ events: [{ kind: 'extended', wait, dueMs: again }] }, waitFor(wait, again))
  }
  switch (wait) {
    case 'funding':
      return together(
        cancel(
          match,
          'not_funded',
          seatNumbers(match, ({ ready }) => !ready),
        ),
      )
    case 'ready': {
      const absent = forfeited(
        match,
        seatNumbers(match, ({ arrived, forfeit }) => !arrived && !forfeit),
        'absent',
      )
      return together(absent, begun(after(match, absent, ctx.nowMs), ctx))
    }
    case 'live':
      // A result that nobody has decided about is one to look at; without any, nobody has won.
      return match.score === null || match.score.status === 'cancelled'
        ? together(cancel(match, 'no_result', []))
        : together(finished(match, null, ctx))
    case 'dispute': {
      const settled = settledIfClear(match, ctx)
      return settled.events === undefined ? together({ events: [{ kind: 'window_closed' }] }) : together(settled)
    }
    default:
      return wait satisfies never
  }
}

function lengthOf({ spec }: Made, wait: Wait): number {
  switch (wait) {
    case 'funding':
      return spec.fundingMs
    case 'ready':
      return spec.readyMs
    case 'live':
      return spec.maxLiveMs
    case 'dispute':
      return disputeMsOf(spec)
    default:
      return wait satisfies never
  }
}
