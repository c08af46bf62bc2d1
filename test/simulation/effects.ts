// What a record must say about the command it carries out, stated apart from `decide`: the legs on the wallet's own
// accounts, the envelope that leaves, and for a refusal that its reason held right before it. System legs are left to
// the auditor, which knows that every record balances.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { NftCommand } from '../../actors/nft/commands.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { RULES } from '../../shared/rules.ts'
import { matchInputRefusal, matchMismatch } from './effectsMatch.ts'
import { nftMismatch } from './effectsNft.ts'
import { conversionOf, outwardEffect, outwardRefusalHolds, stepEffect } from './effectsOutward.ts'
import { adjustmentEffect, adjustmentRefusalHolds } from './effectsStaff.ts'
import { type DurableRecord, type Moment, parCents, sameDay } from './model.ts'
import { isMatchActor, isNftActor, type SimCommand } from './simKinds.ts'

type CommandOf<Kind extends WalletCommand['kind']> = Extract<WalletCommand, { kind: Kind }>

/** Null where the record is a right outcome of the command; else what is wrong. */
export function mismatch(command: SimCommand, durable: DurableRecord): string | null {
  // Whoever intended the command addressed it to an actor of its kind.
  const { actor } = durable.record
  if (isNftActor(actor)) return nftMismatch(command as NftCommand, durable)
  if (isMatchActor(actor)) return matchMismatch(command as MatchCommand, durable)
  return walletMismatch(command as WalletCommand, durable)
}

function walletMismatch(command: WalletCommand, { record, before, after }: DurableRecord): string | null {
  if (record.outcome.kind === 'parked') return 'a command is parked'
  if (record.outcome.kind === 'refused') {
    const { code } = record.outcome
    const empty = record.entries.length + record.events.length + record.outbox.length + record.timers.length === 0
    if (!empty) return `refused with ${code}, and changes something`
    return refusalHolds(command, code, before, record.atMs) ? null : `refused with ${code}, with ${before.state}`
  }
  const expected = acceptedEffect(command, before, after, record.atMs)
  if (expected === null) return `accepted ${command.kind}, with ${before.state}`
  const found = effectOf(record)
  return found === withRepayment(expected, before) ? null : `${command.kind} did ${found}, expected ${expected}`
}

/** Legs on owned accounts and envelopes, as canonical text. */
function effectOf(record: LogRecord): string {
  const legs = record.entries
    .filter(({ account }) => /^200[135]:/.test(account))
    .map(({ account, asset, side, amountMinor }) => leg(account, side, amountMinor, asset))
  const sent = record.outbox.map(({ to, money }) => `to ${to} ${money?.amountMinor} ${money?.asset}`)
  return [...legs.sort(), ...sent].join('; ')
}

/** What comes to what is available goes out again to what was owed before, as far as it is. */
function withRepayment(expected: string, before: Moment): string {
  const [available] = ownAccounts(before)
  const parts = expected === '' ? [] : expected.split('; ')
  const repaid = before.view.assets.flatMap(({ asset, owedMinor }) => {
    const came = parts
      .map((part) => part.split(' '))
      .filter(([side, account, , code]) => side === 'credit' && account === available && code === asset)
      .reduce((sum, [, , minor]) => sum + BigInt(minor ?? 0), 0n)
    const minor = lesser(came, owedMinor)
    return minor === 0n ? [] : [leg(available, 'debit', minor, asset)]
  })
  const isSent = (part: string): boolean => part.startsWith('to ')
  return [...[...parts.filter((part) => !isSent(part)), ...repaid].sort(), ...parts.filter(isSent)].join('; ')
}

export function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

export function leg(account: string, side: string, amountMinor: bigint, asset: string): string {
  return `${side} ${account} ${amountMinor} ${asset}`
}

function acceptedEffect(command: WalletCommand, before: Moment, after: Moment, atMs: number): string | null {
  const { status } = before.view
  switch (command.kind) {
    case 'open':
      return status === 'closed' || after.view.status === 'unopened' ? null : ''
    case 'unfreeze':
      return status === 'frozen' && after.view.status === 'open' ? '' : null
    case 'freeze':
      return status === 'open' && after.view.status === 'frozen' ? '' : null
    case 'close':
      return status === 'open' && isEmpty(before) && before.owed === '' && after.view.status === 'closed' ? '' : null
    case 'verify':
      return (status === 'open' || status === 'frozen') && after.view.kycLevel === command.level ? '' : null
    case 'withdrawal':
      return stepEffect(command, before, after)
    case 'propose':
    case 'reverse':
    case 'adjust':
      return adjustmentEffect(command, before, after)
    default:
      return status === 'open' ? movement(command, before, atMs) : null
  }
}

