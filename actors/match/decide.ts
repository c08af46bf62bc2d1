// What a match answers to each command. Pure (A2). Whoever races, each transition is one command of one mailbox (A1).

import { IN_TRANSIT } from '../../shared/accounts.ts'
import type { WalletId } from '../../shared/ids.ts'
import { type DecideContext, reject } from '../runtime/actor.ts'
import type { MatchCommand } from './commands.ts'
import { decideDispute } from './disputes.ts'
import { decideAccept, decideCreate, decideStake } from './funding.ts'
import { type MatchDecision, NOTHING_NEW, together } from './parts.ts'
import { decideAbort, decideArrive, decideDecline, decideFinish, decideLeave, decideResume } from './play.ts'
import { decideLock, decidePay, decideRule, decideRuling } from './rulings.ts'
import { decideConciliate, decideReport, decideScore } from './scores.ts'
import { move, unclaimed } from './settling.ts'
import { isMade, type Made, type Match, seatOf } from './state.ts'
import { decideDue } from './waits.ts'

export function decide(match: Match, command: MatchCommand, ctx: DecideContext): MatchDecision {
  if (command.kind === 'create') return decideCreate(match, command, ctx)
  if (command.kind === 'returned') return decideReturned(match, command, ctx)
  if (!isMade(match)) return reject('match.unknown')
  switch (command.kind) {
    case 'stake':
      return decideStake(match, command, ctx)
    case 'accept':
      return decideAccept(match, command, ctx)
    case 'decline':
      return decideDeclining(match, command)
    case 'leave':
      return decideLeave(match, command.user, ctx)
    case 'arrive':
      return decideArrive(match, command, ctx)
    case 'resume':
      return decideResume(match, command)
    case 'finish':
      return decideFinish(match, command, ctx)
    case 'abort':
      return decideAbort(match, command)
    case 'due':
      return decideDue(match, command, ctx)
    default:
      return decideResult(match, command, ctx)
  }
}

type ResultCommand = Extract<
  MatchCommand,
  {
    kind:
      | 'report'
      | 'score'
      | 'conciliate'
      | 'dispute'
      | 'evidence'
      | 'vote'
      | 'withdraw'
      | 'lock'
      | 'rule'
      | 'ruling'
      | 'pay'
  }
>

/** About how it went, and what becomes of the pool. */
function decideResult(match: Made, command: ResultCommand, ctx: DecideContext): MatchDecision {
  switch (command.kind) {
    case 'report':
      return decideReport(match, command, ctx)
    case 'score':
      return decideScore(match, command, ctx)
    case 'conciliate':
      return decideConciliate(match, command)
    case 'dispute':
    case 'evidence':
    case 'vote':
    case 'withdraw':
      return decideDispute(match, command, ctx)
    case 'lock':
      return decideLock(match)
    case 'rule':
      return decideRule(match, command, ctx)
    case 'ruling':
      return decideRuling(match, command, ctx)
    case 'pay':
      return decidePay(match, command)
    default:
      return command satisfies never
  }
}

/** The codes matter to the player's actor, which takes `match.not_funding` for a seat that is theirs until the end. */
function decideDeclining(match: Made, { user }: Extract<MatchCommand, { kind: 'decline' | 'leave' }>): MatchDecision {
  const number = seatOf(match, user)
  const seat = match.seats[number]
  if (seat === undefined) return reject('match.not_seated')
  if (match.status === 'funding') return decideDecline(match, number)
  if (match.status !== 'ready' && match.status !== 'live') return reject('match.over')
  return reject(seat.forfeit ? 'match.forfeit' : 'match.not_funding')
}

// M4: never refused. Money that a wallet did not take waits here for staff; news that nobody took is no news.
function decideReturned(
  match: Match,
  { money, code, original, from }: Extract<MatchCommand, { kind: 'returned' }>,
  ctx: DecideContext,
): MatchDecision {
  if (money === null) return NOTHING_NEW
  const { asset, amountMinor } = money
  const name = match.status === 'cancelled' || match.settlement?.how === 'refund' ? 'refund' : 'prize'
  const wallet = from.slice(from.indexOf('/') + 1) as WalletId // M4: comes from whom it was sent to, which is a wallet
  return together({
    operation: 'refund',
    events: [{ kind: 'unclaimed', id: ctx.recordId, original, wallet, name, amountMinor, code }],
    postings: move(asset, amountMinor, IN_TRANSIT, unclaimed(match.id)),
  })
}
