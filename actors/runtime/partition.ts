// One partition while it serves: decides commands, envelopes and timers on resident actors, moves the ledger, and hands
// records to the appender. Everything here is synchronous between one arrival and the next (A1); answers wait at the
// gate (A4).

import type { ErrorCode } from '../../shared/errors.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Answer, AskMeta, Environment, ReadAnswer } from './answers.ts'
import { Appender } from './appender.ts'
import { Asks, type Reply } from './asks.ts'
import { Decider } from './decider.ts'
import { Intake } from './intake.ts'
import { type LedgerState, type PendingTimer, timerKey } from './ledgerState.ts'
import { Loader } from './loader.ts'
import { OutboxSender } from './outboxSender.ts'
import type { Position, Progress, Taken } from './ports.ts'
import type { Envelope, LogRecord } from './record.ts'
import type { Recovered } from './recovery.ts'
import type { Slot } from './slot.ts'
import { Timers } from './timers.ts'

export class Partition {
  readonly id: PartitionId
  private readonly env: Environment
  private readonly slots: Map<string, Slot>
  private readonly ledger: LedgerState
  private readonly appender: Appender
  private readonly loader: Loader
  private readonly sender: OutboxSender
  private readonly intake: Intake
  private readonly timers: Timers
  private readonly decider: Decider
  private readonly asks: Asks
  private phase: 'serving' | 'draining' | 'leaving' | 'lost' = 'serving'
  private progressed: Progress
  private readonly lost: (reason: string) => void

  constructor(id: PartitionId, env: Environment, recovered: Recovered, lost: (reason: string) => void) {
    this.id = id
    this.env = env
    this.slots = recovered.slots
    this.ledger = recovered.ledger
    this.progressed = { partition: id, projectedSeq: 0, snapshotSeq: 0 }
    this.lost = lost
    const { scheduler, limits, transport, clock, store, kinds, feed } = env
    this.appender = new Appender(
      id,
      {
        ...env,
        delivered: () => this.sender.takeDelivered(this.phase === 'draining'),
        committed: (records) => this.committed(records),
        lost: (reason) => this.lose(reason),
      },
      { ...recovered.end, seq: this.ledger.seq, epoch: this.ledger.epoch },
    )
    this.decider = new Decider(id, env, this.ledger, this.appender, (timer) =>
      this.timers.set(timer.actor, timer.name, timer.dueMs),
    )
    this.asks = new Asks(id, env, this.appender, this.decider, {
      projectedSeq: () => this.progressed.projectedSeq,
      resident: (actor) => this.slots.get(actor),
      again: (actor, command, meta, reply) => this.ask(actor, command, meta, reply),
    })
    this.loader = new Loader(id, {
      store,
      scheduler,
      clock,
      limits,
      kinds,
      slots: this.slots,
      lastSeq: () => this.ledger.seq,
      superseded: () => this.lose('superseded'),
      failed: (error) => env.observer.alarm('store.load_failed', { partition: id, error: String(error) }),
    })
    this.sender = new OutboxSender(id, {
      transport,
      scheduler,
      limits,
      feed,
      ledger: this.ledger,
      durableSeq: () => this.appender.durableSeq,
    })
    this.intake = new Intake(id, {
      transport,
      scheduler,
      limits,
      ledger: this.ledger,
      withSlot: (actor, use) => this.loader.loadOr(actor, use),
      isResident: (actor) => this.slots.get(actor),
      take: (slot, envelope) => this.take(slot, envelope),
    })
    this.timers = new Timers(this.ledger, clock, scheduler, (timer, done) => this.fire(timer, done))
  }

  /** Begins to serve what recovery found unfinished: undelivered envelopes, due timers. */
  resume(): void {
    this.sender.resume()
    this.timers.arm()
  }

  get seqs(): { readonly lastSeq: number; readonly durableSeq: number } {
    return { lastSeq: this.ledger.seq, durableSeq: this.appender.durableSeq }
  }

  /** Where its last durable batch stands. */
  get position(): Position {
    return this.appender.durablePosition
  }

  get stats(): {
    readonly residents: number
    readonly undurable: number
    readonly outbox: number
    readonly timers: number
    readonly epoch: number
  } {
    return {
      residents: this.slots.size,
      undurable: this.appender.undurable,
      outbox: this.ledger.outboxSize,
      timers: this.ledger.timers.size,
      epoch: this.ledger.epoch,
    }
  }

  /** The journaled timers, in no order, those not durable yet among them. */
  get pendingTimers(): Iterable<PendingTimer> {
    return this.ledger.timers.values()
  }

  /** For checkers: what is in memory of this actor now. */
  peek(actor: string): Slot | undefined {
    return this.slots.get(actor)
  }

  ask(actor: string, command: unknown, meta: AskMeta, reply: Reply<Answer>): void {
    const refusal = this.admission()
    if (refusal !== null) return reply({ kind: 'refused', code: refusal, seq: null })
    this.withSlot(actor, (slot, code) => {
      if (slot === null) return reply({ kind: 'refused', code, seq: null })
      if (this.isLeaving) return reply({ kind: 'refused', code: 'unavailable', seq: null })
      this.asks.execute(slot, command, meta, reply, false)
    })
  }

