// What mirrors a record of a wallet, or a part of it: read from the record as the ledger has it, before anybody proposes
// to reverse it. Pure. An actor has no history, so the plan is part of the command (A2), and what is approved is exactly
// what was proposed.

import { IN_TRANSIT } from '../../shared/accounts.ts'
import { isNft } from '../../shared/assets.ts'
import { isWalletId, type PartitionId, type RecordId, recordId, type WalletId } from '../../shared/ids.ts'
import type { Entry, LogRecord, Posting, Side } from '../runtime/record.ts'
import type { AdjustmentDirection, WalletEvent } from './commands.ts'
import { decodeEvent } from './eventCodec.ts'
import { RECEIVABLE } from './postings.ts'

export type Reversible = 'deposit' | 'receipt' | 'withdrawal' | 'conversion' | 'adjustment'

export interface ReversalPlan {
  readonly record: RecordId
  /** The record whose line in the owner's history it is: of a withdrawal, the one that asked for it. */
  readonly line: RecordId
  readonly what: Reversible
  /** What is reversed, in the asset that the record's amount is stated in; a credit is money in for the owner. */
  readonly direction: AdjustmentDirection
  readonly asset: string
  readonly amountMinor: bigint
  /** The legs on accounts that are not the wallet's. What they lack to be balanced is its owner's. */
  readonly against: readonly Posting[]
  /** Whose money it was, where another wallet sent it. */
  readonly to: WalletId | null
}

/** A change of the wallet's own money, one to an asset. A debit may have left something owed. */
export interface OwnMove {
  readonly side: Side
  readonly asset: string
  readonly availableMinor: bigint
  readonly owedMinor: bigint
}

export type PlanRefusal =
  | 'wallet.reversal_foreign'
  | 'wallet.reversal_moved_nothing'
  | 'wallet.reversal_of_reversal'
  | 'wallet.reversal_of_sending'
  | 'wallet.reversal_of_hold'
  | 'wallet.reversal_of_request'
  | 'wallet.reversal_exceeds'
  | 'wallet.not_reversible'
  | 'wallet.below_minimum'

export interface Recorded {
  readonly walletId: string
  readonly partition: PartitionId
  readonly record: LogRecord
}

/** The asset that the record's amount is stated in, and that amount; or why it cannot be reversed. */
export function reversibleAmount(recorded: Recorded): Pick<ReversalPlan, 'asset' | 'amountMinor'> | PlanRefusal {
  const whole = wholeOf(recorded)
  return typeof whole === 'string' ? whole : { asset: whole.asset, amountMinor: whole.amountMinor }
}

/** `amountMinor`: null for all of it. */
export function planReversal(recorded: Recorded, amountMinor: bigint | null): ReversalPlan | PlanRefusal {
  const whole = wholeOf(recorded)
  if (typeof whole === 'string') return whole
  const part = amountMinor ?? whole.amountMinor
  if (part > whole.amountMinor) return 'wallet.reversal_exceeds'
  const { share, ...plan } = whole
  const against = share(part)
  return against === null ? 'wallet.below_minimum' : { ...plan, amountMinor: part, against }
}

/** All of it, and what a part of it is booked against; null where that part is too small to be one. */
interface Whole extends Omit<ReversalPlan, 'against'> {
  readonly share: (partMinor: bigint) => readonly Posting[] | null
}

function wholeOf({ walletId, partition, record }: Recorded): Whole | PlanRefusal {
  if (record.actor !== `wallet/${walletId}`) return 'wallet.reversal_foreign'
  const events = record.events.map(decodeEvent)
  if (events.some(({ kind }) => kind === 'reversed')) return 'wallet.reversal_of_reversal'
  const [event] = events
  const id = recordId(partition, record.seq)
  // The other side of it: what this wallet has, or owes, is not.
  const others = record.entries.filter(({ account }) => !isOwn(account, walletId))
  if (event === undefined) return 'wallet.reversal_moved_nothing'
  // What was asked out, or held, has moved within the wallet alone.
  if (event.kind === 'withdrawal_requested') return 'wallet.reversal_of_request'
  if (event.kind === 'held' || event.kind === 'released') return 'wallet.reversal_of_hold'
  if (record.entries.length === 0) return 'wallet.reversal_moved_nothing'
  // M9: nobody but its owner takes a token out of a wallet.
  if (record.entries.some(({ asset }) => isNft(asset))) return 'wallet.not_reversible'
  const leftOwed = record.entries.some(({ account, side }) => account === RECEIVABLE && side === 'debit')
  // What of it was paid since, nobody has counted: a version before that did not.
  if (event.kind === 'adjustment_ended' && leftOwed && event.owedMinor === null) return 'wallet.not_reversible'
  return wholeOfEvent(event, id, others)
}

