// Events of a match as the log keeps them: arrays led by a tag. A changed meaning gets a new tag, an addition stands at the
// end, and what was written once is read for ever.

import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import type { DisputeType, Wait } from './commands.ts'
import type { MatchEvent } from './events.ts'
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

type EventOf<Kind extends MatchEvent['kind']> = Extract<MatchEvent, { kind: Kind }>

export function encodeEvent(event: MatchEvent): Json {
  switch (event.kind) {
    case 'created':
      return [event.kind, encodeSpec(event.spec), event.dueMs]
    case 'staked':
      return [event.kind, event.seat, event.record]
    case 'accepted':
    case 'arrived':
      return [event.kind, event.seat]
    case 'readied':
    case 'finished':
      return [event.kind, event.dueMs]
    case 'forfeited':
      return [event.kind, event.seats, event.why]
    case 'reinstated':
      return [event.kind, event.seats]
    case 'started':
      return [event.kind, event.seed, event.dueMs]
    case 'resumed':
      return [event.kind, event.epoch, event.tick]
    case 'extended':
      return [event.kind, event.wait, event.dueMs]
    case 'told':
      return [event.kind, event.seat, encodeOutcome(event.outcome)]
    case 'window_closed':
      return [event.kind]
    case 'unclaimed': {
      const { id, original, wallet, name, amountMinor, code } = event
      return [event.kind, id, original, wallet, name, amountMinor.toString(), code]
    }
    case 'paid_again': {
      const { id, to, name, amountMinor, by, reason } = event
      return [event.kind, id, to, name, amountMinor.toString(), by, reason]
    }
    default:
      return encodeResult(event)
  }
}

type ResultEvent = EventOf<
  | 'scored'
  | 'score_moved'
  | 'conciliated'
  | 'disputed'
  | 'evidence'
  | 'voted'
  | 'withdrawn'
  | 'ruling_proposed'
  | 'ruling_rejected'
  | 'cancelled'
  | 'settled'
>

function encodeResult(event: ResultEvent): Json {
  switch (event.kind) {
    case 'scored': {
      const { by, status, outcome, hash, recording, flags } = event
      return [event.kind, encodeReporter(by), status, encodeOutcome(outcome), hash, recording, flags.map(encodeFlag)]
    }
    case 'score_moved':
      return [event.kind, event.to, event.by, event.note]
    case 'conciliated':
      return [event.kind, encodeOutcome(event.outcome), event.by, event.note]
    case 'disputed':
      return [event.kind, event.id, event.seat, event.type, event.evidence, event.ticks]
    case 'evidence':
      return [event.kind, event.id, event.seat, event.evidence]
    case 'voted':
      return [event.kind, event.id, event.seat, event.verdict]
    case 'withdrawn':
      return [event.kind, event.id, event.dueMs]
    case 'ruling_proposed':
      return [event.kind, event.id, encodeRuling(event.ruling), event.by, event.reason]
    case 'ruling_rejected':
      return [event.kind, event.id, event.by, event.note]
    case 'cancelled': {
      const { why, atFault, by, approvedBy, refunds } = event
      return [event.kind, why, atFault, by, approvedBy, refunds.map(encodeAmount)]
    }
    case 'settled': {
      const { record, how, payouts, rakeMinor, contributionMinor, by, approvedBy, note, outcome } = event
      const sums = [payouts.map(encodeAmount), rakeMinor.toString(), contributionMinor.toString()]
      return [event.kind, record, how, ...sums, by, approvedBy, note, outcome === null ? null : encodeOutcome(outcome)]
    }
    default:
      return event satisfies never
  }
}

type Stored = readonly [string, ...Json[]]

