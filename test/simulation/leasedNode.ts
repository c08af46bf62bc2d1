// One process of a cluster as it really runs: a lease of its own, the partitions it takes and gives up, and a router that
// clients' sockets are on, over simulated leases and a simulated wire.

import { Membership } from '../../actors/cluster/membership.ts'
import { Ownership } from '../../actors/cluster/ownership.ts'
import type { MemberId, Monotonic } from '../../actors/cluster/ports.ts'
import { Router } from '../../actors/cluster/router.ts'
import type { Observer } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { Node, type Surroundings } from './node.ts'
import { SIM_KINDS } from './simKinds.ts'
import { type LeaseBucket, SimLeases } from './simLeases.ts'
import type { SimNetwork } from './simNetwork.ts'
import { SimScheduler } from './simScheduler.ts'
import { type Directory, directoryRoutes, SimWire } from './simWire.ts'

export interface LeasedSurroundings extends Surroundings {
  readonly network: SimNetwork
  readonly bucket: LeaseBucket
  readonly directory: Directory
}

/** How often a node that drains looks whether it has anything left. */
const DRAIN_LOOK_MS = 50

export class LeasedNode {
  readonly node: Node
  readonly membership: Membership
  readonly ownership: Ownership
  readonly router: Router
  private readonly world: LeasedSurroundings

  constructor(name: MemberId, skewMs: number, world: LeasedSurroundings) {
    const { loop, network, bucket, directory, partitions } = world
    this.world = world
    network.join(name)
    const scheduler = new SimScheduler(loop, name)
    const monotonic: Monotonic = { elapsedMs: () => loop.nowMs }
    const observer = this.observer()
    const wire = new SimWire(directory, world, name)
    this.membership = new Membership({
      me: name,
      address: null,
      ttlMs: bucket.ttlMs,
      leases: new SimLeases(bucket, world, name),
      scheduler,
      monotonic,
      observer,
      holds: () => this.ownership.size,
      changed: () => this.ownership.look(),
      lapsed: () => this.ownership.dropAll(),
    })
    this.node = new Node(name, skewMs, world, {
      routes: directoryRoutes(directory, network, name),
      owner: name,
      lease: { held: () => this.holdsLease() },
      cutOff: () => network.isCut(name),
    })
    const { runtime, projector } = this.node
    this.router = new Router({ partitions, runtime, wire, scheduler, monotonic, isKind: (kind) => SIM_KINDS.has(kind) })
    this.ownership = new Ownership({
      partitions,
      membership: this.membership,
      wire,
      runtime,
      scheduler,
      observer,
      serve: (partition, ask, reply) => this.router.serve(partition, ask, reply),
      canRead: () => Promise.resolve(),
      prepare: () => Promise.resolve(),
      failing: () => {},
      taken: (partition) => this.node.took(partition),
      leaving: (partition) => this.leaving(partition),
      left: (partition) => projector.leave(partition),
    })
    directory.answerFor(this.node, (partition) => this.ownership.concerns(partition))
  }

  start(): void {
    this.membership.start()
    this.ownership.start()
  }

  /** Gives everything up, then ends; `gone` is called when it has. */
  drain(gone: () => void): void {
    this.membership.setDraining()
    const look = (): void => {
      if (this.ownership.size > 0) return this.again(look)
      this.ownership.stop()
      void this.membership.stop().then(gone)
    }
    look()
  }

  private holdsLease(): boolean {
    const held = this.membership.held()
    if (!held) this.world.report.count('answerWithoutLease')
    return held
  }

  private again(look: () => void): void {
    this.world.loop.add(this.node.name, 'drains', DRAIN_LOOK_MS, look)
  }

  private async leaving(partition: PartitionId): Promise<void> {
    this.world.report.count('handingOver')
    await this.world.loop.wait(this.node.name, `leaving ${partition}`, this.world.prng.pick([0, 5, 100, 700]))
  }

  private observer(): Observer {
    const { report } = this.world
    return { committed: () => {}, answered: () => {}, alarm: (event) => report.count(`alarm_${event}`) }
  }
}