  read(actor: string, query: unknown, reply: Reply<ReadAnswer>): void {
    // A7
    if (this.isLeaving || this.isAheadOfClock()) return reply({ kind: 'refused', code: 'unavailable' })
    this.withSlot(actor, (slot, code) => {
      if (slot === null) return reply({ kind: 'refused', code })
      let view: unknown
      try {
        view = slot.kind.view(slot.state, query)
      } catch (error) {
        this.env.observer.alarm('actor.threw', { actor, command: 'view', error: String(error) })
        return reply({ kind: 'refused', code: 'internal' })
      }
      const seq = slot.lastSeq
      // A4: a read waits for the newest record it has seen.
      this.appender.whenDurable(seq, (durable) =>
        // C1
        reply(
          durable && this.env.lease.held() ? { kind: 'view', view, seq } : { kind: 'refused', code: 'unavailable' },
        ),
      )
    })
  }

  deliver(source: PartitionId, envelopes: readonly Envelope[]): void {
    this.intake.deliver(source, envelopes)
  }

  probe(source: PartitionId): void {
    this.intake.probe(source)
  }

  acknowledge(destination: PartitionId, through: number, taken: Taken): void {
    this.sender.acknowledged(destination, through, taken)
  }

  progress(progress: Progress): void {
    this.progressed = progress
  }

  /** A6: forgets actors that are idle, durable, and covered by their snapshots. */
  sweep(): void {
    const idleSinceMs = this.env.clock.nowMs() - this.env.limits.passivateAfterMs
    for (const [actor, slot] of this.slots) {
      if (
        slot.lastUsedMs <= idleSinceMs &&
        slot.lastSeq <= this.progressed.snapshotSeq &&
        slot.lastSeq <= this.appender.durableSeq
      ) {
        this.slots.delete(actor)
      }
    }
  }

  /** Takes no more client commands; envelopes and answers go on until nothing is left. */
  drain(): void {
    if (this.phase === 'serving') this.phase = 'draining'
  }

  /**
   * Stops deciding: what is under way lands and is answered, and nothing begins. Calls back with true once everything is
   * durable, with false where the partition was lost before.
   */
  leave(left: (clean: boolean) => void): void {
    if (this.phase === 'lost') return left(false)
    this.phase = 'leaving'
    this.timers.close()
    this.sender.close()
    this.intake.close()
    this.loader.close()
    this.appender.whenDurable(this.ledger.seq, left)
  }

  get drained(): boolean {
    if (this.phase === 'lost') return true
    return (
      this.appender.idle && this.ledger.outboxSize === 0 && this.intake.idle && this.loader.idle && this.timers.idle
    )
  }

  /** A4: memory goes, and nothing computed from it leaves. */
  drop(): void {
    if (this.phase === 'lost') return
    this.phase = 'lost'
    this.timers.close()
    this.sender.close()
    this.intake.close()
    this.loader.close()
    this.appender.close()
    this.slots.clear()
  }

  /** This process is not the owner any more. */
  private lose(reason: string): void {
    if (this.phase === 'lost') return
    this.drop()
    this.lost(reason)
  }

  private get isLeaving(): boolean {
    return this.phase === 'leaving' || this.phase === 'lost'
  }

  private isAheadOfClock(): boolean {
    return this.ledger.atMs > this.env.clock.nowMs() + this.env.limits.maxAheadOfClockMs
  }

  // A5, A7: why a client command is not taken now.
  private admission(): ErrorCode | null {
    const { limits, admission } = this.env
    if (this.phase !== 'serving' || this.isAheadOfClock()) return 'unavailable'
    const full = this.appender.undurable >= limits.maxUndurableRecords || this.ledger.outboxSize >= limits.maxOutbox
    return full || admission.full || this.env.shedding() ? 'overloaded' : null
  }

  private withSlot(actor: string, use: (slot: Slot | null, code: ErrorCode) => void): void {
    const slot = this.slots.get(actor)
    if (slot !== undefined) return use(slot, 'unavailable')
    if (this.loader.waitingFor(actor) >= this.env.limits.maxWaitingPerActor) return use(null, 'overloaded')
    this.loader.load(actor, (loaded) => use(loaded, 'unavailable'))
  }

  private take(slot: Slot, envelope: Envelope): void {
    slot.lastUsedMs = this.env.clock.nowMs()
    this.decider.take(slot, envelope)
  }

  private fire(timer: PendingTimer, done: () => void): void {
    this.loader.loadOr(timer.actor, (slot) => {
      if (slot === null || this.isLeaving) {
        this.env.scheduler.after(this.env.limits.retryAfterMs, done)
        return
      }
      // While its actor was being loaded it may have been cancelled, or set anew.
      const current = this.ledger.timers.get(timerKey(timer.actor, timer.name))
      if (current?.dueMs === timer.dueMs) this.decider.fire(slot, current)
      done()
    })
  }

  // A4: these records are durable now; acknowledgements, pushes and envelopes may leave.
  private committed(records: readonly LogRecord[]): void {
    this.intake.committed(records)
    const { feed } = this.env
    const destinations = new Set<PartitionId>()
    for (const record of records) {
      for (const envelope of record.outbox) destinations.add(envelope.destination)
      if (feed?.wants(record.actor)) feed.committed(this.id, record)
    }
    if (destinations.size > 0) this.sender.pump(destinations)
  }
}