function movement(command: WalletCommand, before: Moment, atMs: number): string | null {
  const [available, held] = ownAccounts(before)
  switch (command.kind) {
    case 'deposit':
      if (isDepositTooMuch(command, before, atMs)) return null
      return leg(available, 'credit', command.amountMinor, command.asset)
    case 'withdraw':
    case 'convert':
      return outwardEffect(command, before, atMs)
    case 'send': {
      const { asset, amountMinor, to } = command
      if (availableOf(before, asset) < amountMinor) return null
      return `${leg(available, 'debit', amountMinor, asset)}; to wallet/${to} ${amountMinor} ${asset}`
    }
    case 'stake': {
      const { asset, amountMinor, match } = command
      if (availableOf(before, asset) < amountMinor || owedOf(before, asset) > 0n) return null
      if (before.view.kycLevel === 0 && parCents(asset, amountMinor) > RULES.unverifiedStakeMostCents) return null
      return `${leg(available, 'debit', amountMinor, asset)}; to match/${match} ${amountMinor} ${asset}`
    }
    case 'hold': {
      const { asset, amountMinor, expiresAtMs, name } = command
      const timely = expiresAtMs > atMs && expiresAtMs <= atMs + RULES.maxHoldSeconds * 1000
      if (availableOf(before, asset) < amountMinor || !timely || holdOf(before, name) !== null) return null
      return `${leg(held, 'credit', amountMinor, asset)}; ${leg(available, 'debit', amountMinor, asset)}`
    }
    case 'capture':
      return captureEffect(command, before, atMs)
    case 'release': {
      const hold = holdOf(before, command.name)
      if (hold === null) return null
      return `${leg(available, 'credit', hold.leftMinor, hold.asset)}; ${leg(held, 'debit', hold.leftMinor, hold.asset)}`
    }
    default:
      return null
  }
}

function captureEffect(command: CommandOf<'capture'>, before: Moment, atMs: number): string | null {
  const [available, held] = ownAccounts(before)
  const hold = holdOf(before, command.name)
  if (hold === null || hold.leftMinor < command.amountMinor || hold.expiresAtMs <= atMs) return null
  const rest = hold.leftMinor - command.amountMinor
  const legs = [leg(held, 'debit', command.amountMinor, hold.asset)]
  if (command.releaseRest && rest > 0n) {
    legs.push(leg(held, 'debit', rest, hold.asset), leg(available, 'credit', rest, hold.asset))
  }
  return [...legs.sort(), `to wallet/${command.to} ${command.amountMinor} ${hold.asset}`].join('; ')
}

function refusalHolds(command: WalletCommand, code: string, before: Moment, atMs: number): boolean {
  const { status } = before.view
  if (code === 'wallet.not_open') return status === 'unopened'
  if (code === 'wallet.closed') return status === 'closed'
  if (code === 'wallet.frozen') return status === 'frozen' && isBarredByFreeze(command)
  if (code === 'wallet.not_frozen') return status === 'open' && command.kind === 'unfreeze'
  if (command.kind === 'propose' || command.kind === 'reverse' || command.kind === 'adjust')
    return adjustmentRefusalHolds(command, code, before)
  if (command.kind === 'withdrawal' || command.kind === 'verify')
    return outwardRefusalHolds(command, code, before, atMs)
  if (status !== 'open') return false
  if (code === 'wallet.owes') return owesFor(command, before)
  switch (command.kind) {
    case 'deposit':
      return code === 'wallet.deposit_limit' && isDepositTooMuch(command, before, atMs)
    case 'withdraw':
    case 'convert':
      return outwardRefusalHolds(command, code, before, atMs)
    case 'send':
      return code === 'wallet.insufficient_funds' && availableOf(before, command.asset) < command.amountMinor
    case 'close':
      return code === 'wallet.not_empty' && !isEmpty(before)
    case 'release':
      return code === 'wallet.hold_unknown' && holdOf(before, command.name) === null
    case 'hold':
      if (code === 'wallet.hold_exists') return holdOf(before, command.name) !== null
      if (code === 'wallet.hold_expired') return command.expiresAtMs <= atMs
      if (code === 'wallet.hold_too_long') return command.expiresAtMs > atMs + RULES.maxHoldSeconds * 1000
      return code === 'wallet.insufficient_funds' && availableOf(before, command.asset) < command.amountMinor
    case 'capture': {
      const hold = holdOf(before, command.name)
      if (code === 'wallet.hold_unknown') return hold === null
      if (code === 'wallet.hold_expired') return hold !== null && hold.expiresAtMs <= atMs
      return code === 'wallet.hold_exceeded' && hold !== null && hold.leftMinor < command.amountMinor
    }
    default:
      return false
  }
}

function isDepositTooMuch({ asset, amountMinor }: CommandOf<'deposit'>, before: Moment, atMs: number): boolean {
  const { deposits, depositedCents } = sameDay(before.day, atMs)
  const sum = depositedCents + parCents(asset, amountMinor)
  return deposits >= RULES.depositsPerDay || sum > RULES.depositCentsPerDay
}

