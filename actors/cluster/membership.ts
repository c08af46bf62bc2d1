// Keeps this process's lease and watches those of the others (C1). Whether the own lease holds is counted from the moment
// its renewal was sent, on the monotonic clock: whatever the network or a stopped process does to the answer, nobody
// else can have been told of its end before.

import { strict as assert } from 'node:assert'
import type { Lease, Observer, Scheduler } from '../runtime/ports.ts'
import type { LeaseNews, Leases, MemberId, MemberValue, Monotonic } from './ports.ts'

const RENEWALS_PER_TTL = 3

export interface MembershipOptions {
  readonly me: MemberId
  readonly address: string | null
  readonly ttlMs: number
  readonly leases: Leases
  readonly scheduler: Scheduler
  readonly monotonic: Monotonic
  readonly observer: Observer
  /** Partitions held, for the lease's value. */
  readonly holds: () => number
  /** Who is there, or what they are up to, has changed. */
  readonly changed: () => void
  /** The own lease has run out: others may own what this process has. */
  readonly lapsed: () => void
}

export interface Member {
  readonly id: MemberId
  readonly value: MemberValue
  /** When its lease was last seen renewed, on the monotonic clock. */
  readonly seenMs: number
}

export class Membership implements Lease {
  private readonly options: MembershipOptions
  private readonly others = new Map<MemberId, Member>()
  private state: MemberValue['state'] = 'serving'
  private phase: 'idle' | 'watching' | 'running' | 'stopped' = 'idle'
  private validUntilMs = Number.NEGATIVE_INFINITY
  /** The end of the lease has been told, and no lease made since. */
  private isLapsed = true
  private terms = 0
  /** Whoever decides about leases has forgotten none since then, as far as is known here. */
  private completeSinceMs = Number.POSITIVE_INFINITY
  private life: string | null = null
  private cancel: (() => void) | null = null

  constructor(options: MembershipOptions) {
    this.options = options
  }

  get me(): MemberId {
    return this.options.me
  }

  /** Begins to watch, without a lease: what has to be watched for a lease's time before anything is taken is over sooner. */
  watch(): void {
    assert(this.phase === 'idle')
    this.phase = 'watching'
    this.options.leases.watch((news) => this.heard(news))
    this.tick()
  }

  /** Begins to renew as well. The lease is there a moment later. */
  start(): void {
    if (this.phase === 'idle') this.watch()
    assert(this.phase === 'watching')
    this.phase = 'running'
    this.cancel?.()
    this.tick()
  }

  /** C1. */
  held(): boolean {
    return this.phase === 'running' && this.now() < this.validUntilMs
  }

  get value(): MemberValue {
    const { address, holds } = this.options
    return { state: this.state, address, holds: holds() }
  }

  /** How often the lease has run out: what was begun in one term proves nothing in the next. */
  get term(): number {
    return this.terms
  }

  /** Others with a lease, as far as is known here. */
  get known(): readonly Member[] {
    return [...this.others.values()]
  }

  /** Others whose lease holds, as far as is known here. */
  get live(): readonly Member[] {
    const now = this.now()
    return this.known.filter((member) => this.isLive(member, now))
  }

  /**
   * Members that partitions are shared among: those that stay. Where all are leaving, one of them, so that what the others
   * still have to do comes to rest somewhere.
   */
  get eligible(): readonly MemberId[] {
    const { live, me } = this
    const isHere = this.phase === 'running' && !this.isLapsed
    const staying = live.filter(({ value }) => value.state === 'serving').map(({ id }) => id)
    if (isHere && this.state === 'serving') staying.push(me)
    if (staying.length > 0) return staying
    const leaving = live.map(({ id }) => id)
    if (isHere) leaving.push(me)
    return leaving.sort().slice(0, 1)
  }

  /** Whether a lease may be valid that whoever decides does not know of: it has not remembered them for long enough. */
  get mayHaveMissed(): boolean {
    return this.now() < this.completeSinceMs + this.options.ttlMs
  }

  /**
   * C1: the others that may rely on a lease at a moment during this call, whether or not anything was heard of them here;
   * null while that cannot be told. Rejects where nobody tells.
   */
  async census(): Promise<readonly MemberId[] | null> {
    const askedMs = this.now()
    const { life, members } = await this.options.leases.present()
    if (life !== this.life) {
      this.life = life
      this.completeSinceMs = this.now()
    }
    // A lease that holds was renewed within its time to live: since then nothing was forgotten.
    if (askedMs < this.completeSinceMs + this.options.ttlMs) return null
    this.forget(members)
    const heardOf = this.known.filter((member) => this.isLive(member, this.now())).map(({ id }) => id)
    return [...new Set([...members.filter((id) => id !== this.me), ...heardOf])]
  }

  /** Tells everybody, at once. */
  setDraining(): void {
    this.state = 'draining'
    this.renew()
    this.options.changed()
  }

  async stop(): Promise<void> {
    const wasRunning = this.phase === 'running'
    this.phase = 'stopped'
    this.cancel?.()
    // One that nobody has heard of has nothing to give up.
    if (!wasRunning) return
    await this.options.leases.giveUp(this.me).catch(() => {})
  }

  private forget(present: readonly MemberId[]): void {
    const gone = this.known.filter((member) => !present.includes(member.id) && !this.isLive(member, this.now()))
    for (const { id } of gone) this.others.delete(id)
    if (gone.length > 0) this.options.changed()
  }

  private isLive(member: Member, nowMs: number): boolean {
    return nowMs < member.seenMs + this.options.ttlMs
  }

  private heard(news: LeaseNews): void {
    if (news.member === this.me || this.phase === 'stopped') return
    if (news.kind === 'renewed') return this.note(news.member, news.value)
    if (this.others.delete(news.member)) this.options.changed()
  }

  private note(id: MemberId, value: MemberValue): void {
    const before = this.others.get(id)
    this.others.set(id, { id, value, seenMs: this.now() })
    if (before === undefined || before.value.state !== value.state) this.options.changed()
  }

  private tick(): void {
    if (this.phase === 'stopped') return
    if (this.phase === 'running') {
      this.checkLapse()
      this.renew()
    }
    // Not for its answer: so that a loss of leases is known before anybody is asked to let something go.
    this.census().catch(() => {})
    const everyMs = this.options.ttlMs / RENEWALS_PER_TTL
    this.cancel = this.options.scheduler.after(everyMs, () => this.tick())
  }

  private renew(): void {
    const { leases, me, ttlMs, observer } = this.options
    const sentMs = this.now()
    leases.put(me, this.value).then(
      () => this.renewed(sentMs + ttlMs),
      (error: unknown) => observer.alarm('lease.not_renewed', { error: String(error) }),
    )
  }

  private renewed(validUntilMs: number): void {
    if (this.phase !== 'running') return
    // A process that was stopped hears of its renewal before its timers run.
    this.checkLapse()
    this.validUntilMs = Math.max(this.validUntilMs, validUntilMs)
    if (!this.isLapsed || !this.held()) return
    this.isLapsed = false
    this.options.changed()
  }

  private checkLapse(): void {
    if (this.isLapsed || this.now() < this.validUntilMs) return
    this.isLapsed = true
    this.terms++
    this.options.observer.alarm('lease.lapsed', { member: this.me })
    this.options.lapsed()
    this.options.changed()
  }

  private now(): number {
    return this.options.monotonic.elapsedMs()
  }
}
