// How each event changes a match (A3).

import type { MatchEvent } from './events.ts'
import type { Dispute, Match, Seat } from './state.ts'
import type { ScoreView } from './views.ts'

export function evolve(match: Match, event: MatchEvent, atMs: number): void {
  switch (event.kind) {
    case 'created':
      match.spec = event.spec
      match.createdAtMs = atMs
      for (const { user } of event.spec.seats) match.seats.push(newSeat(user === null))
      match.wait = { kind: 'funding', dueMs: event.dueMs }
      return enter(match, 'funding', atMs)
    case 'staked':
      return onSeat(match, event.seat, (seat) => {
        seat.ready = true
        seat.stakedMinor = match.spec?.stakeMinor ?? 0n
      })
    case 'accepted':
      return onSeat(match, event.seat, (seat) => {
        seat.ready = true
      })
    case 'readied':
      match.wait = { kind: 'ready', dueMs: event.dueMs }
      return enter(match, 'ready', atMs)
    case 'arrived':
      return onSeat(match, event.seat, (seat) => {
        seat.arrived = true
      })
    case 'forfeited':
      for (const number of event.seats) {
        onSeat(match, number, (seat) => {
          seat.forfeit = true
        })
      }
      return
    case 'reinstated':
      for (const number of event.seats) {
        onSeat(match, number, (seat) => {
          seat.forfeit = false
        })
      }
      return
    case 'started':
      match.seed = event.seed
      match.wait = { kind: 'live', dueMs: event.dueMs }
      return enter(match, 'live', atMs)
    case 'resumed':
      match.resumes = [...match.resumes, { epoch: event.epoch, tick: event.tick }]
      return
    case 'extended':
      match.wait = { kind: event.wait, dueMs: event.dueMs }
      if (event.wait === 'dispute') match.windowDueMs = event.dueMs
      return
    case 'ruling_proposed': {
      const { id, ruling, by, reason } = event
      match.proposals = [...match.proposals, { id, ruling, by, reason, atMs }]
      return
    }
    case 'ruling_rejected':
      match.proposals = match.proposals.filter(({ id }) => id !== event.id)
      return
    case 'cancelled':
      match.cancelled = { why: event.why, atFault: event.atFault }
      payOut(match, event.refunds)
      if (match.score !== null) match.score = { ...match.score, status: 'cancelled' }
      return end(match, 'cancelled', atMs)
    case 'settled':
      return evolveSettled(match, event, atMs)
    case 'unclaimed': {
      const { id, wallet, name, amountMinor, code } = event
      match.unclaimed = [...match.unclaimed, { id, wallet, name, amountMinor, code, atMs }]
      return
    }
    case 'paid_again':
      match.unclaimed = match.unclaimed.filter(({ id }) => id !== event.id)
      return
    default:
      return evolveResult(match, event, atMs)
  }
}

type ResultEvent = Extract<
  MatchEvent,
  {
    kind:
      | 'told'
      | 'scored'
      | 'score_moved'
      | 'conciliated'
      | 'finished'
      | 'disputed'
      | 'evidence'
      | 'voted'
      | 'withdrawn'
      | 'window_closed'
  }
>

/** What is known of how it went. */
function evolveResult(match: Match, event: ResultEvent, atMs: number): void {
  switch (event.kind) {
    case 'told':
      match.told = [...match.told, [event.seat, event.outcome]]
      return
    case 'scored': {
      const { by, status, outcome, hash, recording, flags } = event
      const number = (match.score?.number ?? 0) + 1
      match.score = { number, status, by, outcome, hash, recording, flags, atMs, step: null }
      match.underReview = status !== 'verified'
      return
    }
    case 'score_moved': {
      const { to, by, note } = event
      moveScore(match, to, { by, note, atMs })
      match.underReview = to === 'under_review'
      if (to === 'cancelled') match.told = []
      return
    }
    case 'conciliated':
      if (match.score !== null) match.score = { ...match.score, outcome: event.outcome }
      match.underReview = false
      moveScore(match, 'conciliated', { by: event.by, note: event.note, atMs })
      return
    case 'finished':
      match.windowDueMs = event.dueMs
      match.wait = event.dueMs === null ? null : { kind: 'dispute', dueMs: event.dueMs }
      return enter(match, 'finished', atMs)
    case 'window_closed':
      match.wait = null
      return
    case 'disputed': {
      const { id, seat, type, evidence, ticks } = event
      match.disputes = [...match.disputes, { id, seat, type, ticks, atMs, evidence, status: 'open', votes: [] }]
      match.wait = null
      moveScore(match, 'disputed', null)
      return match.status === 'disputed' ? undefined : enter(match, 'disputed', atMs)
    }
    case 'evidence':
      return onDispute(match, event.id, (dispute) => {
        dispute.evidence = [...dispute.evidence, ...event.evidence]
      })
    case 'voted':
      return onDispute(match, event.id, (dispute) => {
        const others = dispute.votes.filter(([seat]) => seat !== event.seat)
        dispute.votes = [...others, [event.seat, event.verdict]]
      })
    case 'withdrawn': {
      onDispute(match, event.id, (dispute) => {
        dispute.status = 'withdrawn'
      })
      if (match.disputes.some(({ status }) => status === 'open')) return
      // A result that staff has put in place of the disputed one stands.
      if (match.score?.status === 'disputed') moveScore(match, match.underReview ? 'under_review' : 'verified', null)
      match.wait = event.dueMs === null ? null : { kind: 'dispute', dueMs: event.dueMs }
      return enter(match, 'finished', atMs)
    }
    default:
      event satisfies never
  }
}

function evolveSettled(match: Match, event: MatchEvent & { kind: 'settled' }, atMs: number): void {
  const { kind: _, outcome, ...settlement } = event
  match.settlement = { ...settlement, atMs }
  payOut(match, event.payouts)
  const { score } = match
  const status = event.how === 'refund' ? 'cancelled' : 'finalized'
  if (score !== null) match.score = { ...score, status, outcome: outcome ?? score.outcome }
  end(match, 'settled', atMs)
}

function newSeat(bot: boolean): Seat {
  return { ready: bot, arrived: bot, forfeit: false, stakedMinor: 0n, paidMinor: 0n }
}

function enter(match: Match, status: Match['status'], atMs: number): void {
  match.status = status
  match.sinceMs = atMs
}

function end(match: Match, status: 'settled' | 'cancelled', atMs: number): void {
  match.wait = null
  match.proposals = []
  match.underReview = false
  for (const dispute of match.disputes) if (dispute.status === 'open') dispute.status = 'resolved'
  enter(match, status, atMs)
}

function moveScore(match: Match, status: ScoreView['status'], step: ScoreView['step']): void {
  if (match.score !== null) match.score = { ...match.score, status, step: step ?? match.score.step }
}

function payOut(match: Match, payouts: readonly { readonly seat: number; readonly amountMinor: bigint }[]): void {
  for (const { seat: number, amountMinor } of payouts) {
    onSeat(match, number, (seat) => {
      seat.paidMinor += amountMinor
    })
  }
}

// A3: an event that `decide` made names a seat, and a dispute, that are there.
function onSeat(match: Match, number: number, change: (seat: Seat) => void): void {
  const seat = match.seats[number]
  if (seat !== undefined) change(seat)
}

function onDispute(match: Match, id: string, change: (dispute: Dispute) => void): void {
  const dispute = match.disputes.find((each) => each.id === id)
  if (dispute !== undefined) change(dispute)
}