/** Whether what the command would take out of is owed. */
function owesFor(command: WalletCommand, before: Moment): boolean {
  if (command.kind === 'close') return before.owed !== ''
  if (command.kind === 'convert') return owedOf(before, command.from) > 0n
  const takes = command.kind === 'send' || command.kind === 'hold' || command.kind === 'withdraw'
  return takes && owedOf(before, command.asset) > 0n
}

function isBarredByFreeze(command: WalletCommand): boolean {
  if (command.kind === 'withdrawal') return ['approve', 'process', 'cancel'].includes(command.step)
  return !['unfreeze', 'verify', 'propose', 'reverse', 'adjust'].includes(command.kind)
}

/** A refusal for what the command is, whatever state its wallet is in: it leaves no record, and its key stays free. */
export function inputRefusalHolds(command: SimCommand, code: string, actor: string): boolean {
  // Whoever intended the command addressed it to an actor of its kind.
  return isMatchActor(actor)
    ? matchInputRefusal(code)
    : ownInputRefusal(command as WalletCommand | NftCommand, code, actor)
}

function ownInputRefusal(command: WalletCommand | NftCommand, code: string, actor: string): boolean {
  switch (command.kind) {
    case 'send':
    case 'capture':
      return code === 'wallet.self_transfer' && actor === `wallet/${command.to}`
    case 'withdraw': {
      const minimum = RULES.withdrawalMinMinor[command.asset] ?? 0n
      const maximum = RULES.withdrawalMaxMinor[command.asset] ?? 0n
      if (code === 'wallet.below_minimum') return command.amountMinor < minimum
      return code === 'wallet.above_maximum' && command.amountMinor > maximum
    }
    case 'propose':
      if (code === 'wallet.adjustment_account') return command.account === '2006'
      return code === 'wallet.adjustment_too_large' && command.amountMinor > 100_000n
    case 'reverse':
      return code === 'wallet.adjustment_too_large' && parCents(command.plan.asset, command.plan.amountMinor) > 100_000n
    case 'convert':
      if (code === 'wallet.not_convertible') return command.from === command.to || command.from === 'CREDIT'
      return code === 'wallet.below_minimum' && conversionOf(command).received === 0n
    case 'deposit': {
      const minimum = RULES.depositMinMinor[command.asset] ?? 0n
      const maximum = RULES.depositMaxMinor[command.asset] ?? 0n
      if (code === 'wallet.below_minimum') return command.amountMinor < minimum
      return code === 'wallet.above_maximum' && command.amountMinor > maximum
    }
    default:
      return false
  }
}

/** M5, A3: a wallet's own picture of its money and what the entries sum to are the same picture. */
export function picturesDiffer({ view, balances, owed }: Moment, id: string): string | null {
  const rows: string[] = []
  const owing: string[] = []
  for (const { asset, availableMinor, heldMinor, pendingMinor, owedMinor } of view.assets) {
    if (owedMinor < 0n || (owedMinor > 0n && availableMinor > 0n))
      return `${owedMinor} ${asset} owed, ${availableMinor} there`
    if (owedMinor !== 0n) owing.push(`${asset}=${owedMinor}`)
    if (availableMinor < 0n || heldMinor < 0n || pendingMinor < 0n) return `${asset} below zero`
    if (pendingMinor !== 0n) rows.push(`2003:${id}/${asset}=${pendingMinor}`)
    if (availableMinor !== 0n) rows.push(`2001:${id}/${asset}=${availableMinor}`)
    if (heldMinor !== 0n) rows.push(`2005:${id}/${asset}=${heldMinor}`)
    const inHolds = view.holds.reduce((sum, hold) => (hold.asset === asset ? sum + hold.leftMinor : sum), 0n)
    if (inHolds !== heldMinor) return `${heldMinor} ${asset} held, ${inHolds} in holds`
  }
  const state = rows.sort().join(' ')
  if (owing.sort().join(' ') !== owed) return `state owes ${owing}, entries ${owed}`
  return state === balances ? null : `state says ${state}, entries ${balances}`
}

export function ownAccounts(moment: Moment): readonly [string, string] {
  const { id } = JSON.parse(moment.state) as { id: string } // encoded by the wallet kind
  return [`2001:${id}`, `2005:${id}`]
}

export function owedOf(moment: Moment, asset: string): bigint {
  return moment.view.assets.find((row) => row.asset === asset)?.owedMinor ?? 0n
}

export function availableOf(moment: Moment, asset: string): bigint {
  return moment.view.assets.find((row) => row.asset === asset)?.availableMinor ?? 0n
}

function holdOf(moment: Moment, name: string): Moment['view']['holds'][number] | null {
  return moment.view.holds.find((hold) => hold.name === name) ?? null
}

function isEmpty(moment: Moment): boolean {
  if (moment.view.adjustments.length > 0) return false
  return moment.view.assets.every(
    ({ availableMinor, heldMinor, pendingMinor }) => availableMinor === 0n && heldMinor === 0n && pendingMinor === 0n,
  )
}
