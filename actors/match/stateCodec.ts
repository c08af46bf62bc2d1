// A match's state as snapshots keep it. Canonical: equal states give equal text, so every field is written, in this order.

import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import type { Wait } from './commands.ts'
import {
  decodeAmount,
  decodeFlag,
  decodeOutcome,
  decodeReporter,
  decodeRuling,
  encodeAmount,
  encodeFlag,
  encodeOutcome,
  encodeReporter,
  encodeRuling,
  type StoredAmount,
  type StoredFlag,
  type StoredOutcome,
  type StoredReporter,
  type StoredRuling,
} from './outcomeCodec.ts'
import { decodeSpec, encodeSpec } from './spec.ts'
import { type Dispute, type Match, newMatch } from './state.ts'
import type { MatchStatus, ProposalView, ScoreStatus, ScoreView, SettlementView, UnclaimedView } from './views.ts'

/** [ready, arrived, forfeit, staked, paid]. */
type StoredSeat = readonly [0 | 1, 0 | 1, 0 | 1, string, string]
/** [number, status, by, outcome, hash, recording, flags, at, [by, note, at] of the newest step]. */
type StoredScore = readonly [
  ...[number, ScoreStatus, StoredReporter, StoredOutcome, string | null, string | null, readonly StoredFlag[], number],
  readonly [string, string, number] | null,
]
/** [record, seat, type, ticks, at, evidence, status, votes]. */
type StoredDispute = readonly [
  ...[string, number, Dispute['type'], Dispute['ticks'], number, readonly string[], Dispute['status']],
  Dispute['votes'],
]
/** [record, ruling, by, reason, at]. */
type StoredProposal = readonly [string, StoredRuling, string, string, number]
/** [record, how, payouts, rake, contribution, by, approved by, note, at]. */
type StoredSettlement = readonly [
  ...[string, SettlementView['how'], readonly StoredAmount[], string, string],
  ...[string | null, string | null, string, number],
]
/** [record, wallet, name, amount, code, at]. */
type StoredUnclaimed = readonly [string, string, UnclaimedView['name'], string, string, number]

interface StoredMatch {
  readonly id: string
  readonly status: MatchStatus
  readonly spec: Json
  readonly seats: readonly StoredSeat[]
  readonly created: number
  readonly since: number
  readonly wait: readonly [Wait, number] | null
  readonly seed: string | null
  readonly resumes: readonly (readonly [number, number])[]
  readonly score: StoredScore | null
  readonly told: readonly (readonly [number, StoredOutcome])[]
  readonly disputes: readonly StoredDispute[]
  readonly proposals: readonly StoredProposal[]
  readonly settlement: StoredSettlement | null
  readonly cancelled: readonly [string, readonly number[]] | null
  readonly unclaimed: readonly StoredUnclaimed[]
  readonly window: number | null
  readonly review: boolean
}

export function encodeState(match: Match): Json {
  const { spec, wait, score, settlement, cancelled } = match
  const stored: StoredMatch = {
    id: match.id,
    status: match.status,
    spec: spec === null ? null : encodeSpec(spec),
    seats: match.seats.map(
      ({ ready, arrived, forfeit, stakedMinor, paidMinor }): StoredSeat => [
        ...([bit(ready), bit(arrived), bit(forfeit)] as const),
        ...([stakedMinor.toString(), paidMinor.toString()] as const),
      ],
    ),
    created: match.createdAtMs,
    since: match.sinceMs,
    wait: wait === null ? null : [wait.kind, wait.dueMs],
    seed: match.seed,
    resumes: match.resumes.map(({ epoch, tick }) => [epoch, tick] as const),
    score: score === null ? null : encodeScore(score),
    told: match.told.map(([seat, outcome]) => [seat, encodeOutcome(outcome)] as const),
    disputes: match.disputes.map(encodeDispute),
    proposals: match.proposals.map(encodeProposal),
    settlement: settlement === null ? null : encodeSettlement(settlement),
    cancelled: cancelled === null ? null : [cancelled.why, cancelled.atFault],
    unclaimed: match.unclaimed.map(encodeUnclaimed),
    window: match.windowDueMs,
    review: match.underReview,
  }
  return stored as unknown as Json // an interface has no index signature; every field is Json
}

