// The life of a result: submitted, under_review, verified, disputed, conciliated, finalized, or cancelled. An external game
// server's word is verified as it comes, for it is signed; players agree or are looked at; staff's word another confirms.

import type { GameOutcome } from '../../shared/games/game.ts'
import type { UserId } from '../../shared/ids.ts'
import { type DecideContext, refuseInput, reject } from '../runtime/actor.ts'
import type { MatchCommand } from './commands.ts'
import type { MatchEvent } from './events.ts'
import { inOrder, isOutcomeOf, sameOutcome } from './outcomes.ts'
import { after, joined, type MatchDecision, NOTHING_NEW, type Part, together } from './parts.ts'
import { finished, settledIfClear } from './play.ts'
import { isLarge } from './rulings.ts'
import { settleByResult } from './settling.ts'
import { type Made, seatNumbers, seatOf, teamsLeft, userOf } from './state.ts'

type CommandOf<Kind extends MatchCommand['kind']> = Extract<MatchCommand, { kind: Kind }>

export function decideReport(
  match: Made,
  { by, outcome: said }: CommandOf<'report'>,
  ctx: DecideContext,
): MatchDecision {
  if (by.kind === 'player' && seatOf(match, by.id) < 0) return reject('match.not_seated')
  if (by.kind === 'operator' && seatOf(match, by.id) >= 0) return reject('match.own')
  if (match.status !== 'live') return reject('match.not_live')
  if (!match.spec.external && by.kind !== 'operator') return reject('match.played_here')
  if (!isOutcomeOf(match, said)) return refuseInput('match.outcome_invalid')
  const outcome = inOrder(said)
  const open = match.score !== null && match.score.status !== 'cancelled'
  switch (by.kind) {
    case 'server':
      // A signed word stands above what players have said, and below what staff has.
      if (open && match.score?.by.kind !== 'player') return reject('match.score_exists')
      return together(finished(match, scored(by, 'verified', outcome), ctx))
    case 'operator':
      if (open) return reject('match.score_exists')
      return together({ events: [scored(by, 'submitted', outcome)], reply: { status: 'submitted' } })
    case 'player':
      if (open && match.score?.by.kind !== 'player') return reject('match.score_exists')
      return told(match, by.id, outcome, ctx)
    default:
      return by satisfies never
  }
}

function scored(by: CommandOf<'report'>['by'], status: 'submitted' | 'verified', outcome: GameOutcome): MatchEvent {
  return { kind: 'scored', by, status, outcome, hash: null, recording: null, flags: [] }
}

/** Players agree where each team has spoken, most of those who play have, and nobody has said otherwise. */
function told(match: Made, user: UserId, outcome: GameOutcome, ctx: DecideContext): MatchDecision {
  const seat = seatOf(match, user)
  const before = match.told.find(([number]) => number === seat)
  if (before !== undefined) return sameOutcome(before[1], outcome) ? NOTHING_NEW : reject('match.told')
  const first = match.score === null || match.score.status === 'cancelled'
  const word: Part = {
    events: [
      { kind: 'told', seat, outcome },
      ...(first ? [scored({ kind: 'player', id: user }, 'submitted', outcome)] : []),
    ],
    reply: { status: 'submitted' },
  }
  const next = after(match, word, ctx.nowMs)
  if (next.score?.status !== 'submitted') return together(word)
  if (next.told.some(([, other]) => !sameOutcome(other, outcome))) {
    const doubt: MatchEvent = { kind: 'score_moved', to: 'under_review', by: user, note: 'contradicted' }
    return together({ ...word, events: [...(word.events ?? []), doubt] })
  }
  if (!agreed(next)) return together(word)
  const consent: Part = { events: [{ kind: 'score_moved', to: 'verified', by: user, note: 'agreed' }] }
  return together(word, consent, finished(after(next, consent, ctx.nowMs), null, ctx))
}

function agreed(match: Made): boolean {
  const playing = seatNumbers(match, ({ forfeit }, seat) => !forfeit && userOf(match, seat) !== null)
  const spoken = playing.filter((seat) => match.told.some(([number]) => number === seat))
  const teams = new Set(spoken.map((seat) => match.spec.seats[seat]?.team))
  return spoken.length * 2 > playing.length && teams.size >= teamsLeft(match)
}

export function decideScore(match: Made, command: CommandOf<'score'>, ctx: DecideContext): MatchDecision {
  const { step, by, note } = command
  const { score } = match
  if (score === null) return reject('match.score_unknown')
  if (seatOf(match, by) >= 0) return reject('match.own')
  const waiting = score.status === 'submitted' || score.status === 'under_review'
  switch (step) {
    case 'review':
      if (score.status !== 'submitted') return reject('match.score_state')
      return together({ events: [{ kind: 'score_moved', to: 'under_review', by, note }] })
    case 'verify': {
      if (!waiting) return reject('match.score_state')
      // Four eyes: a result that staff has reported is confirmed by somebody else.
      if (score.by.kind === 'operator' && score.by.id === by && isLarge(match, ctx)) return reject('match.four_eyes')
      const verified: Part = {
        events: [{ kind: 'score_moved', to: 'verified', by, note }],
        reply: { status: 'verified' },
      }
      const next = after(match, verified, ctx.nowMs)
      if (match.status === 'live') return together(verified, finished(next, null, ctx))
      return together(verified, match.wait === null && match.status === 'finished' ? settledIfClear(next, ctx) : {})
    }
    case 'cancel':
      // Of a match that is over, what becomes of its pool is a ruling.
      if (!waiting || match.status !== 'live') return reject('match.score_state')
      return together({ events: [{ kind: 'score_moved', to: 'cancelled', by, note }], reply: { status: 'cancelled' } })
    case 'finalize':
      return decideFinalize(match, command, ctx)
    default:
      return step satisfies never
  }
}

function decideFinalize(match: Made, { by, note }: CommandOf<'score'>, ctx: DecideContext): MatchDecision {
  const { score } = match
  if (score?.status === 'verified' && match.wait?.kind === 'dispute') return reject('match.window_open')
  if (score?.status !== 'conciliated') return reject('match.score_state')
  const conciliator = score.step?.by ?? null
  if (conciliator === by && isLarge(match, ctx)) return reject('match.four_eyes')
  const persons = { by: conciliator, approvedBy: by, note }
  return together(joined(settleByResult(match, score.outcome, ctx, persons), { reply: { status: 'finalized' } }))
}

export function decideConciliate(match: Made, command: CommandOf<'conciliate'>): MatchDecision {
  const { by, note } = command
  if (match.score === null) return reject('match.score_unknown')
  if (seatOf(match, by) >= 0) return reject('match.own')
  if (match.status !== 'disputed') return reject('match.score_state')
  if (!isOutcomeOf(match, command.outcome)) return refuseInput('match.outcome_invalid')
  const outcome = inOrder(command.outcome)
  return together({ events: [{ kind: 'conciliated', outcome, by, note }], reply: { status: 'conciliated' } })
}
