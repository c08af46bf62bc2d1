// From nothing to every seat being in: a match is made, each seat's stake comes from its own wallet (M9), or, where nothing
// is staked, its word. Who does not want to ends it, and everything goes back.

import { walletOf } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import { type DecideContext, refuseInput, reject } from '../runtime/actor.ts'
import type { MatchCommand } from './commands.ts'
import { engaged, matchNews } from './news.ts'
import { after, isOverdue, joined, type MatchDecision, NOTHING_NEW, type Part, together, waitFor } from './parts.ts'
import { begun } from './play.ts'
import { escrow, move } from './settling.ts'
import { encodeSpec } from './spec.ts'
import { specFault } from './specCheck.ts'
import { type Made, type Match, seatOf } from './state.ts'

type CommandOf<Kind extends MatchCommand['kind']> = Extract<MatchCommand, { kind: Kind }>

export function decideCreate(match: Match, { spec }: CommandOf<'create'>, ctx: DecideContext): MatchDecision {
  if (match.spec !== null) {
    const same = JSON.stringify(encodeSpec(match.spec)) === JSON.stringify(encodeSpec(spec))
    return same ? NOTHING_NEW : reject('match.exists')
  }
  if (specFault(spec) !== null) return refuseInput('match.spec_invalid')
  const dueMs = ctx.nowMs + spec.fundingMs
  return together(
    { events: [{ kind: 'created', spec, dueMs }], reply: { status: 'funding' } },
    waitFor('funding', dueMs),
    engaged(match.id, spec),
  )
}

/** What is refused here goes back to its wallet by itself (M4). */
export function decideStake(match: Made, command: CommandOf<'stake'>, ctx: DecideContext): MatchDecision {
  const { seat, asset, amountMinor, from, record } = command
  const { spec } = match
  const user = spec.seats[seat]?.user ?? null
  if (user === null || from !== actorKey('wallet', walletOf(user))) return reject('match.stake_wrong')
  if (asset !== spec.asset || amountMinor !== spec.stakeMinor) return reject('match.stake_wrong')
  if (match.seats[seat]?.ready === true) return reject('match.stake_there')
  if (match.status !== 'funding' || isOverdue(match.wait, ctx.nowMs)) return reject('match.not_funding')
  return seated(
    match,
    {
      operation: 'entry_fee',
      events: [{ kind: 'staked', seat, record }],
      postings: move(asset, amountMinor, '2006', escrow(match.id)),
    },
    ctx,
  )
}

export function decideAccept(match: Made, { user }: CommandOf<'accept'>, ctx: DecideContext): MatchDecision {
  const seat = seatOf(match, user)
  if (seat < 0) return reject('match.not_seated')
  if (match.spec.stakeMinor > 0n) return reject('match.stake_required')
  if (match.seats[seat]?.ready === true) return NOTHING_NEW
  if (match.status !== 'funding' || isOverdue(match.wait, ctx.nowMs)) return reject('match.not_funding')
  return seated(match, { events: [{ kind: 'accepted', seat }], reply: { status: 'accepted' } }, ctx)
}

/** Whoever is the last to come locks the pool. What is played elsewhere nobody has to arrive for: it is live at once. */
function seated(match: Made, part: Part, ctx: DecideContext): MatchDecision {
  const next = after(match, part, ctx.nowMs)
  if (!next.seats.every(({ ready }) => ready)) return together(part)
  const locked = readied(next, ctx)
  return together(part, locked, match.spec.external ? begun(after(next, locked, ctx.nowMs), ctx) : {})
}

function readied(match: Made, ctx: DecideContext): Part {
  const dueMs = ctx.nowMs + match.spec.readyMs
  return joined(
    { events: [{ kind: 'readied', dueMs }], timers: [{ kind: 'cancel', name: 'funding' }] },
    waitFor('ready', dueMs),
    matchNews(match, 'ready'),
  )
}