function wholeOfEvent(event: WalletEvent, id: RecordId, others: readonly Entry[]): Whole | PlanRefusal {
  const common = { record: id, line: id, to: null }
  switch (event.kind) {
    case 'deposited': {
      const { asset, amountMinor } = event
      const account = others[0]?.account ?? ''
      const share = (part: bigint) => [leg(account, asset, 'credit', part)]
      return { ...common, what: 'deposit', direction: 'debit', asset, amountMinor, share }
    }
    case 'received': {
      const { asset, amountMinor, from } = event
      const to = from.slice(from.indexOf('/') + 1)
      // What a match or a tournament has paid out is its own to correct.
      if (!from.startsWith('wallet/') || !isWalletId(to)) return 'wallet.not_reversible'
      const share = (part: bigint) => [leg(IN_TRANSIT, asset, 'credit', part)]
      return { ...common, to, what: 'receipt', direction: 'debit', asset, amountMinor, share }
    }
    case 'sent':
    case 'captured':
      return 'wallet.reversal_of_sending'
    case 'withdrawal_moved':
      return event.to === 'completed' ? wholeOfWithdrawal(event.id, common, others) : 'wallet.not_reversible'
    case 'converted':
      return { ...common, what: 'conversion', direction: 'credit', ...conversion(event, others) }
    case 'adjustment_ended':
      return wholeOfAdjustment(common, others)
    default:
      return 'wallet.not_reversible'
  }
}

type Common = Pick<ReversalPlan, 'record' | 'line' | 'to'>

/** The fee comes back with the money: of a part, as much of it as the part is of the whole, rounded up for the owner. */
function wholeOfWithdrawal(asked: RecordId, common: Common, others: readonly Entry[]): Whole | PlanRefusal {
  const [paid, fee] = others
  if (paid === undefined) return 'wallet.not_reversible'
  const { asset } = paid
  const feeMinor = fee?.amountMinor ?? 0n
  const amountMinor = paid.amountMinor + feeMinor
  const share = (part: bigint): readonly Posting[] => {
    const feePart = part === amountMinor ? feeMinor : (feeMinor * part + amountMinor - 1n) / amountMinor
    const legs = [leg(paid.account, asset, 'debit', part - feePart), leg(fee?.account ?? '', asset, 'debit', feePart)]
    return legs.filter((one) => one.amountMinor > 0n)
  }
  return { ...common, line: asked, what: 'withdrawal', direction: 'credit', asset, amountMinor, share }
}

/** At the rate it was done at: of what was bought, a part gives back that part, rounded down for the owner. */
function conversion(
  { from, paidMinor, to, receivedMinor }: WalletEvent & { kind: 'converted' },
  others: readonly Entry[],
): Pick<Whole, 'asset' | 'amountMinor' | 'share'> {
  const price = others.filter(({ asset }) => asset === from)
  const position = others.find(({ asset }) => asset === to)?.account ?? ''
  const share = (part: bigint): readonly Posting[] | null => {
    const back = (receivedMinor * part) / paidMinor
    if (back === 0n) return null
    // A part is less than the price without its rounding (6001), which comes last.
    const paid =
      part === paidMinor
        ? price.map(({ account, amountMinor }) => leg(account, from, 'debit', amountMinor))
        : [leg(price[0]?.account ?? '', from, 'debit', part)]
    return [...paid, leg(position, to, 'credit', back)]
  }
  return { asset: from, amountMinor: paidMinor, share }
}

function wholeOfAdjustment(common: Common, others: readonly Entry[]): Whole | PlanRefusal {
  const [one] = others
  if (one === undefined) return 'wallet.not_reversible'
  const { account, asset, side } = one
  const amountMinor = others.reduce((sum, entry) => sum + entry.amountMinor, 0n)
  const share = (part: bigint) => [leg(account, asset, side === 'debit' ? 'credit' : 'debit', part)]
  return { ...common, what: 'adjustment', direction: side === 'debit' ? 'debit' : 'credit', asset, amountMinor, share }
}

function leg(account: string, asset: string, side: Side, amountMinor: bigint): Posting {
  return { account, asset, side, amountMinor }
}

function isOwn(account: string, walletId: string): boolean {
  return account === RECEIVABLE || (/^200[135]:/.test(account) && account.slice(5) === walletId)
}
