// A kind of actor that does what a test tells it to: keeps a log, sends and takes messages, sets timers, refuses, throws.
// It owns no accounts.

import {
  type ActorKind,
  accept,
  type Decision,
  type Incoming,
  refuseInput,
  reject,
} from '../../actors/runtime/actor.ts'
import type { Json, TimerChange } from '../../actors/runtime/record.ts'

export type ProbeCommand =
  | { readonly kind: 'note'; readonly text: string }
  /** Accepted, and nothing to write. */
  | { readonly kind: 'look' }
  | { readonly kind: 'stamp' }
  | { readonly kind: 'refuse'; readonly remembered: boolean }
  | { readonly kind: 'throw'; readonly where: 'decide' | 'commandText' | 'encodeEvent' }
  | { readonly kind: 'unbalanced' }
  | { readonly kind: 'big'; readonly bytes: number }
  /** To probes by their id, to others by their whole key. */
  | { readonly kind: 'tell'; readonly to: readonly string[]; readonly message: Message }
  | { readonly kind: 'arm'; readonly name: string; readonly dueMs: number; readonly does?: 'note' | 'throw' }
  | { readonly kind: 'disarm'; readonly name: string }
  | { readonly kind: 'arrived'; readonly what: string; readonly message: Message }

/** A message between probes: its text, and what taking it does. */
export interface Message {
  readonly text: string
  readonly does?: 'note' | 'refuse' | 'throw'
}

export type ProbeEvent = { readonly text: string }
export type ProbeQuery = 'log' | 'throw'

export interface ProbeState {
  readonly id: string
  readonly log: string[]
}

export const probeKind: ActorKind<ProbeState, ProbeCommand, ProbeEvent, ProbeQuery, readonly string[]> = {
  kind: 'probe',
  initial: (id) => ({ id, log: [] }),
  decide(state, command, ctx) {
    switch (command.kind) {
      case 'note':
        return accept('none', [{ text: command.text }], { reply: { count: state.log.length + 1 } })
      case 'look':
        return accept('none', [], { reply: { count: state.log.length } })
      case 'stamp':
        return accept('none', [{ text: `at ${ctx.nowMs}` }], { reply: { now: ctx.nowMs, record: ctx.recordId } })
      case 'refuse':
        return command.remembered ? reject('wallet.frozen') : refuseInput('wallet.self_transfer')
      case 'throw':
        if (command.where === 'decide') throw new Error('decide was told to throw')
        return accept('none', [{ text: THROWS }])
      case 'unbalanced':
        return accept('adjustment', [{ text: 'unbalanced' }], {
          postings: [{ account: '1001', asset: 'USD', side: 'debit', amountMinor: 1n }],
        })
      case 'big':
        return accept('none', [{ text: 'big' }], { reply: 'x'.repeat(command.bytes) })
      case 'tell':
        return accept('none', [{ text: `told ${command.message.text}` }], {
          outbox: command.to.map((to) => ({
            to: to.includes('/') ? to : `probe/${to}`,
            name: 'message',
            money: null,
            body: jsonOf(command.message),
          })),
        })
      case 'arm':
        return armed(command.name, [
          { kind: 'set', name: command.name, dueMs: command.dueMs, body: command.does ?? 'note' },
        ])
      case 'disarm':
        return armed(command.name, [{ kind: 'cancel', name: command.name }])
      case 'arrived':
        return arrived(command.what, command.message)
    }
  },
  evolve: (state, event) => {
    state.log.push(event.text)
  },
  view: (state, query) => {
    if (query === 'throw') throw new Error('view was told to throw')
    return [...state.log]
  },
  commandName: (command) => command.kind,
  commandText(command) {
    if (command.kind === 'throw' && command.where === 'commandText') throw new Error('commandText was told to throw')
    return JSON.stringify(command)
  },
  incoming,
  encodeEvent(event) {
    if (event.text === THROWS) throw new Error('encodeEvent was told to throw')
    return event.text
  },
  decodeEvent: (json) => ({ text: String(json) }),
  encodeState: (state) => ({ id: state.id, log: [...state.log] }),
  decodeState(json) {
    const { id, log } = json as unknown as ProbeState // written by encodeState
    return { id, log: [...log] }
  },
}

const THROWS = 'encodeEvent throws at this'

function armed(name: string, timers: readonly TimerChange[]): Decision<ProbeEvent> {
  return accept('none', [{ text: `timer ${name}` }], { timers })
}

function arrived(what: string, message: Message): Decision<ProbeEvent> {
  if (message.does === 'refuse') return reject('wallet.closed')
  if (message.does === 'throw') throw new Error(`told to throw at ${message.text}`)
  return accept('none', [{ text: `${what} ${message.text}` }])
}

function incoming(message: Incoming): ProbeCommand {
  const { name, body, from } = message
  if (message.via === 'timer') {
    return { kind: 'arrived', what: 'timer', message: { text: name, does: body === 'throw' ? 'throw' : 'note' } }
  }
  if (name === 'message') {
    return { kind: 'arrived', what: `from ${from.slice(6)}:`, message: body as unknown as Message } // jsonOf wrote it
  }
  const { code } = body as { readonly code: string } // the runtime's return
  return { kind: 'arrived', what: 'returned', message: { text: code } }
}

function jsonOf(message: Message): Json {
  return { text: message.text, does: message.does ?? 'note' }
}
