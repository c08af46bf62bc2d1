// A wallet's state: the fold of its events (A3). `evolve` changes it in place and cannot fail on an event that `decide`
// made.

import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import {
  type Adjustment,
  adjustmentViews,
  byRecord,
  evolveEnded,
  evolveProposed,
  evolveReversalProposed,
  NO_ADJUSTMENTS,
} from './adjustments.ts'
import type { WalletEvent, WalletStatus } from './commands.ts'
import { type DayWindow, windowAt } from './limits.ts'
import { dropGoneNft, type Pocket, pocketOf } from './pockets.ts'
import { evolveReversed, NONE_REVERSED } from './reversals.ts'
import type { AssetView, WalletQuery, WalletView, WithdrawalView } from './views.ts'
import { evolveMoved, evolveRequested, NONE_OPEN, type Withdrawal } from './withdrawals.ts'

export interface Hold {
  readonly asset: string
  leftMinor: bigint
  readonly expiresAtMs: number
}

export interface Wallet {
  readonly id: WalletId
  status: WalletStatus
  userId: UserId | null
  lockReason: string
  readonly pockets: Map<string, Pocket>
  /** NO_HOLDS while there are none: most wallets never have any. */
  holds: ReadonlyMap<string, Hold>
  /** Open ones, by the record that asked; NONE_OPEN while there are none. */
  withdrawals: ReadonlyMap<RecordId, Withdrawal>
  /** Of the last day on which something was counted. */
  window: DayWindow | null
  /** Everything ever withdrawn or asked out, without what came back, in US cents. */
  outCents: bigint
  kycLevel: number
  /** Those that wait for a second person; NO_ADJUSTMENTS while there are none. */
  adjustments: ReadonlyMap<RecordId, Adjustment>
  /** Quotes that cannot be used again, with their ends; NO_QUOTES while there are none. */
  quotes: ReadonlyMap<string, number>
  /** For ever, by the record that was reversed: the one that did it; NONE_REVERSED while there are none. */
  reversed: ReadonlyMap<RecordId, RecordId>
}

const NO_HOLDS: ReadonlyMap<string, Hold> = new Map()
const NO_QUOTES: ReadonlyMap<string, number> = new Map()

export function newWallet(id: string): Wallet {
  // The runtime activates whatever id it is asked for; a wallet nobody opened refuses everything but returns.
  return {
    id: id as WalletId,
    status: 'unopened',
    userId: null,
    lockReason: '',
    pockets: new Map(),
    holds: NO_HOLDS,
    withdrawals: NONE_OPEN,
    window: null,
    outCents: 0n,
    kycLevel: 0,
    adjustments: NO_ADJUSTMENTS,
    quotes: NO_QUOTES,
    reversed: NONE_REVERSED,
  }
}

export function availableMinor(wallet: Wallet, asset: string): bigint {
  return wallet.pockets.get(asset)?.availableMinor ?? 0n
}

export function isEmpty(wallet: Wallet): boolean {
  for (const pocket of wallet.pockets.values()) {
    if (pocket.availableMinor !== 0n || pocket.heldMinor !== 0n || pocket.pendingMinor !== 0n) return false
  }
  return true
}

