// Plans of reversals as the log and snapshots keep them: arrays, amounts as decimal text. An addition stands at the end.

import type { RecordId, WalletId } from '../../shared/ids.ts'
import type { Posting, Side } from '../runtime/record.ts'
import type { AdjustmentDirection } from './commands.ts'
import type { OwnMove, ReversalPlan, Reversible } from './reversalPlan.ts'

/** [account, asset, D or C, amount]. */
type EncodedLeg = readonly [string, string, string, string]
/** [asset, D or C, of what is available, of what is owed]. */
export type EncodedMove = readonly [string, string, string, string]
/** [record, its line, what, whose it was or nothing, legs]. */
export type EncodedReversal = readonly [string, string, string, string, readonly EncodedLeg[]]
/** [direction, asset, amount, reversal]. */
export type EncodedPlan = readonly [string, string, string, EncodedReversal]

type Reversal = Pick<ReversalPlan, 'record' | 'line' | 'what' | 'to' | 'against'>

export function encodePlan({ direction, asset, amountMinor, ...reversal }: ReversalPlan): EncodedPlan {
  return [direction, asset, amountMinor.toString(), encodeReversal(reversal)]
}

// The casts below name what was encoded here: it is read back only from a log whose hash chain holds (J3).
export function decodePlan([direction, asset, amount, reversal]: EncodedPlan): ReversalPlan {
  return {
    ...{ direction: direction as AdjustmentDirection, asset, amountMinor: BigInt(amount) },
    ...decodeReversal(reversal),
  }
}

export function encodeReversal({ record, line, what, to, against }: Reversal): EncodedReversal {
  return [record, line, what, to ?? '', against.map(encodeLeg)]
}

export function decodeReversal([record, line, what, to, against]: EncodedReversal): Reversal {
  return {
    record: record as RecordId,
    line: line as RecordId,
    what: what as Reversible,
    to: to === '' ? null : (to as WalletId),
    against: against.map(decodeLeg),
  }
}

export function encodeMove({ asset, side, availableMinor, owedMinor }: OwnMove): EncodedMove {
  return [asset, letterOf(side), availableMinor.toString(), owedMinor.toString()]
}

export function decodeMove([asset, letter, available, owed]: EncodedMove): OwnMove {
  return { asset, side: sideOf(letter), availableMinor: BigInt(available), owedMinor: BigInt(owed) }
}

function encodeLeg({ account, asset, side, amountMinor }: Posting): EncodedLeg {
  return [account, asset, letterOf(side), amountMinor.toString()]
}

function decodeLeg([account, asset, letter, amount]: EncodedLeg): Posting {
  return { account, asset, side: sideOf(letter), amountMinor: BigInt(amount) }
}

const letterOf = (side: Side): string => (side === 'debit' ? 'D' : 'C')
const sideOf = (letter: string): Side => (letter === 'D' ? 'debit' : 'credit')
