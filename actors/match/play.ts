// From the lock to the end of play: everybody arrives, the loop goes on and ends, or somebody leaves. What is over waits for
// its dispute window, or, where it has none and nobody has to look at it, is settled in the same record.

import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { type DecideContext, refuseInput, reject } from '../runtime/actor.ts'
import type { MatchCommand } from './commands.ts'
import type { MatchEvent } from './events.ts'
import { disputeMsOf } from './minima.ts'
import { everybodyFree, matchNews, matchOver, reinstatedNews } from './news.ts'
import { inOrder, isOutcomeOf, walkover } from './outcomes.ts'
import {
  after,
  isOverdue,
  joined,
  type MatchDecision,
  NOTHING_NEW,
  noLongerWaiting,
  type Part,
  together,
  waitFor,
} from './parts.ts'
import { BY_ITSELF, cancel, settleByResult } from './settling.ts'
import { type Made, seatNumbers, seatOf, teamsLeft, userOf, usersOf } from './state.ts'

type CommandOf<Kind extends MatchCommand['kind']> = Extract<MatchCommand, { kind: Kind }>

export function decideArrive(match: Made, { user }: CommandOf<'arrive'>, ctx: DecideContext): MatchDecision {
  const number = seatOf(match, user)
  const seat = match.seats[number]
  if (seat === undefined) return reject('match.not_seated')
  if (seat.forfeit) return reject('match.forfeit')
  if (match.status === 'live') return NOTHING_NEW
  if (match.status !== 'ready') return reject(match.status === 'funding' ? 'match.not_ready' : 'match.over')
  if (seat.arrived) return NOTHING_NEW
  if (isOverdue(match.wait, ctx.nowMs)) return reject('match.forfeit')
  const arrived: Part = { events: [{ kind: 'arrived', seat: number }], reply: { status: 'arrived' } }
  return together(arrived, begunIfComplete(after(match, arrived, ctx.nowMs), ctx))
}

/** Before the lock: the match does not take place, and every stake goes back. */
export function decideDecline(match: Made, seat: number): MatchDecision {
  return together(cancel(match, 'declined', [seat]), { reply: { status: 'cancelled' } })
}

/** Who leaves a locked match, or a live one, has forfeited: the stake stays. */
export function decideLeave(match: Made, user: UserId, ctx: DecideContext): MatchDecision {
  const number = seatOf(match, user)
  const seat = match.seats[number]
  if (seat === undefined) return reject('match.not_seated')
  if (match.status === 'funding') return decideDecline(match, number)
  if (match.status !== 'ready' && match.status !== 'live') return reject('match.over')
  if (seat.forfeit) return NOTHING_NEW
  const left = forfeited(match, [number], 'left')
  const next = after(match, left, ctx.nowMs)
  const reply = { reply: { status: 'forfeit' } }
  if (match.status === 'ready') return together(left, reply, begunIfComplete(next, ctx))
  // Of a match that is played here its game decides how it goes on.
  const alone = match.spec.external && teamsLeft(next) <= 1
  return together(left, reply, alone ? walkedOver(next, ctx) : {})
}

export function forfeited(match: Made, seats: readonly number[], why: 'absent' | 'left'): Part {
  return joined({ events: [{ kind: 'forfeited', seats, why }] }, matchOver(match, seats, true))
}

function begunIfComplete(match: Made, ctx: DecideContext): Part {
  return match.seats.every(({ arrived, forfeit }) => arrived || forfeit) ? begun(match, ctx) : {}
}

/** By those who are there. */
export function begun(match: Made, ctx: DecideContext): Part {
  const people = seatNumbers(match, ({ forfeit }, seat) => !forfeit && userOf(match, seat) !== null)
  if (people.length === 0) {
    const all = seatNumbers(match, (_, seat) => userOf(match, seat) !== null)
    return cancel(match, 'nobody_came', all)
  }
  if (teamsLeft(match) < 2) return walkedOver(match, ctx)
  const dueMs = ctx.nowMs + match.spec.maxLiveMs
  return joined(
    { events: [{ kind: 'started', seed: ctx.newId(), dueMs }], timers: [{ kind: 'cancel', name: 'ready' }] },
    waitFor('live', dueMs),
    matchNews(match, 'live'),
  )
}