// The casts below name what encodeEvent wrote: events are read back only from a log whose hash chain holds (J3).
export function decodeEvent(json: Json): MatchEvent {
  const [kind, a, b, c, d, e, f] = json as Stored
  switch (kind) {
    case 'created':
      return { kind, spec: decodeSpec(a as Json), dueMs: Number(b) }
    case 'staked':
      return { kind, seat: Number(a), record: b as RecordId }
    case 'accepted':
    case 'arrived':
      return { kind, seat: Number(a) }
    case 'readied':
      return { kind, dueMs: Number(a) }
    case 'finished':
      return { kind, dueMs: a as number | null }
    case 'forfeited':
      return { kind, seats: a as readonly number[], why: b as EventOf<'forfeited'>['why'] }
    case 'reinstated':
      return { kind, seats: a as readonly number[] }
    case 'started':
      return { kind, seed: String(a), dueMs: Number(b) }
    case 'resumed':
      return { kind, epoch: Number(a), tick: Number(b) }
    case 'extended':
      return { kind, wait: a as Wait, dueMs: Number(b) }
    case 'told':
      return { kind, seat: Number(a), outcome: decodeOutcome(b as unknown as StoredOutcome) }
    case 'window_closed':
      return { kind }
    case 'unclaimed': {
      const name = d as EventOf<'unclaimed'>['name']
      const money = { name, amountMinor: BigInt(e as string), code: String(f) }
      return { kind, id: a as RecordId, original: b as RecordId, wallet: c as WalletId, ...money }
    }
    case 'paid_again': {
      const paid = { name: c as EventOf<'paid_again'>['name'], amountMinor: BigInt(d as string) }
      return { kind, id: a as RecordId, to: b as WalletId, ...paid, by: e as UserId, reason: String(f) }
    }
    default:
      return decodeResult(json as Stored)
  }
}

function decodeResult(stored: Stored): MatchEvent {
  const [kind, a, b, c, d, e, f] = stored
  switch (kind) {
    case 'scored': {
      const score = { by: decodeReporter(a as unknown as StoredReporter), status: b as EventOf<'scored'>['status'] }
      const outcome = decodeOutcome(c as unknown as StoredOutcome)
      const proof = { hash: d as string | null, recording: e as string | null }
      return { kind, ...score, outcome, ...proof, flags: (f as unknown as readonly StoredFlag[]).map(decodeFlag) }
    }
    case 'score_moved':
      return { kind, to: a as EventOf<'score_moved'>['to'], by: b as UserId, note: String(c) }
    case 'conciliated':
      return { kind, outcome: decodeOutcome(a as unknown as StoredOutcome), by: b as UserId, note: String(c) }
    case 'disputed': {
      const about = {
        type: c as DisputeType,
        evidence: d as readonly string[],
        ticks: e as EventOf<'disputed'>['ticks'],
      }
      return { kind, id: a as RecordId, seat: Number(b), ...about }
    }
    case 'evidence':
      return { kind, id: a as RecordId, seat: Number(b), evidence: c as readonly string[] }
    case 'voted':
      return { kind, id: a as RecordId, seat: Number(b), verdict: c as EventOf<'voted'>['verdict'] }
    case 'withdrawn':
      return { kind, id: a as RecordId, dueMs: b as number | null }
    case 'ruling_proposed': {
      const ruling = decodeRuling(b as unknown as StoredRuling)
      return { kind, id: a as RecordId, ruling, by: c as UserId, reason: String(d) }
    }
    case 'ruling_rejected':
      return { kind, id: a as RecordId, by: b as UserId, note: String(c) }
    case 'cancelled': {
      const persons = { by: c as UserId | null, approvedBy: d as UserId | null }
      const refunds = (e as unknown as readonly StoredAmount[]).map(decodeAmount)
      return { kind, why: String(a), atFault: b as readonly number[], ...persons, refunds }
    }
    case 'settled':
      return decodeSettled(stored)
    default:
      throw new Error(`unknown match event ${String(kind)}`)
  }
}

function decodeSettled([
  ,
  record,
  how,
  payouts,
  rake,
  contribution,
  by,
  approvedBy,
  note,
  outcome,
]: Stored): MatchEvent {
  return {
    ...{ kind: 'settled', record: record as RecordId, how: how as EventOf<'settled'>['how'] },
    payouts: (payouts as unknown as readonly StoredAmount[]).map(decodeAmount),
    ...{ rakeMinor: BigInt(rake as string), contributionMinor: BigInt(contribution as string) },
    ...{ by: by as UserId | null, approvedBy: approvedBy as UserId | null, note: String(note) },
    outcome: outcome === null ? null : decodeOutcome(outcome as unknown as StoredOutcome),
  }
}
