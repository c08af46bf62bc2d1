// The hand that breaks things, and the clients' pace: each turn either a few clients act or something happens to a node,
// a disk or a clock. How often what happens differs from seed to seed.

import type { Node } from './node.ts'
import type { Prng, Weighted } from './prng.ts'
import { PARTITIONS, type World } from './world.ts'

type Act = () => void

const MAX_NODES = 5
/** Commands without an answer at which clients wait before they think of new ones. */
const PATIENT_CLIENTS = 60
/** All leaps together stay well below the 24 h of M6, so that every key counts for the whole run. */
const MAX_LEAP_TOTAL_MS = 10 * 60 * 60 * 1000

export class Chaos {
  private readonly world: World
  private readonly prng: Prng
  private readonly acts: readonly Weighted<Act>[]
  private readonly paceMs: number
  private leaptMs = 0
  private stopped = false

  constructor(world: World) {
    this.world = world
    this.prng = world.prng.split('chaos')
    const { prng } = this
    const wild = prng.pick([0, 0.3, 1, 2])
    this.paceMs = prng.pick([1, 3, 10, 40])
    this.acts = [
      { weight: 100, value: () => this.clients() },
      { weight: 1.2 * wild, value: () => this.crash() },
      { weight: 0.2 * wild, value: () => this.powerCut() },
      { weight: 0.8 * wild, value: () => this.pause() },
      { weight: 0.5 * wild, value: () => this.usurp() },
      { weight: 0.6, value: () => this.storeDown() },
      { weight: 0.6, value: () => this.jump() },
      { weight: 0.5, value: () => this.leap() },
    ]
  }

  start(): void {
    this.world.cluster.takeOver([...Array(PARTITIONS).keys()], this.world, false)
    this.turn()
  }

  stop(): void {
    this.stopped = true
  }

  private turn(): void {
    // Where nothing is served the world waits longer, so that recoveries come to their end.
    const paceMs = this.world.cluster.anyServed ? this.paceMs : this.paceMs * 20
    this.world.loop.add('world', 'turn', this.prng.between(0, paceMs), () => {
      if (this.stopped) return
      this.prng.weighted(this.acts)()
      this.turn()
    })
  }

  private clients(): void {
    const unsettled = this.world.traffic.unsettled()
    if (unsettled.length > 0 && this.prng.chance(0.6)) this.world.ask(this.prng.pick(unsettled))
    if (unsettled.length > PATIENT_CLIENTS) return
    for (let count = this.prng.pick([1, 1, 1, 6]); count > 0; count--) {
      const act = this.world.traffic.next(this.world.trueNowMs())
      if (act.kind === 'ask') this.world.ask(act.intent)
      else this.world.read(`wallet/${act.wallet}`)
    }
  }

  private crash(): void {
    const node = this.someNode()
    if (node === null) return
    this.note('crash', node)
    this.world.cluster.crash(node)
    this.recoverLater()
  }

  private powerCut(): void {
    for (const node of [...this.world.cluster.nodes]) this.world.cluster.crash(node)
    this.note('powerCut')
    if (this.world.faults().storeRollsBack) {
      this.world.report.count('storeRolledBack')
      this.world.storeDisk.rollBack()
    }
    this.recoverLater()
  }

  private recoverLater(): void {
    this.world.loop.add('world', 'restart', this.prng.pick([0, 20, 400]), () => {
      const orphans = this.world.cluster.orphans
      if (orphans.length > 0) this.world.cluster.takeOver(orphans, this.world, this.world.isCalm)
    })
  }

  /** A long stop of the whole process: somebody else takes over, then it wakes and believes nothing has happened. */
  private pause(): void {
    const node = this.someNode()
    if (node === null || node.state === 'paused') return
    this.note('pause', node)
    node.pause()
    const asleepMs = this.prng.pick([5, 100, 2_000])
    this.world.loop.add('world', 'wake', asleepMs, () => {
      if (node.state !== 'paused') return
      this.note('wake', node)
      node.wake()
    })
    if (this.prng.chance(0.7)) {
      this.world.loop.add('world', 'take over', this.prng.between(0, asleepMs), () => this.takeFrom(node))
    }
  }

  /** A new node takes partitions of one that runs on and knows nothing of it. */
  private usurp(): void {
    const node = this.someNode()
    if (node !== null) this.takeFrom(node)
  }

  private takeFrom(node: Node): void {
    const { cluster } = this.world
    const owned = cluster.ownedBy(node)
    if (owned.length === 0 || node.state === 'gone') return
    const some = this.prng.chance(0.5) ? owned : owned.filter(() => this.prng.chance(0.5))
    if (some.length === 0) return
    this.note('takeOver', node)
    cluster.takeOver(some, this.world, false)
    const [oldest] = cluster.retired()
    if (cluster.nodes.length > MAX_NODES && oldest !== undefined) cluster.crash(oldest)
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

  private someNode(): Node | null {
    const { nodes } = this.world.cluster
    return nodes.length === 0 ? null : this.prng.pick(nodes)
  }

  private note(what: string, node?: Node): void {
    this.world.report.count(what)
    this.world.note(`*** ${what} ${node?.name ?? ''}`)
  }
}
