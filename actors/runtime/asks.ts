// Client commands of one partition, with their keys (M6): a known key repeats its outcome, a new one is decided and its
// outcome noted; every answer leaves through the gate (A4).

import { isErrorCode } from '../../shared/errors.ts'
import { type PartitionId, recordId } from '../../shared/ids.ts'
import type { Answer, AskMeta, Environment } from './answers.ts'
import type { Appender } from './appender.ts'
import { hashText } from './codec.ts'
import type { Decider } from './decider.ts'
import type { KeyOutcome } from './ports.ts'
import type { Cause, Json, LogRecord } from './record.ts'
import type { Slot } from './slot.ts'

export type Reply<T> = (answer: T) => void

export class Asks {
  private readonly id: PartitionId
  private readonly env: Environment
  private readonly appender: Appender
  private readonly decider: Decider
  private readonly projectedSeq: () => number
  /** Starts the ask from the beginning: its actor is not resident any more. */
  private readonly again: (actor: string, command: unknown, meta: AskMeta, reply: Reply<Answer>) => void
  private readonly resident: (actor: string) => Slot | undefined

  constructor(
    id: PartitionId,
    env: Environment,
    appender: Appender,
    decider: Decider,
    host: {
      projectedSeq(): number
      resident(actor: string): Slot | undefined
      again(actor: string, command: unknown, meta: AskMeta, reply: Reply<Answer>): void
    },
  ) {
    this.id = id
    this.env = env
    this.appender = appender
    this.decider = decider
    this.projectedSeq = host.projectedSeq
    this.resident = host.resident
    this.again = host.again
  }

  execute(slot: Slot, command: unknown, meta: AskMeta, reply: Reply<Answer>, storeHasNot: boolean): void {
    slot.lastUsedMs = this.env.clock.nowMs()
    let name: string
    let hash: string
    try {
      name = slot.kind.commandName(command)
      hash = meta.key === '' ? '' : hashText(slot.kind.commandText(command))
    } catch (error) {
      return this.threw(slot, 'unnamed', String(error), reply)
    }
    if (meta.key !== '') {
      const known = slot.keys.find(meta.key)
      if (known.kind === 'known') return this.repeat(slot, known.outcome, hash, reply)
      if (known.kind === 'in_store' && !storeHasNot) return this.lookUp(slot, command, meta, hash, reply)
    }
    const cause: Cause = { kind: 'command', name, key: meta.key, hash, requestId: meta.requestId }
    const step = this.decider.step(slot, command, cause, 0, null)
    switch (step.kind) {
      case 'recorded':
        return this.answerRecord(slot, step.record, meta.key, hash, reply)
      case 'nothing':
        return this.gate(slot, reply, {
          kind: 'done',
          recordId: null,
          partition: this.id,
          seq: slot.lastSeq,
          reply: step.reply,
        })
      case 'refused':
        return this.gate(slot, reply, { kind: 'refused', code: step.code, seq: null })
      case 'threw':
        return this.threw(slot, name, step.error, reply)
    }
  }

  // A6: this command alone fails. What it saw may not be durable yet, so even that waits (A4).
  private threw(slot: Slot, command: string, error: string, reply: Reply<Answer>): void {
    this.env.observer.alarm('actor.threw', { actor: slot.actor, command, error })
    this.gate(slot, reply, { kind: 'refused', code: 'internal', seq: null })
  }

  private answerRecord(slot: Slot, record: LogRecord, key: string, hash: string, reply: Reply<Answer>): void {
    const refused = record.outcome.kind === 'refused' ? record.outcome.code : null
    if (key !== '') {
      const outcome: KeyOutcome = { key, hash, seq: record.seq, atMs: record.atMs, refused, reply: record.reply }
      slot.keys.add(outcome, this.projectedSeq(), this.env.limits.idempotencyWindowMs)
    }
    this.gate(slot, reply, answerOf(this.id, record.seq, refused, record.reply), true)
  }

  // M6: the same answer again for the same body.
  private repeat(slot: Slot, outcome: KeyOutcome, hash: string, reply: Reply<Answer>): void {
    const same = outcome.hash === hash
    this.gate(
      slot,
      reply,
      same
        ? answerOf(this.id, outcome.seq, outcome.refused, outcome.reply)
        : { kind: 'refused', code: 'idempotency_mismatch', seq: null },
      true,
    )
  }

  private lookUp(slot: Slot, command: unknown, meta: AskMeta, hash: string, reply: Reply<Answer>): void {
    const { shrunk } = slot.keys
    this.env.store.findKey(this.id, slot.actor, meta.key).then(
      (outcome) => {
        const resident = this.resident(slot.actor)
        if (resident === undefined) return this.again(slot.actor, command, meta, reply)
        // A key that has left for the store since the question was put is not in its answer: ask again.
        const current = resident === slot && slot.keys.shrunk === shrunk
        if (outcome === null) return this.execute(resident, command, meta, reply, current)
        this.repeat(resident, outcome, hash, reply)
      },
      (error: unknown) => {
        this.env.observer.alarm('store.find_key_failed', { partition: this.id, error: String(error) })
        reply({ kind: 'refused', code: 'unavailable', seq: null })
      },
    )
  }

  // A4: an answer leaves when the newest record its actor has seen is durable. C1: one that no record tells needs the
  // lease as well, since another owner may have moved on.
  private gate(slot: Slot, reply: Reply<Answer>, answer: Answer, told = false): void {
    this.appender.whenDurable(slot.lastSeq, (durable) =>
      reply(durable && (told || this.env.lease.held()) ? answer : { kind: 'refused', code: 'unavailable', seq: null }),
    )
  }
}

function answerOf(partition: PartitionId, seq: number, refused: string | null, reply: Json): Answer {
  if (refused === null) return { kind: 'done', recordId: recordId(partition, seq), partition, seq, reply }
  return { kind: 'refused', code: isErrorCode(refused) ? refused : 'internal', seq }
}
