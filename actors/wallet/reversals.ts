// Reversals (M8): a new record that takes back what an earlier one of the same wallet did, once, in full or in part.
// Proposed and approved as adjustments are. What is to be taken and is not available any more becomes owed (1004); what is
// held or on its way out is never touched.

import type { ErrorCode } from '../../shared/errors.ts'
import type { RecordId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import { RULES } from '../../shared/rules.ts'
import type { OutgoingEnvelope } from '../runtime/actor.ts'
import type { Posting } from '../runtime/record.ts'
import type { Adjustment } from './adjustments.ts'
import type { WalletEvent } from './commands.ts'
import { lesser } from './debts.ts'
import { pocketOf } from './pockets.ts'
import { available, RECEIVABLE, wouldOverflow } from './postings.ts'
import type { OwnMove } from './reversalPlan.ts'
import { availableMinor, type Wallet } from './state.ts'

/** By the record that was reversed, the one that did it. */
export const NONE_REVERSED: ReadonlyMap<RecordId, RecordId> = new Map()

type Reversal = NonNullable<Adjustment['reversal']>
type Reversed = Extract<WalletEvent, { kind: 'reversed' }>

/** Why nobody may propose to reverse this record now, or null. */
export function reversalRefusal(wallet: Wallet, record: RecordId): ErrorCode | null {
  if (wallet.reversed.has(record)) return 'wallet.reversal_done'
  let open = 0
  for (const { reversal } of wallet.adjustments.values()) {
    if (reversal === null) continue
    if (reversal.record === record) return 'wallet.reversal_open'
    open++
  }
  return wallet.reversed.size + open >= RULES.maxReversalsPerWallet ? 'wallet.too_many_reversals' : null
}

/** What its approval does, or why it cannot be done. */
export function decideReversal(
  wallet: Wallet,
  { asset, amountMinor, reason }: Adjustment,
  reversal: Reversal,
  id: RecordId,
):
  | ErrorCode
  | {
      readonly events: readonly Reversed[]
      readonly postings: readonly Posting[]
      readonly outbox: readonly OutgoingEnvelope[]
    } {
  const { record, line, what, against, to } = reversal
  const moves = ownMoves(wallet, against)
  if (moves.some((own) => own.side === 'credit' && wouldOverflow(wallet, own.asset, own.availableMinor)))
    return 'wallet.balance_limit'
  return {
    events: [{ kind: 'reversed', id, record, line, what, reason, moves }],
    postings: [...moves.flatMap((own) => ownLegs(wallet, own)), ...against],
    outbox:
      to === null ? [] : [{ to: actorKey('wallet', to), name: 'receive', money: { asset, amountMinor }, body: null }],
  }
}

/** The owner's part of each asset: what the other legs lack to be balanced (M2). */
function ownMoves(wallet: Wallet, against: readonly Posting[]): readonly OwnMove[] {
  const taken = new Map<string, bigint>()
  for (const { asset, side, amountMinor } of against)
    taken.set(asset, (taken.get(asset) ?? 0n) + (side === 'credit' ? amountMinor : -amountMinor))
  return [...taken].map(([asset, minor]): OwnMove => {
    if (minor < 0n) return { side: 'credit', asset, availableMinor: -minor, owedMinor: 0n }
    const fromAvailable = lesser(availableMinor(wallet, asset), minor)
    return { side: 'debit', asset, availableMinor: fromAvailable, owedMinor: minor - fromAvailable }
  })
}

function ownLegs(wallet: Wallet, own: OwnMove): readonly Posting[] {
  const { asset, side } = own
  const legs: readonly Posting[] = [
    { account: available(wallet), asset, side, amountMinor: own.availableMinor },
    { account: RECEIVABLE, asset, side, amountMinor: own.owedMinor },
  ]
  return legs.filter(({ amountMinor }) => amountMinor > 0n)
}

export function evolveReversed(wallet: Wallet, event: Reversed): void {
  for (const { side, asset, availableMinor: moved, owedMinor } of event.moves) {
    const pocket = pocketOf(wallet, asset)
    pocket.availableMinor += side === 'credit' ? moved : -moved
    pocket.owedMinor += owedMinor
    // A deposit that was charged back never was one, and what bounced has not gone.
    if (event.what === 'deposit') pocket.depositedMinor -= moved + owedMinor
    if (event.what === 'withdrawal') pocket.withdrawnMinor -= moved
  }
  noteReversed(wallet, event.record, event.id)
}

export function noteReversed(wallet: Wallet, record: RecordId, by: RecordId): void {
  if (wallet.reversed === NONE_REVERSED)
    wallet.reversed = new Map()
    // Never NONE_REVERSED: that was replaced above.
  ;(wallet.reversed as Map<RecordId, RecordId>).set(record, by)
}
