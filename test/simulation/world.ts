// One run's world: disks, nodes, clients, and the hand that breaks things. Everything is a task of the one loop, so the
// seed decides it all. `finale.ts` ends a run: faults stop and everything has to settle.

import { createHash } from 'node:crypto'
import { DEFAULT_LIMITS, type Limits } from '../../actors/runtime/limits.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { Checker } from './checker.ts'
import { Cluster } from './cluster.ts'
import { Report } from './coverage.ts'
import { Disk } from './disk.ts'
import { CALM, drawFaults, type Faults } from './faults.ts'
import { StoreDisk } from './faultyStore.ts'
import type { Intent } from './history.ts'
import type { Node, Surroundings } from './node.ts'
import { Prng } from './prng.ts'
import { EPOCH_MS } from './simClock.ts'
import { drawProjectorSettings, type ProjectorSettings } from './simProjector.ts'
import { SimLoop } from './simScheduler.ts'
import { drawMix, Traffic } from './traffic.ts'

export const PARTITIONS = 4
/** Steps between looks into a node's memory, which cost more than the other checks. */
const MEMORY_EVERY = 25

export class World implements Surroundings {
  readonly partitions = PARTITIONS
  readonly prng: Prng
  readonly loop: SimLoop
  readonly report = new Report()
  readonly checker: Checker
  readonly disk: Disk
  readonly storeDisk = new StoreDisk()
  readonly cluster: Cluster
  readonly routes: Cluster
  readonly limits: Partial<Limits>
  readonly projectorSettings: ProjectorSettings
  readonly traffic: Traffic
  steps = 0
  /** The latest time any clock has shown. */
  private latestMs = 0
  private current: Faults
  private readonly digest = createHash('sha256')
  private readonly recent: string[] = []

  constructor(seed: number) {
    this.prng = new Prng(seed)
    this.loop = new SimLoop(this.prng.split('loop'))
    this.checker = new Checker(PARTITIONS, this.report, () => this.latestMs)
    this.disk = new Disk(PARTITIONS, this.prng.split('disk'), (batch) => {
      this.note(`landed ${batch.partition} ${batch.position} ${batch.bytes.length}`)
      this.checker.landed(batch)
    })
    this.cluster = new Cluster(PARTITIONS, this.prng.split('cluster'))
    this.routes = this.cluster
    this.current = drawFaults(this.prng.split('faults'))
    this.limits = drawLimits(this.prng.split('limits'))
    this.projectorSettings = drawProjectorSettings(this.prng.split('projector'))
    this.traffic = new Traffic(this.prng.split('traffic'), drawMix(this.prng.split('mix')), this.checker.history)
  }

  /** One task, and every check that follows a step. */
  async step(): Promise<void> {
    this.steps++
    const label = await this.loop.step()
    if (label === null) throw new Error('the world has come to a halt')
    this.note(label)
    this.checker.afterStep()
    const { nodes } = this.cluster
    const node = nodes[this.steps % Math.max(1, nodes.length)]
    if (this.steps % MEMORY_EVERY === 0 && node !== undefined) this.checker.memory(node)
  }

  faults(): Faults {
    return this.current
  }

  clockShows(ms: number): void {
    if (ms > this.latestMs) this.latestMs = ms
  }

  calm(): void {
    this.current = CALM
    this.storeDisk.down = false
  }

  get isCalm(): boolean {
    return this.current === CALM
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
          this.checker.history.read(actor, answer, this.checker.model.head(partition), floor)
        },
        (error: unknown) => this.report.fail('A6', `read rejects: ${String(error)}`),
      )
    })
  }

  home(actor: string): PartitionId {
    return partitionOf(actor, PARTITIONS)
  }

  private target(partition: PartitionId): Node | null {
    const former = this.cluster.formerOwners(partition)
    if (former.length === 0 || !this.prng.chance(this.current.messageAstray)) return this.cluster.owner(partition)
    this.report.count('askedFormerOwner')
    return this.prng.pick(former)
  }

  note(line: string): void {
    const dated = `${this.loop.nowMs} ${line}`
    this.digest.update(dated)
    this.recent.push(dated)
    if (this.recent.length > 4000) this.recent.splice(0, 2000)
  }

  lastLines(count: number): readonly string[] {
    return this.recent.slice(-count)
  }

  traceHash(): string {
    return this.digest.copy().digest('hex').slice(0, 16)
  }

  trueNowMs(): number {
    return EPOCH_MS + Math.floor(this.loop.nowMs)
  }
}

function address(actor: string): { kind: string; id: string } {
  const slash = actor.indexOf('/')
  return { kind: actor.slice(0, slash), id: actor.slice(slash + 1) }
}

/** Small bounds, so that every one of them is met, and a few seeds with the real ones. */
function drawLimits(prng: Prng): Limits {
  if (prng.chance(0.1)) return DEFAULT_LIMITS
  return {
    ...DEFAULT_LIMITS,
    maxUndurableRecords: prng.pick([4, 32, 1_000]),
    maxWaitingPerActor: prng.pick([2, 64]),
    maxOutbox: prng.pick([8, 1_000]),
    maxProjectorLag: prng.pick([150, 100_000]),
    maxBatchBytes: prng.pick([200, 2_000, 100_000]),
    envelopeWindow: prng.pick([1, 3, 1_000]),
    probeAfterMs: prng.pick([20, 200]),
    retryAfterMs: prng.pick([5, 50]),
    recoverAgainMs: prng.pick([5, 50]),
    passivateAfterMs: prng.pick([0, 50, 1_000]),
    sweepEveryMs: prng.pick([20, 300]),
    deliveredEvery: prng.pick([1, 5, 100]),
  }
}
