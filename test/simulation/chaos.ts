// The hand that breaks things, and the clients' pace: each turn either a few clients act or something happens to a node,
// a disk or a clock. How often what happens differs from seed to seed; what can happen to nodes differs with the kind of
// world.

import type { Node } from './node.ts'
import type { Prng, Weighted } from './prng.ts'
import type { World } from './world.ts'

export type Act = () => void

export interface Pace {
  /** Milliseconds between two turns, at most: one of them. */
  readonly turnMs: readonly number[]
  /** By how much longer turns are while nothing is served, so that recoveries come to their end. */
  readonly unserved: number
  /** Commands without an answer at which clients wait before they think of new ones. */
  readonly patience: number
  /** How often something happens to nodes: one of them. */
  readonly wild: readonly number[]
  /** Weight of long silences. */
  readonly leaps: number
}
/** All leaps together stay well below the 24 h of M6, so that every key counts for the whole run. */
const MAX_LEAP_TOTAL_MS = 10 * 60 * 60 * 1000

export abstract class Chaos<Kind extends World = World> {
  protected readonly world: Kind
  protected readonly prng: Prng
  private acts: readonly Weighted<Act>[] = []
  private readonly pace: Pace
  private readonly paceMs: number
  private leaptMs = 0
  private stopped = false

  constructor(world: Kind, pace: Pace) {
    this.world = world
    this.pace = pace
    this.prng = world.prng.split('chaos')
    const wild = this.prng.pick(pace.wild)
    this.paceMs = this.prng.pick(pace.turnMs)
    this.acts = [
      { weight: 100, value: () => this.clients() },
      ...this.actsOnNodes(wild),
      { weight: 0.6, value: () => this.storeDown() },
      { weight: 0.6, value: () => this.jump() },
      { weight: pace.leaps, value: () => this.leap() },
    ]
  }

  start(): void {
    const peaceMs = this.populate()
    if (peaceMs === 0) this.turn()
    else this.world.loop.add('world', 'begin', peaceMs, () => this.turn())
  }

  stop(): void {
    this.stopped = true
  }

  /** The first nodes; answers how long they are left in peace, in ms. */
  protected abstract populate(): number

  /** What can happen to nodes; `wild` is this seed's measure of it. */
  protected abstract actsOnNodes(wild: number): readonly Weighted<Act>[]

  private turn(): void {
    const paceMs = this.world.anyServed ? this.paceMs : this.paceMs * this.pace.unserved
    this.world.loop.add('world', 'turn', this.prng.between(0, paceMs), () => {
      if (this.stopped) return
      this.prng.weighted(this.acts)()
      this.turn()
    })
  }

  private clients(): void {
    const unsettled = this.world.traffic.unsettled()
    if (unsettled.length > 0 && this.prng.chance(0.6)) this.world.ask(this.prng.pick(unsettled))
    if (unsettled.length > this.pace.patience) return
    for (let count = this.prng.pick([1, 1, 1, 6]); count > 0; count--) {
      const act = this.world.traffic.next(this.world.trueNowMs())
      if (act.kind === 'ask') this.world.ask(act.intent)
      else this.world.read(`wallet/${act.wallet}`)
    }
  }

  private storeDown(): void {
    this.note('storeDown')
    this.world.storeDisk.down = true
    this.world.loop.add('world', 'store up', this.prng.pick([10, 200, 1_500]), () => {
      this.world.storeDisk.down = false
    })
  }

  private jump(): void {
    const node = this.someNode()
    if (node === null || !this.world.faults().clockJumps) return
    const byMs = this.prng.pick([-3_000, -500, -50, -5, 5, 500, 2_500, 6_000])
    this.note(byMs < 0 ? 'clockBack' : 'clockForward', node)
    node.clock.jump(byMs)
  }

  /** Nothing happens for a while; everything that was due meanwhile is late. */
  private leap(): void {
    const byMs = this.prng.pick([500, 3_000, 3_000, 60_000, 3_600_000])
    if (this.leaptMs + byMs > MAX_LEAP_TOTAL_MS) return
    this.leaptMs += byMs
    this.note('leap')
    this.world.loop.nowMs += byMs
    this.clients()
  }

  protected someNode(): Node | null {
    const { nodes } = this.world
    return nodes.length === 0 ? null : this.prng.pick(nodes)
  }

  protected note(what: string, node?: Node): void {
    this.world.report.count(what)
    this.world.note(`*** ${what} ${node?.name ?? ''}`)
  }
}
