// A world by decree: an oracle says who owns what, moves partitions without asking anybody, and clients are sent to whoever
// it names, at times to a former owner. What is tried here is the journal's fence (J2): no lease helps.

import type { PartitionId } from '../../shared/ids.ts'
import { Cluster } from './cluster.ts'
import type { Intent } from './history.ts'
import type { Node } from './node.ts'
import { address, PARTITIONS, World } from './world.ts'

export class DecreeWorld extends World {
  readonly length = 1
  readonly cluster: Cluster

  constructor(seed: number) {
    super(seed)
    this.cluster = new Cluster(PARTITIONS, this.prng.split('cluster'))
  }

  get nodes(): readonly Node[] {
    return this.cluster.nodes
  }

  get anyServed(): boolean {
    return this.cluster.anyServed
  }

  owner(partition: PartitionId): Node | null {
    return this.cluster.owner(partition)
  }

  serves(partition: PartitionId): boolean {
    return this.owner(partition)?.runtime.partition(partition) !== undefined
  }

  staff(): void {
    if (this.cluster.orphans.length > 0) this.cluster.takeOver(this.cluster.orphans, this, true)
  }

  readonly servedWithinMs = Number.POSITIVE_INFINITY

  retire(): void {
    for (const node of this.cluster.retired()) this.cluster.crash(node)
  }

  readonly moves = false
  readonly retired = true
  readonly unanswered = 0

  crash(node: Node): void {
    this.cluster.crash(node)
  }

  lost(node: Node, partition: PartitionId): void {
    this.note(`${node.name} lost ${partition}`)
    if (this.cluster.owner(partition) !== node) return
    // The route says it is this node's: it lost to a write of a former owner, and claims the partition again.
    this.loop.add(node.name, `claim ${partition} again`, 10, () => {
      if (this.cluster.owner(partition) === node) node.start([partition])
    })
  }

  /** Sends a client's command to whoever is routed to, or at times to a former owner. */
  ask(intent: Intent): void {
    const node = this.target(this.home(intent.actor))
    if (node === null) return
    // Nobody serves it yet: a client backs off, and only sometimes asks all the same.
    if (node.runtime.partition(this.home(intent.actor)) === undefined && this.prng.chance(0.9)) return
    const to = address(intent.actor)
    this.loop.add(node.name, `ask ${intent.actor} ${intent.key}`, 0, () => {
      const meta = { key: intent.key, requestId: `r${intent.sent}` }
      node.runtime.ask(to, intent.command, meta).then(
        (answer) => {
          this.note(`${node.name} answers ${intent.actor} ${intent.key} ${JSON.stringify(answer)}`)
          this.checker.history.answered(intent, answer, node.name)
        },
        (error: unknown) => this.report.fail('A6', `ask rejects: ${String(error)}`),
      )
    })
  }

  read(actor: string): void {
    const partition = this.home(actor)
    const node = this.target(partition)
    if (node === null) return
    this.loop.add(node.name, `read ${actor}`, 0, () => {
      const told = this.checker.history.newestToldOf(actor)
      node.runtime.read(address(actor), { kind: 'balance' }).then(
        (answer) => {
          const floor = this.cluster.owner(partition) === node ? told : 0
          this.note(`${node.name} shows ${actor} ${answer.kind === 'view' ? answer.seq : answer.code}`)
          this.checker.history.read(actor, answer, { head: this.checker.model.head(partition), floor, rule: 'A4' })
        },
        (error: unknown) => this.report.fail('A6', `read rejects: ${String(error)}`),
      )
    })
  }

  private target(partition: PartitionId): Node | null {
    const former = this.cluster.formerOwners(partition)
    if (former.length === 0 || !this.prng.chance(this.current.messageAstray)) return this.cluster.owner(partition)
    this.report.count('askedFormerOwner')
    return this.prng.pick(former)
  }
}
