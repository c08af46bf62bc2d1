// Runs `decide` for one partition and turns its decision into a record: checked, encoded, and only then folded into the
// actor and the ledger (A3) and handed to the appender. A throw before that moment leaves everything as it was (A6).

import type { ErrorCode } from '../../shared/errors.ts'
import { type PartitionId, recordId } from '../../shared/ids.ts'
import { isActorKey, partitionOf } from '../../shared/partition.ts'
import { type Accepted, type DecideContext, type Decision, type OutgoingEnvelope, RETURN_ENVELOPE } from './actor.ts'
import type { Environment } from './answers.ts'
import { Appender } from './appender.ts'
import { postOwned, stage } from './books.ts'
import type { LedgerState, PendingTimer } from './ledgerState.ts'
import type { Cause, Envelope, Json, LogRecord, Outcome } from './record.ts'
import type { Slot } from './slot.ts'

/** What became of one command, envelope or timer. */
export type Step =
  | { readonly kind: 'recorded'; readonly record: LogRecord }
  | { readonly kind: 'nothing'; readonly reply: Json }
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  | { readonly kind: 'threw'; readonly error: string }

type What = Pick<Accepted<unknown>, 'operation' | 'events' | 'postings' | 'outbox' | 'timers' | 'reply'>

export class Decider {
  private readonly partition: PartitionId
  private readonly env: Environment
  private readonly ledger: LedgerState
  private readonly appender: Appender
  private readonly timerSet: (timer: PendingTimer) => void

  constructor(
    partition: PartitionId,
    env: Environment,
    ledger: LedgerState,
    appender: Appender,
    timerSet: (timer: PendingTimer) => void,
  ) {
    this.partition = partition
    this.env = env
    this.ledger = ledger
    this.appender = appender
    this.timerSet = timerSet
  }

  /** Decides and, where there is something to note, records. Changes nothing when it answers `threw`. */
  step(slot: Slot, command: unknown, cause: Cause, causeMs: number, envelope: Envelope | null): Step {
    const nowMs = this.nowMs(causeMs)
    try {
      const decision: Decision<unknown> = slot.kind.decide(slot.state, command, this.context(slot, nowMs))
      if (decision.kind === 'accepted') {
        const empty = decision.events.length === 0 && decision.postings.length === 0 && decision.outbox.length === 0
        if (empty && cause.kind === 'command' && cause.key === '') return { kind: 'nothing', reply: decision.reply }
        return { kind: 'recorded', record: this.record(slot, nowMs, cause, ACCEPTED, decision) }
      }
      // M4: a return cannot be refused; a kind that does has a bug.
      if (envelope?.name === RETURN_ENVELOPE) throw new Error(`${slot.actor} refused a return: ${decision.code}`)
      if (cause.kind === 'command' && (!decision.remembered || cause.key === ''))
        return { kind: 'refused', code: decision.code }
      const what = envelope === null ? NOTHING : { ...NOTHING, outbox: [returnOf(envelope, decision.code)] }
      return {
        kind: 'recorded',
        record: this.record(slot, nowMs, cause, { kind: 'refused', code: decision.code }, what),
      }
    } catch (error) {
      return { kind: 'threw', error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
  }

  /** Takes an envelope: always ends in a record (M4). */
  take(slot: Slot, envelope: Envelope): void {
    const { name, money, body, from, source, seq } = envelope
    const cause: Cause = { kind: 'envelope', source, number: envelope.number, seq }
    const message = { via: 'envelope', name, money, body, from, recordId: recordId(source, seq) } as const
    this.always(slot, cause, envelope.atMs, envelope, () => slot.kind.incoming(message))
  }

  /** Fires a timer: always ends in a record, which removes it. */
  fire(slot: Slot, timer: PendingTimer): void {
    const cause: Cause = { kind: 'timer', name: timer.name, dueMs: timer.dueMs }
    const message = {
      via: 'timer',
      name: timer.name,
      money: null,
      body: timer.body,
      from: slot.actor,
      recordId: null,
    } as const
    this.always(slot, cause, timer.dueMs, null, () => slot.kind.incoming(message))
  }

  private always(slot: Slot, cause: Cause, causeMs: number, envelope: Envelope | null, command: () => unknown): void {
    let step: Step
    try {
      step = this.step(slot, command(), cause, causeMs, envelope)
    } catch (error) {
      step = { kind: 'threw', error: String(error) }
    }
    if (step.kind !== 'threw') return
    // M4: noted, alarmed, and out of the way of those behind it. The money of an envelope stays in transit.
    this.env.observer.alarm('actor.parked', { actor: slot.actor, cause, error: step.error })
    this.record(slot, this.nowMs(causeMs), cause, { kind: 'parked', reason: firstLine(step.error) }, NOTHING)
  }

  // A7: never backwards.
  private nowMs(causeMs: number): number {
    return Math.max(this.env.clock.nowMs(), this.ledger.atMs, causeMs)
  }

  private context(slot: Slot, nowMs: number): DecideContext {
    return {
      nowMs,
      recordId: recordId(this.partition, this.ledger.seq + 1),
      partition: this.partition,
      self: slot.id,
      rates: this.env.rates,
      newId: () => this.env.ids.newId(),
    }
  }

  private record(slot: Slot, atMs: number, cause: Cause, outcome: Outcome, what: What): LogRecord {
    const seq = this.ledger.seq + 1
    const entries = stage(what.postings, slot.actor, slot.balances, this.ledger.system)
    const record: LogRecord = {
      seq,
      atMs,
      actor: slot.actor,
      cause,
      outcome,
      operation: what.operation,
      events: what.events.map((event) => slot.kind.encodeEvent(event)),
      entries,
      outbox: this.number(what.outbox, slot.actor, seq, atMs),
      timers: what.timers,
      reply: what.reply,
    }
    Appender.encode(record)
    // From here on nothing fails.
    postOwned(entries, slot.balances)
    for (const event of what.events) slot.kind.evolve(slot.state, event, atMs)
    slot.lastSeq = seq
    this.ledger.apply(record)
    this.appender.add(record)
    for (const timer of record.timers) {
      if (timer.kind === 'set')
        this.timerSet({ actor: slot.actor, name: timer.name, dueMs: timer.dueMs, body: timer.body })
    }
    return record
  }

  // M4: without gaps per destination partition.
  private number(outgoing: readonly OutgoingEnvelope[], from: string, seq: number, atMs: number): readonly Envelope[] {
    if (outgoing.length === 0) return NO_ENVELOPES
    const next = new Map<PartitionId, number>()
    return outgoing.map(({ to, name, money, body }) => {
      if (!isActorKey(to)) throw new Error(`no actor can be called ${JSON.stringify(to)}`)
      const destination = partitionOf(to, this.env.partitions)
      const number = (next.get(destination) ?? this.ledger.numbered.get(destination) ?? 0) + 1
      next.set(destination, number)
      return { source: this.partition, destination, number, seq, atMs, from, to, name, money, body }
    })
  }
}

const ACCEPTED: Outcome = Object.freeze({ kind: 'accepted' })
const NO_ENVELOPES: readonly Envelope[] = Object.freeze([])
const NOTHING: What = Object.freeze({
  operation: 'none',
  events: [],
  postings: [],
  outbox: [],
  timers: [],
  reply: null,
})

// M4: what a receiver refuses goes back. It stays in transit all the way, so the record needs no entries.
function returnOf(envelope: Envelope, code: ErrorCode): OutgoingEnvelope {
  const body = { code, original: recordId(envelope.source, envelope.seq) }
  return { to: envelope.from, name: RETURN_ENVELOPE, money: envelope.money, body }
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 500)
}