function walkedOver(match: Made, ctx: DecideContext): Part {
  const none = { hash: null, recording: null, flags: [] }
  const outcome = walkover(match)
  return finished(match, { kind: 'scored', by: { kind: 'walkover' }, status: 'verified', outcome, ...none }, ctx)
}

export function decideResume(match: Made, { epoch, tick }: CommandOf<'resume'>): MatchDecision {
  if (match.status !== 'live') return reject('match.not_live')
  const newest = match.resumes.at(-1)
  if (newest !== undefined && newest.epoch === epoch && newest.tick === tick) return NOTHING_NEW
  // R1: an owner whose epoch has passed cuts nobody's recording.
  if (newest !== undefined && newest.epoch >= epoch) return reject('match.epoch_old')
  if (match.resumes.length >= RULES.maxResumesPerMatch) return reject('match.too_many_resumes')
  return together({ events: [{ kind: 'resumed', epoch, tick }] })
}

export function decideFinish(match: Made, command: CommandOf<'finish'>, ctx: DecideContext): MatchDecision {
  if (match.status !== 'live') return reject('match.not_live')
  const { hash, recording, flags } = command
  if (!isOutcomeOf(match, command.outcome)) return refuseInput('match.outcome_invalid')
  const outcome = inOrder(command.outcome)
  // Where nothing is paid out there is nothing to hold back.
  const status = flags.length > 0 && match.spec.stakeMinor > 0n ? 'under_review' : 'verified'
  const scored = { kind: 'scored', by: { kind: 'loop' }, status, outcome, hash, recording, flags } as const
  const back = reinstated(match, command.left)
  return together(back, finished(after(match, back, ctx.nowMs), scored, ctx))
}

/** Who left between the game's end and the news of it has played to the end: what they won is theirs. */
function reinstated(match: Made, left: readonly number[] | undefined): Part {
  if (left === undefined) return {}
  const seats = seatNumbers(match, ({ forfeit }, seat) => forfeit && !left.includes(seat))
  return seats.length === 0 ? {} : joined({ events: [{ kind: 'reinstated', seats }] }, reinstatedNews(match, seats))
}

export function decideAbort(match: Made, { reason }: CommandOf<'abort'>): MatchDecision {
  if (match.status !== 'live' && match.status !== 'ready') return reject('match.not_live')
  return together(cancel(match, reason, []), { reply: { status: 'cancelled' } })
}

/** Over. `known`: what says how it went, where nothing did before. */
export function finished(match: Made, known: MatchEvent | null, ctx: DecideContext): Part {
  const scored: Part = known === null ? {} : { events: [known] }
  const then = after(match, scored, ctx.nowMs)
  const disputeMs = disputeMsOf(match.spec)
  const dueMs = disputeMs > 0 ? ctx.nowMs + disputeMs : null
  const over: Part = joined(
    { events: [{ kind: 'finished', dueMs }], reply: { status: 'finished' } },
    noLongerWaiting(match.wait),
    dueMs === null ? {} : waitFor('dispute', dueMs),
    everybodyFree(match),
    matchNews(
      match,
      'finished',
      usersOf(
        match,
        seatNumbers(match, ({ forfeit }) => forfeit),
      ),
    ),
  )
  const next = after(then, over, ctx.nowMs)
  return joined(scored, over, dueMs === null ? settledIfClear(next, ctx) : {})
}

/** The window is over: paid, unless somebody has to look at the result first. */
export function settledIfClear(match: Made, ctx: DecideContext): Part {
  const { score } = match
  return score?.status === 'verified' ? settleByResult(match, score.outcome, ctx, BY_ITSELF) : {}
}
