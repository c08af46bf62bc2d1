// Brings asks to whoever owns their actor's partition: here, or over the wire. Nobody there, an owner that has just let
// go, and `unavailable` are tried again until the deadline, with the same key: a hand-over is a pause, not an error. Safe
// because every command carries its key, or is idempotent by itself (M6).

import type { ErrorCode } from '../../shared/errors.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { actorKey, isActorKey, partitionOf } from '../../shared/partition.ts'
import type { ActorAddress, Answer, AskMeta, ReadAnswer } from '../runtime/answers.ts'
import type { Scheduler } from '../runtime/ports.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Monotonic, RemoteAsk, RemoteOutcome, Wire } from './ports.ts'

/** How long an ask may take in all, in ms: longer than a killed owner's partitions are without one. */
const DEADLINE_MS = 8_000
/** How long one try over the wire may take. */
const TRY_MS = 1_500
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 200
/** Asks between two tries at a time; beyond, they are refused `overloaded` (A5). */
const MAX_PAUSED = 20_000
const WATCH_EVERY_MS = 250

interface Pending {
  readonly partition: PartitionId
  readonly ask: RemoteAsk
  readonly deadlineMs: number
  readonly reply: (answer: Answer | ReadAnswer) => void
  pauseMs: number
}

export interface RouterOptions {
  readonly partitions: number
  readonly runtime: Pick<Runtime, 'submit' | 'read' | 'partition'>
  readonly wire: Wire
  readonly scheduler: Scheduler
  readonly monotonic: Monotonic
  readonly isKind: (kind: string) => boolean
}

export class Router {
  private readonly options: RouterOptions
  private paused = 0
  /** Asked here and not answered. */
  private readonly local = new Set<Pending>()
  private isWatching = false

  constructor(options: RouterOptions) {
    this.options = options
  }

  /** As Runtime.submit, wherever the actor lives. */
  submit(to: ActorAddress, command: unknown, meta: AskMeta, reply: (answer: Answer) => void): void {
    // An ask is answered with an Answer, a read with a ReadAnswer.
    this.begin({ kind: 'ask', to, command, meta }, reply as Pending['reply'])
  }

  /** As Runtime.read, wherever the actor lives. */
  read(to: ActorAddress, query: unknown): Promise<ReadAnswer> {
    return new Promise((resolve) => this.begin({ kind: 'read', to, query }, resolve as Pending['reply'])) // as above
  }

  /** Asks waiting for another try. */
  get waiting(): number {
    return this.paused
  }

  /** An ask from elsewhere: done here or not at all, so that it goes one hop at most. */
  serve(partition: PartitionId, ask: RemoteAsk, reply: (outcome: RemoteOutcome) => void): void {
    if (this.options.runtime.partition(partition) === undefined) return reply({ kind: 'moved' })
    this.here(ask, (answer) => reply({ kind: 'answer', answer }))
  }

  private begin(ask: RemoteAsk, reply: Pending['reply']): void {
    const actor = actorKey(ask.to.kind, ask.to.id)
    if (!this.options.isKind(ask.to.kind) || !isActorKey(actor)) return reply(refusal('not_found'))
    this.attempt({
      partition: partitionOf(actor, this.options.partitions),
      ask,
      deadlineMs: this.options.monotonic.elapsedMs() + DEADLINE_MS,
      reply,
      pauseMs: FIRST_PAUSE_MS,
    })
  }

  private attempt(pending: Pending): void {
    const { runtime, wire, monotonic } = this.options
    if (runtime.partition(pending.partition) !== undefined) {
      this.local.add(pending)
      this.watchLocal()
      return this.here(pending.ask, (answer) => {
        // Its time may be over: then it has been answered.
        if (this.local.delete(pending)) this.answered(pending, answer)
      })
    }
    const leftMs = pending.deadlineMs - monotonic.elapsedMs()
    wire.ask(pending.partition, pending.ask, Math.min(TRY_MS, leftMs), (outcome) => {
      if (outcome.kind === 'answer') this.answered(pending, outcome.answer)
      else this.again(pending, refusal('unavailable'))
    })
  }

  /** A journal that takes nothing keeps nobody waiting: with the key, what became of it is found out later. */
  private watchLocal(): void {
    if (this.isWatching) return
    this.isWatching = true
    this.options.scheduler.after(WATCH_EVERY_MS, () => {
      this.isWatching = false
      const nowMs = this.options.monotonic.elapsedMs()
      for (const pending of this.local) {
        if (pending.deadlineMs > nowMs) continue
        this.local.delete(pending)
        pending.reply(refusal('unavailable'))
      }
      if (this.local.size > 0) this.watchLocal()
    })
  }

  private here(ask: RemoteAsk, answered: (answer: Answer | ReadAnswer) => void): void {
    const { runtime } = this.options
    if (ask.kind === 'ask') runtime.submit(ask.to, ask.command, ask.meta, answered)
    else void runtime.read(ask.to, ask.query).then(answered)
  }

  private answered(pending: Pending, answer: Answer | ReadAnswer): void {
    if (answer.kind === 'refused' && answer.code === 'unavailable') this.again(pending, answer)
    else pending.reply(answer)
  }

  private again(pending: Pending, otherwise: Answer | ReadAnswer): void {
    const { scheduler, monotonic } = this.options
    if (monotonic.elapsedMs() + pending.pauseMs >= pending.deadlineMs) return pending.reply(otherwise)
    if (this.paused >= MAX_PAUSED) return pending.reply(refusal('overloaded'))
    this.paused++
    scheduler.after(pending.pauseMs, () => {
      this.paused--
      this.attempt(pending)
    })
    pending.pauseMs = Math.min(LONGEST_PAUSE_MS, pending.pauseMs * 2)
  }
}

function refusal(code: ErrorCode): Answer {
  return { kind: 'refused', code, seq: null }
}
