// What a wallet answers to each command. Pure (A2). Postings balance (M2) and touch own accounts and the partition's
// system accounts only (M3); money for another actor travels in an envelope (M4).

import { IN_TRANSIT } from '../../shared/accounts.ts'
import { isNft } from '../../shared/assets.ts'
import { actorKey } from '../../shared/partition.ts'
import { RULES } from '../../shared/rules.ts'
import {
  accept,
  type DecideContext,
  type Decision,
  type OutgoingEnvelope,
  refuseInput,
  reject,
} from '../runtime/actor.ts'
import { decideAdjust, decideLapse, decidePropose, decideReverse } from './adjustments.ts'
import type { WalletCommand, WalletEvent } from './commands.ts'
import { owes, owesAnything, payingDebts } from './debts.ts'
import { decideConvert } from './decideConversion.ts'
import { decideWithdraw, decideWithdrawalStep } from './decideWithdrawal.ts'
import { centsOf, depositRefusal } from './limits.ts'
import { nftsIn } from './pockets.ts'
import { available, backingOf, held, move, wouldOverflow } from './postings.ts'
import { decidePaid, decideStake } from './stakes.ts'
import { availableMinor, type Hold, isEmpty, type Wallet } from './state.ts'

type WalletDecision = Decision<WalletEvent>
type CommandOf<Kind extends WalletCommand['kind']> = Extract<WalletCommand, { kind: Kind }>

export function decide(wallet: Wallet, command: WalletCommand, ctx: DecideContext): WalletDecision {
  return payingDebts(wallet, decideAlone(wallet, command, ctx))
}

/** As if nothing were owed. */
function decideAlone(wallet: Wallet, command: WalletCommand, ctx: DecideContext): WalletDecision {
  switch (command.kind) {
    case 'open':
      return decideOpen(wallet, command)
    case 'receive':
      return decideReceive(wallet, command)
    case 'prize':
    case 'refund':
      return decidePaid(wallet, command)
    case 'returned':
      return decideReturned(wallet, command)
    case 'expire':
      return decideExpire(wallet, command, ctx)
    case 'withdrawal':
      return decideWithdrawalStep(wallet, command, barrier(wallet))
    case 'verify':
      return decideVerify(wallet, command)
    case 'propose':
      return decidePropose(wallet, command, ctx)
    case 'reverse':
      return decideReverse(wallet, command, ctx)
    case 'adjust':
      return decideAdjust(wallet, command, ctx)
    case 'lapse':
      return decideLapse(wallet, command)
    case 'unfreeze':
      return wallet.status === 'frozen'
        ? accept('none', [{ kind: 'unfrozen' }])
        : reject(barrier(wallet) ?? 'wallet.not_frozen')
    default:
      return decideWhileOpen(wallet, command, ctx)
  }
}

/** What only an open wallet takes. */
type OrdinaryCommand = CommandOf<
  'deposit' | 'send' | 'stake' | 'hold' | 'capture' | 'release' | 'withdraw' | 'convert' | 'freeze' | 'close'
>

function decideWhileOpen(wallet: Wallet, command: OrdinaryCommand, ctx: DecideContext): WalletDecision {
  const refusal = barrier(wallet)
  // A stake's key is its seat's: it stays free until the stake has gone out.
  if (refusal !== null) return command.kind === 'stake' ? refuseInput(refusal) : reject(refusal)
  switch (command.kind) {
    case 'deposit':
      return decideDeposit(wallet, command, ctx)
    case 'send':
      return decideSend(wallet, command)
    case 'stake':
      return decideStake(wallet, command, ctx)
    case 'hold':
      return decideHold(wallet, command, ctx)
    case 'capture':
      return decideCapture(wallet, command, ctx)
    case 'release':
      return decideRelease(wallet, command)
    case 'withdraw':
      return decideWithdraw(wallet, command, ctx)
    case 'convert':
      return decideConvert(wallet, command, ctx)
    case 'freeze':
      return accept('none', [{ kind: 'frozen', reason: command.reason }])
    case 'close':
      if (owesAnything(wallet)) return reject('wallet.owes')
      return isEmpty(wallet) && wallet.adjustments.size === 0
        ? accept('none', [{ kind: 'closed' }])
        : reject('wallet.not_empty')
  }
}

