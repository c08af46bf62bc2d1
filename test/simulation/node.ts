// One process of the cluster: a runtime and a projector with their own clock, and their own faulty ways to journal, store
// and network. A node that has crashed is never used again; a restart is a new node over the same disks.

import type { Limits } from '../../actors/runtime/limits.ts'
import type { EnvelopeTransport, Lease, Observer } from '../../actors/runtime/ports.ts'
import { Runtime } from '../../actors/runtime/runtime.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Checker } from './checker.ts'
import type { Report } from './coverage.ts'
import type { Disk } from './disk.ts'
import { type Faults, OUT_OF_REACH } from './faults.ts'
import { FaultyJournal } from './faultyJournal.ts'
import { FaultyStore, type StoreDisk } from './faultyStore.ts'
import { type Endpoint, FaultyTransport, type Routes } from './faultyTransport.ts'
import type { Prng } from './prng.ts'
import { SimClock } from './simClock.ts'
import { SimIds } from './simIds.ts'
import { SIM_KINDS } from './simKinds.ts'
import { type ProjectorSettings, SimProjector } from './simProjector.ts'
import { type SimLoop, SimScheduler } from './simScheduler.ts'

/** What all nodes of a world have in common. */
export interface Surroundings {
  readonly partitions: number
  readonly loop: SimLoop
  readonly disk: Disk
  readonly storeDisk: StoreDisk
  readonly prng: Prng
  readonly report: Report
  readonly checker: Checker
  readonly limits: Partial<Limits>
  readonly projectorSettings: ProjectorSettings
  readonly isCalm: boolean
  faults(): Faults
  clockShows(ms: number): void
  /** The node has lost the partition to another writer. */
  lost(node: Node, partition: PartitionId): void
}

/** How a node gets its partitions and finds the others. */
export interface Seat {
  readonly routes: Routes
  /** For its epoch records; made of ids where it is not given. */
  readonly owner?: string
  readonly lease?: Lease
  /** Whether journal and network are out of reach. */
  cutOff?(): boolean
}

export class Node implements Endpoint {
  readonly name: string
  readonly clock: SimClock
  readonly journal: FaultyJournal
  readonly runtime: Runtime
  readonly projector: SimProjector
  state: 'running' | 'paused' | 'gone' = 'running'
  private readonly world: Surroundings

  constructor(name: string, skewMs: number, world: Surroundings, seat: Seat) {
    const { loop, disk, storeDisk, report, checker } = world
    const faults = (): Faults => world.faults()
    const cutOff = (): boolean => seat.cutOff?.() === true
    const remote = (): Faults => (cutOff() ? { ...world.faults(), ...OUT_OF_REACH } : world.faults())
    const prng = world.prng.split(name)
    this.name = name
    this.world = world
    this.clock = new SimClock(loop, skewMs, (ms) => world.clockShows(ms))
    this.journal = new FaultyJournal(loop, disk, name, prng.split('journal'), remote, report)
    const serves = (partition: PartitionId): boolean => this.runtime.partition(partition) !== undefined
    const store = new FaultyStore(
      loop,
      storeDisk,
      name,
      prng.split('store'),
      faults,
      report,
      checker.storeWatch(serves),
    )
    const writer = new FaultyStore(
      loop,
      storeDisk,
      name,
      prng.split('writer'),
      faults,
      report,
      checker.storeWatch(() => false),
    )
    const scheduler = new SimScheduler(loop, name)
    this.runtime = new Runtime({
      partitions: world.partitions,
      kinds: SIM_KINDS,
      journal: this.journal,
      store,
      transport: new FaultyTransport(loop, seat.routes, prng.split('net'), remote, report, checker.wireWatch()),
      clock: this.clock,
      scheduler,
      ids: new SimIds(prng.split('ids')),
      ...(seat.owner === undefined ? {} : { owner: seat.owner }),
      ...(seat.lease === undefined ? {} : { lease: seat.lease }),
      observer: this.observer(),
      feed: checker.feedOf(name),
      limits: world.limits,
    })
    this.projector = new SimProjector({
      loop,
      node: name,
      // Connections of its own, as a worker has.
      journal: new FaultyJournal(loop, disk, name, prng.split('reader'), remote, report),
      store: writer,
      prng: prng.split('projector'),
      report,
      settings: world.projectorSettings,
      calm: () => world.isCalm,
      progress: (progress) => this.runtime.progress(progress),
    })
  }

  get receiver(): EnvelopeTransport {
    return this.runtime
  }

  /** Recovers the partitions; the checker looks at what came back. */
  start(partitions: readonly PartitionId[]): void {
    const { report, checker } = this.world
    this.runtime.start(partitions).then(
      () => checker.recovered(this),
      (error: unknown) => report.fail('J4', `${this.name} cannot recover: ${String(error)}`),
    )
    this.projector.start(partitions)
  }

  /** It serves a partition from now on. */
  took(partition: PartitionId): void {
    this.world.checker.recovered(this)
    this.projector.start([partition])
  }

  crash(): void {
    this.state = 'gone'
    this.journal.crash()
    this.world.loop.drop(this.name)
  }

  pause(): void {
    this.state = 'paused'
    this.world.loop.pause(this.name)
  }

  wake(): void {
    this.state = 'running'
    this.world.loop.resume(this.name)
  }

  private observer(): Observer {
    const { report } = this.world
    return {
      committed: (_partition, records) => report.count(records > 1 ? 'batchOfSeveral' : 'batchOfOne'),
      answered: () => {},
      alarm: (event, detail) => {
        report.count(`alarm_${event}`)
        if (event === 'partition.lost') this.world.lost(this, Number(detail.partition))
      },
    }
  }
}
