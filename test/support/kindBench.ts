// One actor of a kind without money, on its own: commands in, decisions out, with time in the test's hands. Whatever is
// written is read again: events, and the state after each command.

import { expect } from 'chai'
import type { Accepted, ActorKind, Decision, Incoming } from '../../actors/runtime/actor.ts'
import type { Json } from '../../actors/runtime/record.ts'
import type { RecordId } from '../../shared/ids.ts'
import { DEFAULT_PRICES, fixedRates } from '../../shared/rates.ts'
import { START_MS } from './walletBench.ts'

export class KindBench<State, Command, Event, Query, View> {
  readonly state: State
  nowMs = START_MS
  private readonly kind: ActorKind<State, Command, Event, Query, View>
  private readonly id: string
  private seq = 0

  constructor(kind: ActorKind<State, Command, Event, Query, View>, id: string) {
    this.kind = kind
    this.id = id
    this.state = kind.initial(id)
  }

  run(command: Command): Decision<Event> {
    const { kind, state } = this
    this.seq++
    const ctx = {
      nowMs: this.nowMs,
      recordId: `3-${this.seq}` as RecordId, // of the form recordId() gives
      partition: 3,
      self: this.id,
      rates: fixedRates(DEFAULT_PRICES),
      newId: () => `id${this.seq}`,
    }
    const before = text(kind.encodeState(state))
    const decision = kind.decide(state, command, ctx)
    expect(text(kind.encodeState(state)), 'A2: decide changes nothing').to.equal(before)
    if (decision.kind === 'rejected') return decision
    for (const event of decision.events) {
      const written = JSON.parse(text(kind.encodeEvent(event)))
      expect(kind.decodeEvent(written)).to.deep.equal(event)
      kind.evolve(state, event, this.nowMs)
    }
    const stored = text(kind.encodeState(state))
    expect(text(kind.encodeState(kind.decodeState(JSON.parse(stored))))).to.equal(stored)
    return decision
  }

  /** Fails where the command is refused. */
  accepted(command: Command): Accepted<Event> {
    const decision = this.run(command)
    if (decision.kind === 'rejected') throw new Error(`refused: ${decision.code}`)
    return decision
  }

  /** An envelope or a timer, by way of the kind's own reading of it. */
  arrive(name: string, body: Json, more: Partial<Incoming> = {}): Accepted<Event> {
    const message = {
      via: 'envelope',
      name,
      body,
      money: null,
      from: 'x/y',
      recordId: '9-9' as RecordId,
      ...more,
    } as const
    return this.accepted(this.kind.incoming(message))
  }

  view(query: Query): View {
    return this.kind.view(this.state, query)
  }
}

function text(json: Json): string {
  return JSON.stringify(json)
}

/** What a decision sends, as `name to body`. */
export function sent(decision: Decision<unknown>): readonly string[] {
  if (decision.kind === 'rejected') return []
  return decision.outbox.map(({ to, name, body }) => `${name} ${to} ${JSON.stringify(body)}`)
}

export function codeOf(decision: Decision<unknown>): string {
  return decision.kind === 'rejected' ? decision.code : 'accepted'
}
