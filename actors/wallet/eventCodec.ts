// Events of a wallet as the log keeps them: arrays led by a tag. A changed meaning gets a new tag, an addition stands at the
// end, and what was written once is read for ever.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import type { AdjustmentDirection, AdjustmentEnd, WalletEvent } from './commands.ts'
import { decodeMove, decodePlan, type EncodedMove, type EncodedPlan, encodeMove, encodePlan } from './reversalCodec.ts'
import type { Reversible } from './reversalPlan.ts'

type WithdrawalMoved = Extract<WalletEvent, { kind: 'withdrawal_moved' }>

export function encodeEvent(event: WalletEvent): Json {
  switch (event.kind) {
    case 'opened':
      return ['opened', event.userId]
    case 'deposited':
      return event.cents === null
        ? ['deposited', event.asset, event.amountMinor.toString(), event.provider, event.reference]
        : [
            'deposited',
            event.asset,
            event.amountMinor.toString(),
            event.provider,
            event.reference,
            event.cents.toString(),
          ]
    case 'withdrawal_requested':
      return [
        'withdrawal_requested',
        event.id,
        event.asset,
        event.amountMinor.toString(),
        event.feeMinor.toString(),
        event.cents.toString(),
        event.destination,
      ]
    case 'withdrawal_moved':
      return ['withdrawal_moved', event.id, event.to, event.by, event.note]
    case 'converted':
      return [
        'converted',
        event.from,
        event.paidMinor.toString(),
        event.to,
        event.receivedMinor.toString(),
        event.rate,
        event.quote?.id ?? '',
        event.quote?.expiresAtMs ?? 0,
      ]
    case 'adjustment_proposed': {
      const { id, direction, asset, amountMinor, account, reason, by, expiresAtMs } = event
      return [event.kind, id, direction, asset, amountMinor.toString(), account, reason, by, expiresAtMs]
    }
    case 'adjustment_ended': {
      const { id, end, proposedBy, by, note, movedMinor, owedMinor } = event
      const owed = owedMinor === null ? [] : [owedMinor.toString()]
      return [event.kind, id, end, proposedBy, by ?? '', note, movedMinor.toString(), ...owed]
    }
    case 'reversal_proposed': {
      const { id, plan, reason, by, expiresAtMs } = event
      return [event.kind, id, encodePlan(plan), reason, by, expiresAtMs]
    }
    case 'reversed': {
      const { id, record, line, what, reason, moves } = event
      return [event.kind, id, record, line, what, reason, moves.map(encodeMove)]
    }
    case 'repaid':
      return [event.kind, event.asset, event.amountMinor.toString()]
    case 'verified':
      return ['verified', event.level, event.by]
    case 'sent':
      return ['sent', event.asset, event.amountMinor.toString(), event.to, event.memo]
    case 'received':
      return ['received', event.asset, event.amountMinor.toString(), event.from, event.record, event.memo]
    case 'returned':
      return ['returned', event.asset, event.amountMinor.toString(), event.code, event.original, event.from]
    case 'staked':
      return ['staked', event.asset, event.amountMinor.toString(), event.match, event.seat]
    case 'prize':
    case 'refunded':
      return [event.kind, event.asset, event.amountMinor.toString(), event.from, event.record]
    case 'held':
      return ['held', event.name, event.asset, event.amountMinor.toString(), event.expiresAtMs]
    case 'captured':
      return ['captured', event.name, event.amountMinor.toString(), event.to]
    case 'released':
      return ['released', event.name, event.amountMinor.toString(), event.why]
    case 'frozen':
      return ['frozen', event.reason]
    case 'unfrozen':
    case 'closed':
      return [event.kind]
  }
}

// The casts below name what encodeEvent wrote: events are read back only from a log whose hash chain holds (J3).
export function decodeEvent(json: Json): WalletEvent {
  const [kind, a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''] = json as string[]
  switch (kind) {
    case 'opened':
      return { kind, userId: a as UserId }
    case 'deposited':
      return {
        kind,
        asset: a,
        amountMinor: BigInt(b),
        provider: c,
        reference: d,
        cents: e === '' ? null : BigInt(e),
      }
    case 'withdrawal_requested':
      return {
        kind,
        id: a as RecordId,
        asset: b,
        amountMinor: BigInt(c),
        feeMinor: BigInt(d),
        cents: BigInt(e),
        destination: f,
      }
    case 'withdrawal_moved':
      return { kind, id: a as RecordId, to: b as WithdrawalMoved['to'], by: c as UserId, note: d }
    case 'converted': {
      const quote = f === '' ? null : { id: f, expiresAtMs: Number(g) }
      return { kind, from: a, paidMinor: BigInt(b), to: c, receivedMinor: BigInt(d), rate: e, quote }
    }
    case 'adjustment_proposed':
      return {
        kind,
        id: a as RecordId,
        direction: b as AdjustmentDirection,
        asset: c,
        amountMinor: BigInt(d),
        account: e,
        reason: f,
        by: g as UserId,
        expiresAtMs: Number(h),
      }
    case 'adjustment_ended':
      return {
        kind,
        id: a as RecordId,
        end: b as AdjustmentEnd,
        proposedBy: c as UserId,
        by: d === '' ? null : (d as UserId),
        note: e,
        movedMinor: BigInt(f),
        owedMinor: g === '' ? null : BigInt(g),
      }
    case 'reversal_proposed':
      return {
        kind,
        id: a as RecordId,
        plan: decodePlan(b as unknown as EncodedPlan),
        reason: c,
        by: d as UserId,
        expiresAtMs: Number(e),
      }
    case 'reversed': {
      const moves = (f as unknown as readonly EncodedMove[]).map(decodeMove)
      return {
        ...{ kind, id: a as RecordId, record: b as RecordId, line: c as RecordId },
        ...{ what: d as Reversible, reason: e, moves },
      }
    }
    case 'repaid':
      return { kind, asset: a, amountMinor: BigInt(b) }
    case 'verified':
      return { kind, level: Number(a), by: b as UserId }
    case 'sent':
      return { kind, asset: a, amountMinor: BigInt(b), to: c, memo: d }
    case 'received':
      return { kind, asset: a, amountMinor: BigInt(b), from: c, record: d as RecordId, memo: e }
    case 'returned':
      return { kind, asset: a, amountMinor: BigInt(b), code: c, original: d as RecordId, from: e }
    case 'staked':
      return { kind, asset: a, amountMinor: BigInt(b), match: c, seat: Number(d) }
    case 'prize':
    case 'refunded':
      return { kind, asset: a, amountMinor: BigInt(b), from: c, record: d as RecordId }
    case 'held':
      return { kind, name: a, asset: b, amountMinor: BigInt(c), expiresAtMs: Number(d) }
    case 'captured':
      return { kind, name: a, amountMinor: BigInt(b), to: c }
    case 'released':
      return { kind, name: a, amountMinor: BigInt(b), why: c as 'released' | 'expired' | 'rest' }
    case 'frozen':
      return { kind, reason: a }
    case 'unfrozen':
    case 'closed':
      return { kind }
    default:
      throw new Error(`unknown wallet event ${String(kind)}`)
  }
}