/** Why this wallet takes no ordinary command now, or null. */
function barrier(wallet: Wallet): 'wallet.not_open' | 'wallet.frozen' | 'wallet.closed' | null {
  switch (wallet.status) {
    case 'open':
      return null
    case 'unopened':
      return 'wallet.not_open'
    case 'frozen':
      return 'wallet.frozen'
    case 'closed':
      return 'wallet.closed'
  }
}

// S2: login repeats `open`; an open wallet has nothing to note.
function decideOpen(wallet: Wallet, command: CommandOf<'open'>): WalletDecision {
  if (wallet.status === 'closed') return reject('wallet.closed')
  return accept('none', wallet.status === 'unopened' ? [{ kind: 'opened', userId: command.userId }] : [])
}

function decideVerify(wallet: Wallet, command: CommandOf<'verify'>): WalletDecision {
  const { level, by } = command
  // A frozen wallet's owner may be verified: often that is what it is frozen for.
  if (wallet.status === 'unopened') return reject('wallet.not_open')
  if (wallet.status === 'closed') return reject('wallet.closed')
  if (level === wallet.kycLevel) return reject('wallet.kyc_unchanged')
  return accept('none', [{ kind: 'verified', level, by }])
}

const CONFIRMED = Object.freeze({ status: 'confirmed' })
const PENDING = Object.freeze({ status: 'pending' })

function decideDeposit(wallet: Wallet, command: CommandOf<'deposit'>, ctx: DecideContext): WalletDecision {
  const { asset, amountMinor, provider, reference } = command
  const backing = backingOf(asset)
  const minimum = RULES.depositMinMinor[asset]
  const maximum = RULES.depositMaxMinor[asset]
  const cents = centsOf(asset, amountMinor, ctx.rates)
  if (backing === null || minimum === undefined || maximum === undefined || cents === null)
    return refuseInput('wallet.not_depositable')
  if (amountMinor < minimum) return refuseInput('wallet.below_minimum')
  if (amountMinor > maximum) return refuseInput('wallet.above_maximum')
  const refusal = depositRefusal(wallet, cents, ctx.nowMs)
  if (refusal !== null) return reject(refusal)
  if (wouldOverflow(wallet, asset, amountMinor)) return reject('wallet.balance_limit')
  return accept('deposit', [{ kind: 'deposited', asset, amountMinor, provider, reference, cents }], {
    postings: move(asset, amountMinor, backing, available(wallet)),
    reply: CONFIRMED,
  })
}

function decideSend(wallet: Wallet, command: CommandOf<'send'>): WalletDecision {
  const { asset, amountMinor, to, memo } = command
  if (to === wallet.id) return refuseInput('wallet.self_transfer')
  if (owes(wallet, asset)) return reject('wallet.owes')
  if (availableMinor(wallet, asset) < amountMinor) return reject('wallet.insufficient_funds')
  return accept('transfer', [{ kind: 'sent', asset, amountMinor, to, memo }], {
    postings: move(asset, amountMinor, available(wallet), IN_TRANSIT),
    outbox: [transferTo(to, asset, amountMinor, memo)],
    reply: PENDING,
  })
}

function decideReceive(wallet: Wallet, command: CommandOf<'receive'>): WalletDecision {
  const { asset, amountMinor, from, record, memo } = command
  if (wallet.status === 'unopened') return reject('wallet.unknown_recipient')
  if (wallet.status === 'closed') return reject('wallet.closed')
  if (wouldOverflow(wallet, asset, amountMinor)) return reject('wallet.balance_limit')
  if (isNft(asset) && nftsIn(wallet) >= RULES.maxNftsPerWallet) return reject('wallet.too_many_nfts')
  return accept('transfer', [{ kind: 'received', asset, amountMinor, from, record, memo }], {
    postings: move(asset, amountMinor, IN_TRANSIT, available(wallet)),
  })
}

// M4: accepted in every state, so that no money is ever without a place.
function decideReturned(wallet: Wallet, command: CommandOf<'returned'>): WalletDecision {
  const { asset, amountMinor, code, original, from } = command
  return accept('refund', [{ kind: 'returned', asset, amountMinor, code, original, from }], {
    postings: move(asset, amountMinor, IN_TRANSIT, available(wallet)),
  })
}

