// What happens to nodes in a world by leases: they crash, sleep past the end of their lease, are cut off, drain, join; and
// the bucket of leases is emptied. How long things last is told in leases.

import { type Act, Chaos } from './chaos.ts'
import type { LeasedNode } from './leasedNode.ts'
import type { LeaseWorld } from './leaseWorld.ts'
import type { Weighted } from './prng.ts'

const MAX_NODES = 4
/** An owner that does not answer is asked for so long, and then recovery takes its time. */
const TAKE_OVER_MS = 1_500
/** Each ask without an answer is tried again all the time, which costs steps. */
const MAX_UNANSWERED = 10

export class LeaseChaos extends Chaos<LeaseWorld> {
  private busyUntilMs = 0

  constructor(world: LeaseWorld) {
    super(world, { turnMs: [20, 60, 150], unserved: 2, patience: 8, wild: [0.3, 1, 3], leaps: 0.1 })
  }

  protected populate(): number {
    for (let count = this.prng.between(2, 3); count > 0; count--) this.world.join()
    // Nobody takes anything before that.
    return this.leases([1.2, 1.5])
  }

  protected actsOnNodes(wild: number): readonly Weighted<Act>[] {
    const alone = this.prng.chance(0.7)
    const one = (act: Act) => () => this.oneAtATime(alone, act)
    return [
      { weight: 100, value: () => this.lookAgain() },
      { weight: 2 * wild, value: one(() => this.crash()) },
      { weight: 8 * wild, value: one(() => this.pause()) },
      { weight: 6 * wild, value: one(() => this.cut()) },
      { weight: 2 * wild, value: one(() => this.drain()) },
      { weight: 2, value: one(() => this.join()) },
      { weight: 2 * wild, value: one(() => this.emptyBucket()) },
      { weight: 14 * wild, value: one(() => this.trouble()) },
    ]
  }

  /** In most worlds what has begun comes to its end first: where everything breaks at once nobody serves anything. */
  private oneAtATime(alone: boolean, act: Act): void {
    if (this.world.loop.nowMs < this.busyUntilMs) return
    act()
    if (!alone) this.busyUntilMs = 0
  }

  /** Somebody looks at what somebody was just told of, often on a node that sleeps or is cut off; or it changes again. */
  private lookAgain(): void {
    const actor = this.world.checker.history.lastSeen
    if (actor === null || this.world.unanswered >= MAX_UNANSWERED) return
    const { traffic } = this.world
    if (this.prng.chance(0.3) && traffic.unsettled().length < MAX_UNANSWERED) return this.world.ask(traffic.pay(actor))
    const away = this.world.members.filter(({ node }) => this.world.isAway(node))
    this.world.read(actor, away.length > 0 && this.prng.chance(0.6) ? this.prng.pick(away) : null)
  }

  /** Most often the one that has what clients look at. */
  private someOwner(): LeasedNode | null {
    const actor = this.world.checker.history.lastSeen
    const owner = actor === null ? null : this.world.owner(this.world.home(actor))
    const member = this.world.members.find(({ node }) => node === owner)
    return member === undefined || this.prng.chance(0.3) ? this.someMember() : member
  }

  private crash(): void {
    const member = this.someMember()
    if (member === null) return
    this.note('crash', member.node)
    this.world.crash(member.node)
    this.joinLater()
  }

  private pause(): void {
    const member = this.someOwner()
    if (member !== null) this.pauseIt(member, this.lasting([0.3, 0.8, 1.2, 2.5]))
  }

  private cut(): void {
    const member = this.someOwner()
    if (member !== null) this.cutIt(member, this.lasting([0.2, 0.8, 1.2, 3]))
  }

  /** Partitions are to move while somebody who has some cannot be asked: this is where leases count. */
  private trouble(): void {
    const member = this.someOwner()
    if (member === null || member.node.state === 'paused') return
    this.prng.pick([() => this.join(), () => this.drain(member), () => {}])()
    if (this.prng.chance(0.5)) {
      // A node that has come takes nothing for a lease's time.
      return this.later('trouble', this.leases([0, 0.1, 0.3, 1, 1.1]), () =>
        this.isolate(member, this.leases([0, 0.3, 0.6]), [0.3, 0.8, 1.2, 3]),
      )
    }
    // It hears of its last renewal when it wakes: its lease is no longer for that.
    this.later('awaited', this.leases([0.5]), () => {})
    this.world.bucket.atNextRenewal(member.node.name, () => this.isolate(member, this.leases([0.3, 0.45]), [1.2, 3]))
  }

  private isolate(member: LeasedNode, pausedMs: number, cutFor: readonly number[]): void {
    if (pausedMs > 0) this.pauseIt(member, pausedMs)
    this.later('cut', pausedMs, () => this.cutIt(member, this.lasting(cutFor)))
  }

  private pauseIt({ node }: LeasedNode, lastsMs: number): void {
    if (node.state !== 'running') return
    this.note(lastsMs > this.world.bucket.ttlMs ? 'pausedBeyondLease' : 'pause', node)
    node.pause()
    this.later('wake', lastsMs, () => {
      if (node.state !== 'paused') return
      this.note('wake', node)
      node.wake()
    })
  }

  /** From leases, wire and journal; its clients still reach it. */
  private cutIt({ node }: LeasedNode, lastsMs: number): void {
    if (node.state === 'gone' || this.world.isCalm) return
    this.note('cutOff', node)
    this.world.network.cut(node.name)
    this.later('heal', lastsMs, () => this.world.network.heal(node.name))
  }

  private drain(member = this.someMember()): void {
    if (member === null || member.node.state === 'paused' || this.world.staying.length < 2) return
    if (!this.world.staying.includes(member)) return
    this.note('drain', member.node)
    this.world.drain(member)
    this.joinLater()
  }

  private join(): void {
    if (this.world.members.length >= MAX_NODES) return
    this.note('join')
    this.world.join()
  }

  private joinLater(): void {
    this.later('join', this.leases([0, 0.3, 1]), () => {
      if (this.world.staying.length < 2) this.world.join()
    })
  }

  private emptyBucket(): void {
    this.note('bucketEmptied')
    this.world.bucket.restart(this.leases([0, 0.1, 0.6]))
  }

  private later(label: string, afterMs: number, act: Act): void {
    this.busyUntilMs = Math.max(this.busyUntilMs, this.world.loop.nowMs + afterMs + this.world.bucket.ttlMs)
    this.world.loop.add('world', label, afterMs, act)
  }

  /** What lasts longer than a lease lasts until others have had the time to take over. */
  private lasting(counts: readonly number[]): number {
    const leases = this.prng.pick(counts)
    return Math.floor(leases * this.world.bucket.ttlMs) + (leases > 1 ? TAKE_OVER_MS : 0)
  }

  private leases(counts: readonly number[]): number {
    return Math.floor(this.prng.pick(counts) * this.world.bucket.ttlMs)
  }

  private someMember(): LeasedNode | null {
    const { members } = this.world
    return members.length === 0 ? null : this.prng.pick(members)
  }
}
