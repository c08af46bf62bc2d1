// A world by leases: two to four nodes run the real membership, ownership and router, and nobody but they decides who owns
// what. Clients are on any node, as sockets stay where they landed. What is tried here is C1: reads are linearizable, and
// a partition finds its one owner again.

import type { PartitionId } from '../../shared/ids.ts'
import type { Intent } from './history.ts'
import { LeasedNode, type LeasedSurroundings } from './leasedNode.ts'
import type { Node } from './node.ts'
import { LeaseBucket } from './simLeases.ts'
import { drawWeather, SimNetwork } from './simNetwork.ts'
import { Directory } from './simWire.ts'
import { address, PARTITIONS, World } from './world.ts'

/** Nodes that a world with no fault left has, at least: one of them can be drained. */
const LEAST_NODES = 2

export class LeaseWorld extends World implements LeasedSurroundings {
  readonly length = 2
  readonly network: SimNetwork
  readonly bucket: LeaseBucket
  readonly directory: Directory
  readonly servedWithinMs: number
  readonly moves = true
  members: LeasedNode[] = []
  private readonly leaving = new Set<LeasedNode>()
  private readonly asked = new Map<string, number>()
  private born = 0

  constructor(seed: number) {
    super(seed, { unhurried: true, hot: 0.8 })
    const prng = this.prng.split('leases')
    const ttlMs = prng.pick([600, 1_500, 3_000])
    this.network = new SimNetwork(this.loop, prng, this.report, drawWeather(prng, ttlMs))
    this.bucket = new LeaseBucket(this.loop, this.network, ttlMs)
    this.directory = new Directory(this.network)
    // A lease to run out, another to be waited for, and what is being let go.
    this.servedWithinMs = 4 * ttlMs + 6_000
  }

  get nodes(): readonly Node[] {
    return this.members.map(({ node }) => node)
  }

  get anyServed(): boolean {
    return this.nodes.some((node) => node.state === 'running' && node.runtime.partitions.size > 0)
  }

  owner(partition: PartitionId): Node | null {
    const [owner, ...others] = this.nodes.filter((node) => node.runtime.partition(partition) !== undefined)
    return others.length > 0 ? null : (owner ?? null)
  }

  serves(partition: PartitionId): boolean {
    const owner = this.owner(partition)
    return owner !== null && this.directory.at(partition).some(({ node }) => node === owner)
  }

  /** Nodes that are not on their way out. */
  get staying(): readonly LeasedNode[] {
    return this.members.filter((member) => !this.leaving.has(member))
  }

  join(): void {
    const skewMs = this.isCalm ? 0 : this.prng.between(-300, 300)
    const member = new LeasedNode(`n${this.born++}`, skewMs, this)
    this.members.push(member)
    member.start()
  }

  staff(): void {
    while (this.staying.length < LEAST_NODES) this.join()
  }

  retire(): void {
    const [first, ...others] = this.staying
    if (first !== undefined && others.length > 0) this.drain(first)
  }

  get retired(): boolean {
    return this.leaving.size === 0
  }

  drain(member: LeasedNode): void {
    this.leaving.add(member)
    member.drain(() => {
      this.report.count('drained')
      this.crash(member.node)
    })
  }

  crash(node: Node): void {
    node.crash()
    this.network.leave(node.name)
    this.bucket.forget(node.name)
    this.asked.delete(node.name)
    for (const member of this.members) if (member.node === node) this.leaving.delete(member)
    this.members = this.members.filter((member) => member.node !== node)
  }

  override calm(): void {
    super.calm()
    this.network.calm()
  }

  lost(node: Node, partition: PartitionId): void {
    this.note(`${node.name} lost ${partition}`)
    this.members.find((member) => member.node === node)?.ownership.lost(partition)
  }

  get unanswered(): number {
    return [...this.asked.values()].reduce((sum, count) => sum + count, 0)
  }

  ask(intent: Intent): void {
    const member = this.door()
    if (member === null) return
    const { name } = member.node
    const to = address(intent.actor)
    this.loop.add(name, `ask ${intent.actor} ${intent.key}`, 0, () => {
      const answered = this.expectOneAnswer(name)
      member.router.submit(to, intent.command, { key: intent.key, requestId: `r${intent.sent}` }, (answer) => {
        answered()
        this.note(`${name} answers ${intent.actor} ${intent.key} ${JSON.stringify(answer)}`)
        this.checker.history.answered(intent, answer, name)
      })
    })
  }

  read(actor: string, through: LeasedNode | null = null): void {
    const member = through ?? this.door()
    if (member === null) return
    const { name } = member.node
    this.loop.add(name, `read ${actor}`, 0, () => {
      const answered = this.expectOneAnswer(name)
      const { history, model } = this.checker
      // C1: whatever anybody was told or shown by now.
      const floor = history.newestSeenOf(actor)
      void member.router.read(address(actor), { kind: 'balance' }).then((answer) => {
        answered()
        this.note(`${name} shows ${actor} ${answer.kind === 'view' ? answer.seq : answer.code}, seen ${floor}`)
        history.read(actor, answer, { head: model.head(this.home(actor)), floor, rule: 'C1' })
      })
    })
  }

  private expectOneAnswer(name: string): () => void {
    this.asked.set(name, (this.asked.get(name) ?? 0) + 1)
    let open = true
    return () => {
      this.report.expect(open, 'A6', () => `${name} answers twice`)
      open = false
      // Not of a node that has crashed meanwhile.
      const waiting = this.asked.get(name)
      if (waiting !== undefined) this.asked.set(name, waiting - 1)
    }
  }

  override async step(): Promise<void> {
    await super.step()
    this.expectOneVoice()
  }

  // C1: whoever holds a lease and a partition answers reads, now or when it wakes: never two of them.
  private expectOneVoice(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const [one, other] = this.members.filter(
        ({ node, membership }) => node.runtime.partition(partition) !== undefined && membership.held(),
      )
      if (other === undefined) continue
      this.report.fail('C1', `${one?.node.name} and ${other.node.name} both answer reads of partition ${partition}`)
    }
  }

  isAway(node: Node): boolean {
    return node.state === 'paused' || this.network.isCut(node.name)
  }

  /** Any node that a client's socket may be on; fewer wait at one that sleeps or is cut off. */
  private door(): LeasedNode | null {
    if (this.members.length === 0) return null
    const member = this.prng.pick(this.members)
    return this.isAway(member.node) && this.prng.chance(0.7) ? this.prng.pick(this.members) : member
  }
}
