// What players say against a result while its window is open: each once. A dispute holds the whole pool until staff has
// decided, or everybody who disputed has taken it back. What evidence says is kept elsewhere (S2); here are its names.

import { RULES } from '../../shared/rules.ts'
import { type DecideContext, reject } from '../runtime/actor.ts'
import type { DisputeCommand } from './commands.ts'
import { after, isOverdue, joined, type MatchDecision, NOTHING_NEW, type Part, together, waitFor } from './parts.ts'
import { settledIfClear } from './play.ts'
import { type Dispute, type Made, seatOf } from './state.ts'

type CommandOf<Kind extends DisputeCommand['kind']> = Extract<DisputeCommand, { kind: Kind }>

export function decideDispute(match: Made, command: DisputeCommand, ctx: DecideContext): MatchDecision {
  const seat = seatOf(match, command.user)
  if (seat < 0) return reject('match.not_seated')
  if (command.kind === 'dispute') return decideRaise(match, seat, command, ctx)
  const dispute = match.disputes.find(({ id }) => id === command.id)
  if (dispute === undefined) return reject('match.dispute_unknown')
  if (dispute.status !== 'open') return reject('match.dispute_closed')
  switch (command.kind) {
    case 'evidence':
      return decideEvidence(dispute, seat, command)
    case 'vote':
      return decideVote(dispute, seat, command)
    case 'withdraw':
      return decideWithdraw(match, dispute, seat, ctx)
    default:
      return command satisfies never
  }
}

function decideRaise(match: Made, seat: number, command: CommandOf<'dispute'>, ctx: DecideContext): MatchDecision {
  const { type, evidence, ticks } = command
  // One each, ever: nobody holds a pool up by disputing and taking it back.
  if (match.disputes.some((dispute) => dispute.seat === seat)) return reject('match.dispute_exists')
  const open =
    match.status === 'disputed' ||
    (match.status === 'finished' && match.wait !== null && !isOverdue(match.wait, ctx.nowMs))
  if (!open) return reject('match.window_over')
  if (evidence.length > RULES.maxEvidencePerDispute) return reject('match.too_much_evidence')
  return together({
    events: [{ kind: 'disputed', id: ctx.recordId, seat, type, evidence, ticks }],
    timers: [{ kind: 'cancel', name: 'dispute' }],
    reply: { status: 'disputed' },
  })
}

function decideEvidence(dispute: Dispute, seat: number, { id, evidence }: CommandOf<'evidence'>): MatchDecision {
  if (dispute.evidence.length + evidence.length > RULES.maxEvidencePerDispute) return reject('match.too_much_evidence')
  return together({ events: [{ kind: 'evidence', id, seat, evidence }] })
}

function decideVote(dispute: Dispute, seat: number, { id, verdict }: CommandOf<'vote'>): MatchDecision {
  if (dispute.seat === seat) return reject('match.dispute_own')
  if (dispute.votes.some(([voter, said]) => voter === seat && said === verdict)) return NOTHING_NEW
  return together({ events: [{ kind: 'voted', id, seat, verdict }] })
}

/** Where none is left the window goes on, or, where it has passed meanwhile, the result stands. */
function decideWithdraw(match: Made, dispute: Dispute, seat: number, ctx: DecideContext): MatchDecision {
  if (dispute.seat !== seat) return reject('match.dispute_foreign')
  const last = !match.disputes.some(({ id, status }) => id !== dispute.id && status === 'open')
  const windowMs = match.windowDueMs
  const dueMs = last && windowMs !== null && windowMs > ctx.nowMs ? windowMs : null
  const withdrawn: Part = { events: [{ kind: 'withdrawn', id: dispute.id, dueMs }], reply: { status: 'withdrawn' } }
  if (!last) return together(withdrawn)
  if (dueMs !== null) return together(joined(withdrawn, waitFor('dispute', dueMs)))
  return together(withdrawn, settledIfClear(after(match, withdrawn, ctx.nowMs), ctx))
}
