// One run's world: disks, clients, time and the checker. Everything is a task of the one loop, so the seed decides it all.
// How nodes get their partitions is a kind of world of its own: by decree (decreeWorld.ts) or by leases (leaseWorld.ts).
// `finale.ts` ends a run: faults stop and everything has to settle.

import { createHash } from 'node:crypto'
import { DEFAULT_LIMITS, type Limits } from '../../actors/runtime/limits.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { Checker } from './checker.ts'
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

export interface Habits {
  /** Much time passes between two acts: projectors look less often, actors stay in memory for longer. */
  readonly unhurried?: boolean
  /** Share of the traffic that a few wallets get; drawn where it is not given. */
  readonly hot?: number
}

export abstract class World implements Surroundings {
  readonly partitions = PARTITIONS
  readonly prng: Prng
  readonly loop: SimLoop
  readonly report = new Report()
  readonly checker: Checker
  readonly disk: Disk
  readonly storeDisk = new StoreDisk()
  readonly limits: Partial<Limits>
  readonly projectorSettings: ProjectorSettings
  readonly traffic: Traffic
  steps = 0
  /** The latest time any clock has shown. */
  private latestMs = 0
  protected current: Faults
  private readonly digest = createHash('sha256')
  private readonly recent: string[] = []

  constructor(seed: number, { unhurried = false, hot }: Habits = {}) {
    this.prng = new Prng(seed)
    this.loop = new SimLoop(this.prng.split('loop'))
    this.checker = new Checker(PARTITIONS, this.report, () => this.latestMs)
    this.disk = new Disk(PARTITIONS, this.prng.split('disk'), {
      landed: (batch, writer) => {
        this.note(`landed ${batch.partition} ${batch.position} ${batch.bytes.length}`)
        this.checker.landed(batch, writer)
      },
      found: (batch, writer) => this.checker.writers.found(batch, writer),
    })
    this.current = drawFaults(this.prng.split('faults'))
    this.limits = drawLimits(this.prng.split('limits'), unhurried)
    this.projectorSettings = drawProjectorSettings(this.prng.split('projector'), unhurried)
    const mix = drawMix(this.prng.split('mix'))
    this.traffic = new Traffic(
      this.prng.split('traffic'),
      { ...mix, hot: hot ?? mix.hot },
      this.checker.history,
      this.checker.model,
    )
  }

  /** One task, and every check that follows a step. */
  async step(): Promise<void> {
    this.steps++
    const label = await this.loop.step()
    if (label === null) throw new Error('the world has come to a halt')
    this.note(label)
    this.checker.afterStep()
    const { nodes } = this
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

  /** By how much longer a run is: what nodes do among themselves takes steps as well. */
  abstract readonly length: number
  abstract readonly nodes: readonly Node[]
  /** Clients find somebody. */
  abstract readonly anyServed: boolean

  /** Who serves the partition, or is to: null where nobody is, or several are. */
  abstract owner(partition: PartitionId): Node | null

  abstract serves(partition: PartitionId): boolean

  /** Nodes for whatever has none: nobody is asked. */
  abstract staff(): void

  abstract crash(node: Node): void

  /** A node that is not needed is asked to go. */
  abstract retire(): void

  /** Partitions find their owners by themselves, and change them. */
  abstract readonly moves: boolean

  /** Whoever was asked to go has gone, with nothing left. */
  abstract readonly retired: boolean

  /** Asks that a node has taken, has not answered, and can still answer. */
  abstract readonly unanswered: number

  /** With no fault left, every partition is served within this time. */
  abstract readonly servedWithinMs: number

  /** The node has lost the partition to another writer. */
  abstract lost(node: Node, partition: PartitionId): void

  /** Sends a client's command. */
  abstract ask(intent: Intent): void

  abstract read(actor: string): void

  home(actor: string): PartitionId {
    return partitionOf(actor, PARTITIONS)
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

export function address(actor: string): { kind: string; id: string } {
  const slash = actor.indexOf('/')
  return { kind: actor.slice(0, slash), id: actor.slice(slash + 1) }
}

/** Small bounds, so that every one of them is met, and a few seeds with the real ones. */
function drawLimits(prng: Prng, unhurried: boolean): Limits {
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
    passivateAfterMs: prng.pick(unhurried ? [50, 5_000, 60_000] : [0, 50, 1_000]),
    sweepEveryMs: prng.pick([20, 300]),
    deliveredEvery: prng.pick([1, 5, 100]),
  }
}
