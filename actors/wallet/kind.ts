// The wallet as a kind of actor: its decisions and folds, what its commands are called, and what envelopes and timers
// mean to it.

import type { RecordId } from '../../shared/ids.ts'
import type { ActorKind, Incoming, RecordFate } from '../runtime/actor.ts'
import { RETURN_ENVELOPE } from '../runtime/actor.ts'
import type { Json } from '../runtime/record.ts'
import type { WalletCommand, WalletEvent } from './commands.ts'
import { decide } from './decide.ts'
import { decodeEvent, encodeEvent } from './eventCodec.ts'
import { evolve, newWallet, view, type Wallet } from './state.ts'
import { decodeState, encodeState } from './stateCodec.ts'
import type { WalletQuery, WalletView } from './views.ts'

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
  fateOf,
}

// M9: what a client sees of its own record later.
function fateOf(event: WalletEvent): RecordFate | null {
  switch (event.kind) {
    case 'returned':
      return { record: event.original, fate: 'failed' }
    case 'withdrawal_requested':
      return { record: event.id, fate: 'pending' }
    case 'adjustment_proposed':
      return { record: event.id, fate: 'pending' }
    case 'reversal_proposed':
      return { record: event.id, fate: 'pending' }
    case 'reversed':
      return { record: event.line, fate: 'reversed' }
    case 'adjustment_ended':
      return { record: event.id, fate: event.end === 'approved' ? 'confirmed' : 'cancelled' }
    case 'withdrawal_moved':
      switch (event.to) {
        case 'completed':
          return { record: event.id, fate: 'confirmed' }
        case 'cancelled':
          return { record: event.id, fate: 'cancelled' }
        case 'rejected':
        case 'failed':
          return { record: event.id, fate: 'failed' }
        default:
          return null
      }
    default:
      return null
  }
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
    case 'stake':
      return JSON.stringify(['stake', command.match, command.seat, command.asset, command.amountMinor.toString()])
    case 'withdraw':
      return JSON.stringify(['withdraw', command.asset, command.amountMinor.toString(), command.destination])
    case 'withdrawal':
      return JSON.stringify(['withdrawal', command.id, command.step, command.note])
    case 'convert': {
      const { from, to, amountMinor, quote } = command
      // What the client said: the rate of the moment is not its word.
      return JSON.stringify(['convert', from, to, amountMinor.toString(), quote?.id ?? ''])
    }
    case 'propose': {
      const { direction, asset, amountMinor, account, reason } = command
      return JSON.stringify(['propose', direction, asset, amountMinor.toString(), account, reason])
    }
    case 'reverse':
      return JSON.stringify(['reverse', command.plan.record, command.plan.amountMinor.toString(), command.reason])
    case 'adjust':
      return JSON.stringify(['adjust', command.id, command.verdict, command.note])
    case 'verify':
      return JSON.stringify(['verify', command.level])
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
    if (message.name.startsWith('adjustment:') && typeof message.body === 'string')
      return { kind: 'lapse', id: message.body as RecordId } // set by decidePropose
    throw new Error(`wallet has no timer ${message.name}`)
  }
  const { money, recordId, from } = message
  if (money === null || recordId === null) throw new Error(`wallet takes no envelope ${message.name} without money`)
  const body = fields(message.body)
  if (message.name === 'receive') {
    return { kind: 'receive', ...money, from, record: recordId, memo: typeof body.memo === 'string' ? body.memo : '' }
  }
  if (message.name === 'prize' || message.name === 'refund') {
    return { kind: message.name, ...money, from, record: recordId }
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
