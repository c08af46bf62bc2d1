// Who owns what in a world by decree: which nodes run, and which of them is routed to for each partition. Routes are what
// a lease would give: liveness only. A former owner may still run, asleep or not, and believe in what it lost.

import type { PartitionId } from '../../shared/ids.ts'
import type { Routes } from './faultyTransport.ts'
import { Node, type Surroundings } from './node.ts'
import type { Prng } from './prng.ts'

export class Cluster implements Routes {
  private readonly routes: (Node | null)[]
  private readonly former: Set<Node>[]
  private readonly prng: Prng
  private born = 0
  nodes: Node[] = []

  constructor(partitions: number, prng: Prng) {
    this.routes = Array.from({ length: partitions }, () => null)
    this.former = Array.from({ length: partitions }, () => new Set())
    this.prng = prng
  }

  owner(partition: PartitionId): Node | null {
    return this.routes[partition] ?? null
  }

  formerOwners(partition: PartitionId): readonly Node[] {
    return [...(this.former[partition] ?? [])].filter((node) => node.state !== 'gone' && node !== this.owner(partition))
  }

  get orphans(): readonly PartitionId[] {
    return this.routes.flatMap((node, partition) => (node === null ? [partition] : []))
  }

  ownedBy(node: Node): readonly PartitionId[] {
    return this.routes.flatMap((owner, partition) => (owner === node ? [partition] : []))
  }

  get anyServed(): boolean {
    return this.routes.some(
      (node, partition) => node?.state === 'running' && node.runtime.partition(partition) !== undefined,
    )
  }

  /** A new node takes these partitions over; whoever had them is not asked. */
  takeOver(partitions: readonly PartitionId[], world: Surroundings, calm: boolean): Node {
    const skewMs = calm ? 0 : this.prng.between(-300, 300)
    const node = new Node(`n${this.born++}`, skewMs, world, { routes: this })
    this.nodes.push(node)
    for (const partition of partitions) {
      this.routes[partition] = node
      this.former[partition]?.add(node)
    }
    node.start(partitions)
    return node
  }

  crash(node: Node): void {
    node.crash()
    this.nodes = this.nodes.filter((other) => other !== node)
    for (const partition of this.ownedBy(node)) this.routes[partition] = null
  }

  /** Nobody is routed to this node any more. */
  retired(): readonly Node[] {
    return this.nodes.filter((node) => this.ownedBy(node).length === 0)
  }
}
