// What a random step comes to in the moment in which it is taken: a command to a match, or to the wallet of somebody who
// stakes in it. Mostly what makes sense there, at times what does not.

import type { MatchCommand, Ruling } from '../../actors/match/commands.ts'
import type { MatchSpec } from '../../actors/match/spec.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { stakeKey } from '../../actors/wallet/stakes.ts'
import type { GameOutcome } from '../../shared/games/game.ts'
import { type RecordId, type UserId, type WalletId, walletOf } from '../../shared/ids.ts'

export const MATCH_STEPS = [
  ...['advance', 'advance', 'advance', 'advance', 'advance', 'advance', 'advance', 'advance', 'advance', 'advance'],
  ...['advance', 'advance', 'advance', 'advance', 'advance', 'create', 'stake', 'wrong_stake', 'accept', 'arrive'],
  ...['finish', 'report', 'report', 'leave', 'decline', 'abort', 'resume'],
  ...['dispute', 'dispute', 'evidence', 'vote', 'withdraw', 'rule', 'rule', 'ruling', 'ruling', 'score', 'score'],
  ...['conciliate', 'lock', 'pay', 'close', 'send', 'night', 'moment', 'moment', 'crash', 'project', 'lossy'],
] as const

export interface MatchStep {
  readonly what: (typeof MATCH_STEPS)[number]
  readonly match: number
  readonly user: number
  readonly other: number
  readonly size: number
}

export interface Scene {
  readonly id: string
  readonly users: readonly UserId[]
  readonly staff: readonly [UserId, UserId]
  readonly view: MatchView
}

type Order = readonly [to: ActorAddress, command: MatchCommand | WalletCommand, key?: string]

/** Null where there is nothing to do it to. */
export function matchOrder(step: MatchStep, scene: Scene): Order | null {
  const { id, users, view } = scene
  const match: ActorAddress = { kind: 'match', id }
  const user = users[step.user] ?? ('u_nobody' as UserId)
  const wallet: ActorAddress = { kind: 'wallet', id: walletOf(user) }
  switch (step.what) {
    case 'advance':
      return matchOrder({ ...step, what: nextOf(view, step) }, scene)
    case 'create':
      // Over, and not made again: of such a match's id there is another.
      return view.status === 'absent' ? [match, { kind: 'create', spec: specFor(step, scene) }] : null
    case 'stake':
      return stakeOf(step, scene)
    case 'wrong_stake': {
      const stake = { kind: 'stake', match: id, seat: step.other, asset: 'USD', amountMinor: 7n } as const
      return [wallet, stake]
    }
    case 'close':
      return [wallet, { kind: 'close' }]
    case 'send': {
      const to = walletOf(users[step.other] ?? user) as WalletId
      return [wallet, { kind: 'send', to, asset: 'USD', amountMinor: BigInt(step.size + 1), memo: '' }]
    }
    case 'accept':
    case 'arrive':
    case 'leave':
    case 'decline': {
      const command: MatchCommand = { kind: step.what, user: seated(step, scene) }
      return [match, command]
    }
    case 'abort':
      return step.size % 4 === 0 ? [match, { kind: 'abort', reason: 'overrun' }] : null
    case 'resume':
      return [match, { kind: 'resume', epoch: 1 + (step.size % 5), tick: step.size }]
    case 'finish':
      return [match, finishOf(step, view)]
    default:
      return contest(step, scene, match)
  }
}

/** What brings it further. */
function nextOf(view: MatchView, { size }: MatchStep): MatchStep['what'] {
  if (view.proposals.length > 0 && size % 2 === 0) return 'ruling'
  switch (view.status) {
    case 'absent':
      return 'create'
    case 'funding':
      return view.spec?.stakeMinor === 0n ? 'accept' : 'stake'
    case 'ready':
      return 'arrive'
    case 'live':
      if (view.spec?.external !== true) return (['abort', 'resume', 'finish', 'finish'] as const)[size % 4] ?? 'finish'
      return view.score === null ? 'report' : 'score'
    case 'finished':
      return 'dispute'
    case 'disputed':
      return (['evidence', 'vote', 'conciliate', 'rule', 'withdraw', 'withdraw'] as const)[size % 6] ?? 'vote'
    default:
      return 'lock'
  }
}

