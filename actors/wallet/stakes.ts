// Money of a wallet in matches. A stake goes out by the wallet's own command (M9), in an envelope that the match takes or
// sends back (M4). What the match pays comes like any money, and is told apart from it: prizes are counted.

import { IN_TRANSIT } from '../../shared/accounts.ts'
import type { RecordId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import { RULES, stakeMostMinor } from '../../shared/rules.ts'
import { accept, type DecideContext, type Decision, refuseInput, reject } from '../runtime/actor.ts'
import type { WalletEvent } from './commands.ts'
import { owes } from './debts.ts'
import { centsOf } from './limits.ts'
import { available, move, wouldOverflow } from './postings.ts'
import { availableMinor, type Wallet } from './state.ts'

export type StakeCommand =
  /** For a seat of a match, which takes it or sends it back. */
  | {
      readonly kind: 'stake'
      readonly match: string
      readonly seat: number
      readonly asset: string
      readonly amountMinor: bigint
    }
  /** What a match pays: what was won, or a stake that comes back. */
  | ({ readonly kind: 'prize' } & Payment)
  | ({ readonly kind: 'refund' } & Payment)

interface Payment {
  readonly asset: string
  readonly amountMinor: bigint
  /** Actor key of the match, and its record. */
  readonly from: string
  readonly record: RecordId
}

export type StakeEvent =
  | {
      readonly kind: 'staked'
      readonly asset: string
      readonly amountMinor: bigint
      readonly match: string
      readonly seat: number
    }
  | ({ readonly kind: 'prize' | 'refunded' } & Payment)

type CommandOf<Kind extends StakeCommand['kind']> = Extract<StakeCommand, { kind: Kind }>

/** One for each seat (M6): whoever asks again with it hears what became of the first. */
export const stakeKey = (match: string, seat: number): string => `stake:${match}:${seat}`

export function decideStake(wallet: Wallet, command: CommandOf<'stake'>, ctx: DecideContext): Decision<WalletEvent> {
  const { match, seat, asset, amountMinor } = command
  const most = stakeMostMinor(asset)
  if (most === null) return refuseInput('wallet.not_stakable')
  if (amountMinor > most) return refuseInput('wallet.above_maximum')
  if (wallet.kycLevel === 0) {
    const cents = centsOf(asset, amountMinor, ctx.rates)
    if (cents === null || cents > RULES.unverifiedStakeMostCents) return refuseInput('wallet.stake_kyc')
  }
  // None of this is remembered: the key is the seat's, and the money may come in time.
  if (owes(wallet, asset)) return refuseInput('wallet.owes')
  if (availableMinor(wallet, asset) < amountMinor) return refuseInput('wallet.insufficient_funds')
  return accept('entry_fee', [{ kind: 'staked', asset, amountMinor, match, seat }], {
    postings: move(asset, amountMinor, available(wallet), IN_TRANSIT),
    outbox: [{ to: actorKey('match', match), name: 'stake', money: { asset, amountMinor }, body: { seat } }],
    reply: { status: 'pending' },
  })
}

export function decidePaid(wallet: Wallet, command: CommandOf<'prize' | 'refund'>): Decision<WalletEvent> {
  const { kind, asset, amountMinor, from, record } = command
  if (wallet.status === 'unopened') return reject('wallet.unknown_recipient')
  if (wallet.status === 'closed') return reject('wallet.closed')
  if (wouldOverflow(wallet, asset, amountMinor)) return reject('wallet.balance_limit')
  const event = { kind: kind === 'prize' ? kind : 'refunded', asset, amountMinor, from, record } as const
  return accept(kind === 'prize' ? 'prize_payout' : 'refund', [event], {
    postings: move(asset, amountMinor, IN_TRANSIT, available(wallet)),
  })
}
