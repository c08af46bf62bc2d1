// What happens to nodes in a world by decree: they crash, sleep, and are robbed of their partitions without being asked.

import type { Act } from './chaos.ts'
import { Chaos } from './chaos.ts'
import type { DecreeWorld } from './decreeWorld.ts'
import type { Node } from './node.ts'
import type { Weighted } from './prng.ts'
import { PARTITIONS } from './world.ts'

const MAX_NODES = 5

export class DecreeChaos extends Chaos<DecreeWorld> {
  constructor(world: DecreeWorld) {
    super(world, { turnMs: [1, 3, 10, 40], unserved: 20, patience: 60, wild: [0, 0.3, 1, 2], leaps: 0.5 })
  }

  protected populate(): number {
    this.world.cluster.takeOver([...Array(PARTITIONS).keys()], this.world, false)
    return 0
  }

  protected actsOnNodes(wild: number): readonly Weighted<Act>[] {
    return [
      { weight: 1.2 * wild, value: () => this.crash() },
      { weight: 0.2 * wild, value: () => this.powerCut() },
      { weight: 0.8 * wild, value: () => this.pause() },
      { weight: 0.5 * wild, value: () => this.usurp() },
    ]
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
}