function contest(step: MatchStep, scene: Scene, match: ActorAddress): Order | null {
  const { view, staff, users } = scene
  const user = seated(step, scene)
  const by = staff[step.size % 2] ?? staff[0]
  const dispute = view.disputes[step.size % Math.max(1, view.disputes.length)]
  const id = dispute?.id ?? ('0-1' as RecordId)
  switch (step.what) {
    case 'report': {
      const kinds = [
        { kind: 'player', id: user },
        { kind: 'player', id: user },
        { kind: 'server', id: 'cs2' },
      ] as const
      const reporter = kinds[step.other % 4] ?? ({ kind: 'operator', id: by } as const)
      return [match, { kind: 'report', by: reporter, outcome: outcomeFor(step, view) }]
    }
    case 'dispute':
      return [match, { kind: 'dispute', user, type: 'bug', evidence: ['ev_1'], ticks: [1, 2] }]
    case 'evidence':
      return [match, { kind: 'evidence', id, user, evidence: ['ev_2'] }]
    case 'vote':
      return [match, { kind: 'vote', id, user, verdict: step.size % 2 === 0 ? 'uphold' : 'reject' }]
    case 'withdraw':
      return [match, { kind: 'withdraw', id, user: dispute?.user ?? user }]
    case 'rule': {
      const ruling = rulingFor(step, view)
      return ruling === null ? null : [match, { kind: 'rule', ruling, by, role: 'admin', reason: 'why' }]
    }
    case 'ruling': {
      const [proposal] = view.proposals
      if (proposal === undefined) return null
      const verdict = step.size % 3 === 0 ? 'reject' : 'approve'
      return [match, { kind: 'ruling', id: proposal.id, verdict, by, role: 'operator', note: '' }]
    }
    case 'score': {
      const steps = ['review', 'verify', 'verify', 'finalize', 'finalize', 'cancel'] as const
      return [match, { kind: 'score', step: steps[step.size % steps.length] ?? 'verify', by, note: '' }]
    }
    case 'conciliate':
      return [match, { kind: 'conciliate', outcome: outcomeFor(step, view), by, note: '' }]
    case 'pay': {
      const [back] = view.unclaimed
      const to = walletOf(users[step.other] ?? user) as WalletId
      return back === undefined ? null : [match, { kind: 'pay', id: back.id, to, by, reason: 'again' }]
    }
    default:
      return [match, { kind: 'lock', by }]
  }
}

function specFor({ user, other, size }: MatchStep, { users }: Scene): MatchSpec {
  const count = 2 + (size % 3)
  const free = size % 5 === 0
  const seats = Array.from({ length: count }, (_, seat) => ({
    user: users[(user + seat) % users.length] ?? null,
    ...{ team: count === 4 ? seat % 2 : seat, rating: 1500, deviation: 350 },
  }))
  const rules = ['winner_takes_all', 'top_three_split_60_30_10', 'performance_mvp_70_20_10'] as const
  return {
    ...{ game: 'pong', mode: 'duel', map: null, region: 'eu-west', source: null, seats, asset: 'USD' },
    stakeMinor: free ? 0n : BigInt([1, 499, 500, 8_000, 12_000][other] ?? 500),
    ...{ tier: size % 2 === 0 ? 'pro' : 'free', prizeRule: rules[size % 3] ?? 'winner_takes_all' },
    contributionMinor: 50n,
    ...{ fundingMs: 3_600_000, readyMs: 3_600_000, maxLiveMs: 7_200_000, watchDelayMs: 0 },
    disputeMs: size % 7 === 0 ? 0 : 86_400_000,
    ...{ ratingKey: 'pong.duel', external: size % 4 === 0 },
  }
}

/** Of the next seat that has none, mostly. */
function stakeOf({ size, other }: MatchStep, { id, view }: Scene): Order | null {
  if (view.spec === null) return null
  const waiting = view.seats.filter(({ ready }) => !ready)
  const seat = waiting[other % Math.max(1, waiting.length)] ?? view.seats[size % view.seats.length]
  if (seat === undefined || seat.wallet === null || view.spec.stakeMinor === 0n) return null
  const { asset, stakeMinor: amountMinor } = view.spec
  const stake = { kind: 'stake', match: id, seat: seat.seat, asset, amountMinor } as const
  // With the seat's own key once, and at times with another: a second stake of the seat.
  const to = { kind: 'wallet', id: seat.wallet }
  return size % 3 === 0 ? [to, stake] : [to, stake, stakeKey(id, seat.seat)]
}

function seated({ user, size }: MatchStep, { users, view }: Scene): UserId {
  // Of those who have not said or come, mostly.
  const waiting = view.seats.filter(({ ready, arrived }) => (view.status === 'funding' ? !ready : !arrived))
  const among = waiting.length > 0 && size % 5 !== 0 ? waiting : view.seats
  const seat = among[size % Math.max(1, among.length)]
  return seat?.user ?? users[user] ?? ('u_nobody' as UserId)
}

/** Mostly the same one, so that players agree. */
function outcomeFor({ size, other }: MatchStep, view: MatchView): GameOutcome {
  const teams = [...new Set(view.seats.map(({ team }) => team))]
  const turned = other === 0 ? teams.toReversed() : teams
  const results = view.seats.map(({ seat, team }) => ({ seat, position: turned.indexOf(team) + 1, score: size % 7 }))
  return { results: results.map((row) => ({ ...row, score: other === 0 ? 1 : 0 })), mvp: other === 1 ? 0 : null }
}

function finishOf(step: MatchStep, view: MatchView): MatchCommand {
  const flags = step.size % 4 === 0 ? [{ seat: 0, rule: 'too_fast', tick: 3 }] : []
  return { kind: 'finish', outcome: outcomeFor(step, view), hash: 'aa', recording: 'bb', flags }
}

function rulingFor(step: MatchStep, view: MatchView): Ruling | null {
  switch (step.other) {
    case 0:
      return { kind: 'approve' }
    case 1:
      return { kind: 'outcome', outcome: outcomeFor(step, view) }
    case 2: {
      const staked = view.seats.reduce((sum, { stakedMinor }) => sum + stakedMinor, 0n)
      // The whole net pool to one; what does not add up is refused.
      const rake = staked / 40n > 50n ? staked / 40n : staked / 5n < 50n ? staked / 5n : 50n
      const added = view.spec?.tier === 'pro' && staked > 0n ? 50n : 0n
      return { kind: 'custom', payouts: [{ seat: 0, amountMinor: staked + added - rake }] }
    }
    default:
      return step.size % 3 === 0 ? { kind: 'refund_all' } : null
  }
}
