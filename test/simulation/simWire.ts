// The way between nodes, as subjects of a message server give it: whoever has a partition open hears what is sent to it,
// several at a time where several believe in it; nobody there is answered by the network itself. Requests and answers
// are lost, doubled and delayed like everything else.

import type {
  HandOver,
  MemberId,
  PartitionService,
  RemoteAsk,
  RemoteOutcome,
  Wire,
} from '../../actors/cluster/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Report } from './coverage.ts'
import type { Routes } from './faultyTransport.ts'
import type { Node } from './node.ts'
import type { SimNetwork } from './simNetwork.ts'
import type { SimLoop } from './simScheduler.ts'

/** As long as an adapter waits for another member's word. */
const CONTROL_TIMEOUT_MS = 800
/** Whoever the network itself sends its answers as. */
const SERVER = 'directory'

interface Opened {
  readonly node: Node
  readonly service: PartitionService
}

interface Present {
  readonly node: Node
  readonly serves: (partition: PartitionId) => boolean
}

interface Parts {
  readonly loop: SimLoop
  readonly network: SimNetwork
  readonly report: Report
}

/** Who listens where. */
export class Directory {
  private readonly opened = new Map<PartitionId, Set<Opened>>()
  private readonly members = new Map<MemberId, Present>()
  private readonly network: SimNetwork

  constructor(network: SimNetwork) {
    this.network = network
    network.join(SERVER)
  }

  /** A node answers what others ask about itself. */
  answerFor(node: Node, serves: (partition: PartitionId) => boolean): void {
    this.members.set(node.name, { node, serves })
  }

  member(id: MemberId): Present {
    const member = this.members.get(id)
    if (member === undefined) throw new Error(`there was never a ${id}`)
    return member
  }

  open(partition: PartitionId, opened: Opened): () => void {
    const all = this.opened.get(partition) ?? new Set()
    this.opened.set(partition, all.add(opened))
    return () => all.delete(opened)
  }

  /** Those who hear what is sent to a partition: some may have gone without the network's knowing. */
  at(partition: PartitionId): readonly Opened[] {
    return [...(this.opened.get(partition) ?? [])].filter(({ node }) => this.network.isKnown(node.name))
  }

  isOpen(partition: PartitionId, opened: Opened): boolean {
    return this.opened.get(partition)?.has(opened) === true
  }
}

/** Where envelopes go: to one of those that have the partition open, as seen from a node. */
export function directoryRoutes(directory: Directory, network: SimNetwork, from: string): Routes {
  const reached = (partition: PartitionId): readonly Node[] => {
    if (network.isCut(from)) return []
    return directory.at(partition).flatMap(({ node }) => (network.isCut(node.name) ? [] : [node]))
  }
  return {
    owner: (partition) => reached(partition)[0] ?? null,
    formerOwners: (partition) => reached(partition).slice(1),
  }
}

type Answer<T> = (value: T) => void

export class SimWire implements Wire {
  private readonly directory: Directory
  private readonly parts: Parts
  private readonly me: MemberId

  constructor(directory: Directory, parts: Parts, me: MemberId) {
    this.directory = directory
    this.parts = parts
    this.me = me
  }

  ask(partition: PartitionId, ask: RemoteAsk, timeoutMs: number, answered: (outcome: RemoteOutcome) => void): void {
    const given = structuredClone(ask)
    this.request<RemoteOutcome>(`ask ${partition}`, timeoutMs, answered, { kind: 'lost' }, (answer) =>
      this.toAll(partition, answer, { kind: 'nobody' }, ({ service }, reply) =>
        service.ask(structuredClone(given), (outcome) => reply(structuredClone(outcome))),
      ),
    )
  }

  requestHandOver(partition: PartitionId, to: MemberId): Promise<HandOver | 'nobody' | 'lost'> {
    return new Promise((resolve) =>
      this.request<HandOver | 'nobody' | 'lost'>(`own ${partition}`, CONTROL_TIMEOUT_MS, resolve, 'lost', (answer) =>
        this.toAll<HandOver | 'nobody'>(
          partition,
          answer,
          'nobody',
          ({ service }, reply) => void service.handOver(to).then(reply),
        ),
      ),
    )
  }

  serves(member: MemberId, partition: PartitionId): Promise<boolean | null> {
    return new Promise((resolve) =>
      this.request<boolean | null>(`serves ${partition}`, CONTROL_TIMEOUT_MS, resolve, null, (answer) =>
        this.parts.network.carryOnce(SERVER, member, `serves ${partition}?`, () =>
          this.back(member, answer, this.directory.member(member).serves(partition)),
        ),
      ),
    )
  }

  open(partition: PartitionId, service: PartitionService): () => void {
    return this.directory.open(partition, { node: this.directory.member(this.me).node, service })
  }

  /** Sends to the server, and calls back once: with the first answer, or with `otherwise` when none came in time. */
  private request<T>(
    label: string,
    timeoutMs: number,
    settle: Answer<T>,
    otherwise: T,
    at: (answer: Answer<T>) => void,
  ): void {
    const { loop, network, report } = this.parts
    let open = true
    const once = (value: T): void => {
      if (!open) return report.count('wireAnsweredTwice')
      open = false
      cancel()
      settle(value)
    }
    const cancel = loop.add(this.me, `${label} timeout`, timeoutMs, () => {
      report.count('wireLost')
      open = false
      settle(otherwise)
    })
    network.carry(this.me, SERVER, label, () => at(once))
  }

  private toAll<T>(
    partition: PartitionId,
    answer: Answer<T>,
    nobody: T,
    hand: (opened: Opened, reply: Answer<T>) => void,
  ): void {
    const { network, report } = this.parts
    const all = this.directory.at(partition)
    if (all.length > 1) report.count('wireHeardBySeveral')
    if (all.length === 0) {
      report.count('wireNobody')
      return this.back(SERVER, answer, nobody)
    }
    for (const opened of all) {
      const { name } = opened.node
      network.carryOnce(SERVER, name, `for ${partition}`, () => {
        // What was closed meanwhile hears nothing any more.
        if (this.directory.isOpen(partition, opened)) hand(opened, (value) => this.back(name, answer, value))
      })
    }
  }

  private back<T>(from: string, answer: Answer<T>, value: T): void {
    this.parts.network.carry(from, this.me, 'answer', () => answer(value))
  }
}