// The casts name what encodeState wrote.
export function decodeState(json: Json): Match {
  const stored = json as unknown as StoredMatch
  const { wait, score, settlement, cancelled } = stored
  return {
    ...newMatch(stored.id),
    status: stored.status,
    spec: stored.spec === null ? null : decodeSpec(stored.spec),
    seats: stored.seats.map(([ready, arrived, forfeit, staked, paid]) => ({
      ...{ ready: ready === 1, arrived: arrived === 1, forfeit: forfeit === 1 },
      ...{ stakedMinor: BigInt(staked), paidMinor: BigInt(paid) },
    })),
    createdAtMs: stored.created,
    sinceMs: stored.since,
    wait: wait === null ? null : { kind: wait[0], dueMs: wait[1] },
    seed: stored.seed,
    resumes: stored.resumes.map(([epoch, tick]) => ({ epoch, tick })),
    score: score === null ? null : decodeScore(score),
    told: stored.told.map(([seat, outcome]) => [seat, decodeOutcome(outcome)] as const),
    disputes: stored.disputes.map(decodeDispute),
    proposals: stored.proposals.map(decodeProposal),
    settlement: settlement === null ? null : decodeSettlement(settlement),
    cancelled: cancelled === null ? null : { why: cancelled[0], atFault: cancelled[1] },
    unclaimed: stored.unclaimed.map(decodeUnclaimed),
    windowDueMs: stored.window,
    underReview: stored.review,
  }
}

function bit(value: boolean): 0 | 1 {
  return value ? 1 : 0
}

function encodeScore({ number, status, by, outcome, hash, recording, flags, atMs, step }: ScoreView): StoredScore {
  const taken = step === null ? null : ([step.by, step.note, step.atMs] as const)
  const said = [number, status, encodeReporter(by), encodeOutcome(outcome)] as const
  return [...said, hash, recording, flags.map(encodeFlag), atMs, taken]
}

function decodeScore([number, status, by, outcome, hash, recording, flags, atMs, step]: StoredScore): ScoreView {
  return {
    ...{ number, status, by: decodeReporter(by), outcome: decodeOutcome(outcome), hash, recording },
    ...{ flags: flags.map(decodeFlag), atMs },
    step: step === null ? null : { by: step[0] as UserId, note: step[1], atMs: step[2] },
  }
}

function encodeDispute({ id, seat, type, ticks, atMs, evidence, status, votes }: Dispute): StoredDispute {
  return [id, seat, type, ticks, atMs, evidence, status, votes]
}

function decodeDispute([id, seat, type, ticks, atMs, evidence, status, votes]: StoredDispute): Dispute {
  return { id: id as RecordId, seat, type, ticks, atMs, evidence, status, votes }
}

function encodeProposal({ id, ruling, by, reason, atMs }: ProposalView): StoredProposal {
  return [id, encodeRuling(ruling), by, reason, atMs]
}

function decodeProposal([id, ruling, by, reason, atMs]: StoredProposal): ProposalView {
  return { id: id as RecordId, ruling: decodeRuling(ruling), by: by as UserId, reason, atMs }
}

function encodeSettlement(settlement: SettlementView): StoredSettlement {
  const { record, how, payouts, rakeMinor, contributionMinor, by, approvedBy, note, atMs } = settlement
  const sums = [payouts.map(encodeAmount), rakeMinor.toString(), contributionMinor.toString()] as const
  return [record, how, ...sums, by, approvedBy, note, atMs]
}

function decodeSettlement(stored: StoredSettlement): SettlementView {
  const [record, how, payouts, rake, contribution, by, approvedBy, note, atMs] = stored
  return {
    ...{ record: record as RecordId, how, payouts: payouts.map(decodeAmount) },
    ...{ rakeMinor: BigInt(rake), contributionMinor: BigInt(contribution) },
    ...{ by: by as UserId | null, approvedBy: approvedBy as UserId | null, note, atMs },
  }
}

function encodeUnclaimed({ id, wallet, name, amountMinor, code, atMs }: UnclaimedView): StoredUnclaimed {
  return [id, wallet, name, amountMinor.toString(), code, atMs]
}

function decodeUnclaimed([id, wallet, name, amount, code, atMs]: StoredUnclaimed): UnclaimedView {
  return { id: id as RecordId, wallet: wallet as WalletId, name, amountMinor: BigInt(amount), code, atMs }
}
