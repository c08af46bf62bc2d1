// The wallet as a kind of actor: its decisions and folds, and the encodings of its events and state. Event encodings
// are arrays led by a tag; a changed meaning gets a new tag, and old tags are read for ever.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { ActorKind, Incoming } from '../runtime/actor.ts'
import { RETURN_ENVELOPE } from '../runtime/actor.ts'
import type { Json } from '../runtime/record.ts'
import type { WalletCommand, WalletEvent, WalletQuery, WalletStatus, WalletView } from './commands.ts'
import { decide } from './decide.ts'
import { evolve, newWallet, openHold, view, type Wallet } from './state.ts'

export const walletKind: ActorKind<Wallet, WalletCommand, WalletEvent, WalletQuery, WalletView> = {
  kind: 'wallet',
  initial: newWallet,
  decide,
  evolve,
  view,
  commandName: (command) => command.kind,
  commandText,
  incoming,
  encodeEvent,
  decodeEvent,
  encodeState,
  decodeState,
  returnedRecord: (event) => (event.kind === 'returned' ? event.original : null),
}

function commandText(command: WalletCommand): string {
  switch (command.kind) {
    case 'send':
      return JSON.stringify(['send', command.to, command.asset, command.amountMinor.toString(), command.memo])
    case 'deposit':
      return JSON.stringify([
        'deposit',
        command.asset,
        command.amountMinor.toString(),
        command.provider,
        command.reference,
      ])
    case 'hold':
      return JSON.stringify(['hold', command.name, command.asset, command.amountMinor.toString(), command.expiresAtMs])
    case 'capture':
      return JSON.stringify(['capture', command.name, command.amountMinor.toString(), command.to, command.releaseRest])
    case 'release':
      return JSON.stringify(['release', command.name])
    case 'open':
      return JSON.stringify(['open', command.userId])
    case 'freeze':
      return JSON.stringify(['freeze', command.reason])
    default:
      return JSON.stringify([command.kind])
  }
}

function incoming(message: Incoming): WalletCommand {
  if (message.via === 'timer') {
    if (message.name.startsWith('hold:') && typeof message.body === 'string')
      return { kind: 'expire', name: message.body }
    throw new Error(`wallet has no timer ${message.name}`)
  }
  const { money, recordId, from } = message
  if (money === null || recordId === null) throw new Error(`wallet takes no envelope ${message.name} without money`)
  const body = fields(message.body)
  if (message.name === 'receive') {
    return { kind: 'receive', ...money, from, record: recordId, memo: typeof body.memo === 'string' ? body.memo : '' }
  }
  if (message.name === RETURN_ENVELOPE) {
    return { kind: 'returned', ...money, from, code: String(body.code), original: String(body.original) as RecordId }
  }
  throw new Error(`wallet takes no envelope ${message.name}`)
}

function fields(body: Json): { readonly [key: string]: Json } {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as { readonly [key: string]: Json })
    : {}
}

function encodeEvent(event: WalletEvent): Json {
  switch (event.kind) {
    case 'opened':
      return ['opened', event.userId]
    case 'deposited':
      return ['deposited', event.asset, event.amountMinor.toString(), event.provider, event.reference]
    case 'sent':
      return ['sent', event.asset, event.amountMinor.toString(), event.to, event.memo]
    case 'received':
      return ['received', event.asset, event.amountMinor.toString(), event.from, event.record, event.memo]
    case 'returned':
      return ['returned', event.asset, event.amountMinor.toString(), event.code, event.original, event.from]
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
function decodeEvent(json: Json): WalletEvent {
  const [kind, a = '', b = '', c = '', d = '', e = ''] = json as string[]
  switch (kind) {
    case 'opened':
      return { kind, userId: a as UserId }
    case 'deposited':
      return { kind, asset: a, amountMinor: BigInt(b), provider: c, reference: d }
    case 'sent':
      return { kind, asset: a, amountMinor: BigInt(b), to: c, memo: d }
    case 'received':
      return { kind, asset: a, amountMinor: BigInt(b), from: c, record: d as RecordId, memo: e }
    case 'returned':
      return { kind, asset: a, amountMinor: BigInt(b), code: c, original: d as RecordId, from: e }
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

interface StoredWallet {
  readonly id: string
  readonly status: WalletStatus
  readonly user: string | null
  readonly lock: string
  readonly pockets: readonly (readonly [string, string, string, string])[]
  readonly holds: readonly (readonly [string, string, string, number])[]
}

function encodeState(wallet: Wallet): Json {
  const byName = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]) => (a[0] < b[0] ? -1 : 1)
  const stored: StoredWallet = {
    id: wallet.id,
    status: wallet.status,
    user: wallet.userId,
    lock: wallet.lockReason,
    pockets: [...wallet.pockets]
      .map(
        ([asset, p]) =>
          [asset, p.availableMinor.toString(), p.heldMinor.toString(), p.depositedMinor.toString()] as const,
      )
      .sort(byName),
    holds: [...wallet.holds]
      .map(([name, h]) => [name, h.asset, h.leftMinor.toString(), h.expiresAtMs] as const)
      .sort(byName),
  }
  return stored as unknown as Json // an interface has no index signature; every field is Json
}

function decodeState(json: Json): Wallet {
  const stored = json as unknown as StoredWallet // written by encodeState
  const wallet = newWallet(stored.id)
  wallet.status = stored.status
  wallet.userId = stored.user as UserId | null
  wallet.lockReason = stored.lock
  for (const [asset, available, held, deposited] of stored.pockets) {
    wallet.pockets.set(asset, {
      availableMinor: BigInt(available),
      heldMinor: BigInt(held),
      depositedMinor: BigInt(deposited),
    })
  }
  for (const [name, asset, left, expiresAtMs] of stored.holds) {
    openHold(wallet, name, { asset, leftMinor: BigInt(left), expiresAtMs })
  }
  return wallet
}