function decideHold(wallet: Wallet, command: CommandOf<'hold'>, ctx: DecideContext): WalletDecision {
  const { name, asset, amountMinor, expiresAtMs } = command
  if (wallet.holds.has(name)) return reject('wallet.hold_exists')
  if (wallet.holds.size >= RULES.maxOpenHoldsPerWallet) return reject('wallet.too_many_holds')
  if (expiresAtMs <= ctx.nowMs) return reject('wallet.hold_expired')
  if (expiresAtMs - ctx.nowMs > RULES.maxHoldSeconds * 1000) return reject('wallet.hold_too_long')
  if (owes(wallet, asset)) return reject('wallet.owes')
  if (availableMinor(wallet, asset) < amountMinor) return reject('wallet.insufficient_funds')
  return accept('hold', [{ kind: 'held', name, asset, amountMinor, expiresAtMs }], {
    postings: move(asset, amountMinor, available(wallet), held(wallet)),
    timers: [{ kind: 'set', name: holdTimer(name), dueMs: expiresAtMs, body: name }],
    reply: { hold: name, expires_at_ms: expiresAtMs },
  })
}

function decideCapture(wallet: Wallet, command: CommandOf<'capture'>, ctx: DecideContext): WalletDecision {
  const { name, amountMinor, to, releaseRest } = command
  const hold = wallet.holds.get(name)
  if (hold === undefined) return reject('wallet.hold_unknown')
  if (to === wallet.id) return refuseInput('wallet.self_transfer')
  // A7: expired at its time, whether or not the timer has come by yet.
  if (hold.expiresAtMs <= ctx.nowMs) return reject('wallet.hold_expired')
  if (amountMinor > hold.leftMinor) return reject('wallet.hold_exceeded')
  const rest = hold.leftMinor - amountMinor
  const giveBack = releaseRest && rest > 0n
  const captured: WalletEvent = { kind: 'captured', name, amountMinor, to }
  const events: WalletEvent[] = giveBack
    ? [captured, { kind: 'released', name, amountMinor: rest, why: 'rest' }]
    : [captured]
  const postings = move(hold.asset, amountMinor, held(wallet), IN_TRANSIT)
  return accept('transfer', events, {
    postings: giveBack ? [...postings, ...move(hold.asset, rest, held(wallet), available(wallet))] : postings,
    outbox: [transferTo(to, hold.asset, amountMinor, '')],
    timers: rest === 0n || giveBack ? [{ kind: 'cancel', name: holdTimer(name) }] : [],
    reply: PENDING,
  })
}

function decideRelease(wallet: Wallet, command: CommandOf<'release'>): WalletDecision {
  const hold = wallet.holds.get(command.name)
  if (hold === undefined) return reject('wallet.hold_unknown')
  return release(wallet, command.name, hold, 'released')
}

function decideExpire(wallet: Wallet, command: CommandOf<'expire'>, ctx: DecideContext): WalletDecision {
  const hold = wallet.holds.get(command.name)
  // The hold was used up, or another of the same name was opened later: nothing to expire.
  if (hold === undefined || hold.expiresAtMs > ctx.nowMs) return accept('none', [])
  return release(wallet, command.name, hold, 'expired')
}

function release(wallet: Wallet, name: string, hold: Hold, why: 'released' | 'expired'): WalletDecision {
  return accept('release', [{ kind: 'released', name, amountMinor: hold.leftMinor, why }], {
    postings: move(hold.asset, hold.leftMinor, held(wallet), available(wallet)),
    timers: why === 'released' ? [{ kind: 'cancel', name: holdTimer(name) }] : [],
  })
}

function transferTo(to: string, asset: string, amountMinor: bigint, memo: string): OutgoingEnvelope {
  return {
    to: actorKey('wallet', to),
    name: 'receive',
    money: { asset, amountMinor },
    body: memo === '' ? null : { memo },
  }
}

/** What the names of the timers that end holds begin with. */
export const HOLD_TIMER = 'hold:'
const holdTimer = (name: string): string => `${HOLD_TIMER}${name}`