export function evolve(wallet: Wallet, event: WalletEvent, atMs: number): void {
  switch (event.kind) {
    case 'opened':
      wallet.status = 'open'
      wallet.userId = event.userId
      return
    case 'deposited': {
      const pocket = pocketOf(wallet, event.asset)
      pocket.availableMinor += event.amountMinor
      pocket.depositedMinor += event.amountMinor
      if (event.cents !== null) {
        const window = windowAt(wallet.window, atMs)
        const depositedCents = window.depositedCents + event.cents
        wallet.window = { ...window, deposits: window.deposits + 1, depositedCents }
      }
      return
    }
    case 'withdrawal_requested':
      return evolveRequested(wallet, event, atMs)
    case 'withdrawal_moved':
      return evolveMoved(wallet, event.id, event.to)
    case 'converted':
      pocketOf(wallet, event.from).availableMinor -= event.paidMinor
      pocketOf(wallet, event.to).availableMinor += event.receivedMinor
      if (event.quote !== null) useQuote(wallet, event.quote.id, event.quote.expiresAtMs, atMs)
      return
    case 'adjustment_proposed':
      return evolveProposed(wallet, event, atMs)
    case 'adjustment_ended':
      return evolveEnded(wallet, event)
    case 'reversal_proposed':
      return evolveReversalProposed(wallet, event, atMs)
    case 'reversed':
      return evolveReversed(wallet, event)
    case 'repaid': {
      const pocket = pocketOf(wallet, event.asset)
      pocket.availableMinor -= event.amountMinor
      pocket.owedMinor -= event.amountMinor
      return
    }
    case 'verified':
      wallet.kycLevel = event.level
      return
    case 'sent':
      pocketOf(wallet, event.asset).availableMinor -= event.amountMinor
      return dropGoneNft(wallet, event.asset)
    case 'staked':
      pocketOf(wallet, event.asset).availableMinor -= event.amountMinor
      return
    case 'received':
    case 'returned':
    case 'refunded':
      pocketOf(wallet, event.asset).availableMinor += event.amountMinor
      return
    case 'prize': {
      const pocket = pocketOf(wallet, event.asset)
      pocket.availableMinor += event.amountMinor
      pocket.prizesMinor += event.amountMinor
      return
    }
    case 'held': {
      const pocket = pocketOf(wallet, event.asset)
      pocket.availableMinor -= event.amountMinor
      pocket.heldMinor += event.amountMinor
      openHold(wallet, event.name, { asset: event.asset, leftMinor: event.amountMinor, expiresAtMs: event.expiresAtMs })
      return
    }
    case 'captured': {
      const asset = takeFromHold(wallet, event.name, event.amountMinor)
      return asset === null ? undefined : dropGoneNft(wallet, asset)
    }
    case 'released': {
      const asset = takeFromHold(wallet, event.name, event.amountMinor)
      if (asset !== null) pocketOf(wallet, asset).availableMinor += event.amountMinor
      return
    }
    case 'frozen':
      wallet.status = 'frozen'
      wallet.lockReason = event.reason
      return
    case 'unfrozen':
      wallet.status = 'open'
      wallet.lockReason = ''
      return
    case 'closed':
      wallet.status = 'closed'
      return
    default:
      event satisfies never
  }
}

export function view(wallet: Wallet, _query: WalletQuery): WalletView {
  const assets: AssetView[] = [...wallet.pockets]
    .map(([asset, pocket]) => ({ asset, ...pocket }))
    .sort((a, b) => (a.asset < b.asset ? -1 : 1))
  const holds = [...wallet.holds].map(([name, hold]) => ({ name, ...hold }))
  // In the order they were asked for, whatever order a snapshot gave them back in.
  const withdrawals: WithdrawalView[] = [...wallet.withdrawals]
    .map(([id, { cents: _, ...shown }]) => ({ id, ...shown }))
    .sort(byRecord)
  const { status, userId, lockReason, kycLevel } = wallet
  return {
    ...{ status, userId, lockReason, assets, holds, withdrawals, kycLevel },
    adjustments: adjustmentViews(wallet),
  }
}

/** Remembers it until it has run out, and forgets those that have. */
function useQuote(wallet: Wallet, id: string, expiresAtMs: number, atMs: number): void {
  const kept = [...wallet.quotes].filter(([, endMs]) => endMs > atMs)
  wallet.quotes = new Map([...kept, [id, expiresAtMs]])
}

export function openQuotes(wallet: Wallet, nowMs: number): number {
  let open = 0
  for (const endMs of wallet.quotes.values()) if (endMs > nowMs) open++
  return open
}

export function openHold(wallet: Wallet, name: string, hold: Hold): void {
  if (wallet.holds === NO_HOLDS) wallet.holds = new Map()
  mutable(wallet).set(name, hold)
}

function closeHold(wallet: Wallet, name: string): void {
  mutable(wallet).delete(name)
  if (wallet.holds.size === 0) wallet.holds = NO_HOLDS
}

/** Never NO_HOLDS: the callers have put, or found, a hold in it. */
function mutable(wallet: Wallet): Map<string, Hold> {
  return wallet.holds as Map<string, Hold>
}

/** Lowers hold and held balance, drops an empty hold; answers its asset. */
function takeFromHold(wallet: Wallet, name: string, amountMinor: bigint): string | null {
  const hold = wallet.holds.get(name)
  if (hold === undefined) return null
  pocketOf(wallet, hold.asset).heldMinor -= amountMinor
  hold.leftMinor -= amountMinor
  if (hold.leftMinor === 0n) closeHold(wallet, name)
  return hold.asset
}
