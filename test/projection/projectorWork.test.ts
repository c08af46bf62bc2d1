// The work of a cluster's projector: what it is told while it is busy counts, whenever it comes, and what one partition's
// store has that cannot be read halts that partition alone.

import { expect } from 'chai'
import { DamagedStoreError } from '../../actors/projection/ports.ts'
import type { ActorSnapshot, Checkpoint, StoredBatch } from '../../actors/runtime/ports.ts'
import type { ClearableStore } from '../../server/cluster/projectorParts.ts'
import type { FromClusterProjector } from '../../server/cluster/projectorProtocol.ts'
import { ProjectorWork } from '../../server/cluster/projectorWork.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { PartitionLog } from '../support/batches.ts'
import { deposit, KINDS } from '../support/counterKind.ts'
import { MemoryProjectionStore } from '../support/projectionStore.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 16

/** Holds back what it is asked, and says damage where it is told to. */
class TestStore extends MemoryProjectionStore implements ClearableStore {
  readonly calls: string[] = []
  damaged: string | null = null
  private held: Promise<void> = Promise.resolve()

  hold(): () => void {
    let release: () => void = () => {}
    this.held = new Promise((resolve) => {
      release = resolve
    })
    return release
  }

  override async checkpoint(partition: PartitionId): Promise<Checkpoint> {
    this.calls.push(`checkpoint ${partition}`)
    await this.held
    if (this.damaged === `checkpoint ${partition}`) throw new DamagedStoreError(this.damaged, 'no number')
    return super.checkpoint(partition)
  }

  override async actorSnapshots(partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    if (this.damaged === `actors ${partition}`) throw new DamagedStoreError(this.damaged, 'no JSON')
    return super.actorSnapshots(partition, actors)
  }

  forget(partition: PartitionId): void {
    this.calls.push(`forget ${partition}`)
  }

  async clearPartition(partition: PartitionId): Promise<void> {
    this.calls.push(`clear ${partition}`)
  }

  async close(): Promise<void> {}
}

class Bench {
  readonly store = new TestStore()
  readonly said: FromClusterProjector[] = []
  /** What the journal has, by partition. */
  readonly log = new Map<PartitionId, StoredBatch[]>()
  readonly work = new ProjectorWork({
    options: { partitions: PARTITIONS, snapshotEvery: 1_000 },
    journal: {
      read: async (partition, after) => (this.log.get(partition) ?? []).filter(({ position }) => position > after),
      close: async () => {},
    },
    store: this.store,
    kinds: KINDS,
    say: (message) => this.said.push(message),
    end: () => {},
  })

  /** Appends a batch of one deposit. Its position is `at`. */
  append(log: PartitionLog, id: string, at: number): StoredBatch {
    deposit(log, id, 1n)
    const batch = log.cutAt(at)
    const batches = this.log.get(batch.partition) ?? []
    this.log.set(batch.partition, [...batches, batch])
    return batch
  }

  take(partition: PartitionId, through: number): void {
    this.work.heard({ kind: 'take', partition, through })
  }

  committed(batch: StoredBatch, after: number): void {
    const { partition, position, bytes } = batch
    this.work.heard({ kind: 'batches', batches: [{ partition, after, position, bytes }] })
  }

  reached(partition: PartitionId, seq: number): Promise<unknown> {
    return until(`${partition}:${seq} is projected`, () =>
      this.said.some(
        (message) =>
          message.kind === 'progress' &&
          message.progress.some((one) => one.partition === partition && one.projectedSeq >= seq),
      ),
    )
  }

  halts(): readonly string[] {
    return this.said.flatMap((message) =>
      message.kind === 'halted' ? [`${message.partition}: ${message.reason}`] : [],
    )
  }
}

const homeOf = (id: string): PartitionId => partitionOf(`counter/${id}`, PARTITIONS)

describe('the work of a cluster’s projector', () => {
  for (const how of ['batches', 'through'] as const) {
    it(`projects what becomes durable while its partition is being taken up, told as ${how}`, async () => {
      const bench = new Bench()
      const log = new PartitionLog(homeOf('ann'), PARTITIONS)
      const { partition } = log
      bench.append(log, 'ann', 1)
      const release = bench.store.hold()
      bench.take(partition, 1)
      await until('it looks into the store', () => bench.store.calls.includes(`checkpoint ${partition}`))
      const second = bench.append(log, 'ann', 2)
      if (how === 'batches') bench.committed(second, 1)
      else bench.work.heard({ kind: 'through', partition, position: 2 })
      release()
      await bench.reached(partition, 2)
    })
  }

  it('and while it is let go of and taken up again', async () => {
    const bench = new Bench()
    const log = new PartitionLog(homeOf('ann'), PARTITIONS)
    const { partition } = log
    bench.append(log, 'ann', 1)
    bench.take(partition, 1)
    await bench.reached(partition, 1)
    bench.said.length = 0
    const release = bench.store.hold()
    bench.work.heard({ kind: 'release', partition })
    bench.take(partition, 1)
    bench.committed(bench.append(log, 'ann', 2), 1)
    release()
    await bench.reached(partition, 2)
  })

  it('forgets what it noted of a partition before it takes it up', async () => {
    const bench = new Bench()
    const log = new PartitionLog(homeOf('ann'), PARTITIONS)
    bench.append(log, 'ann', 1)
    bench.take(log.partition, 1)
    await bench.reached(log.partition, 1)
    expect(bench.store.calls).to.deep.equal([`forget ${log.partition}`, `checkpoint ${log.partition}`])
  })

  const damages = [
    ['its checkpoint', (partition: PartitionId) => `checkpoint ${partition}`],
    ['an actor of it', (partition: PartitionId) => `actors ${partition}`],
  ] as const
  for (const [what, damage] of damages) {
    it(`halts a partition where ${what} cannot be read; the others go on`, async () => {
      const bench = new Bench()
      const [bad, good] = [new PartitionLog(homeOf('ann'), PARTITIONS), new PartitionLog(homeOf('bob'), PARTITIONS)]
      expect(bad.partition).not.to.equal(good.partition)
      bench.store.damaged = damage(bad.partition)
      for (const [log, id] of [
        [bad, 'ann'],
        [good, 'bob'],
      ] as const) {
        bench.append(log, id, 1)
        bench.take(log.partition, 1)
      }
      await bench.reached(good.partition, 1)
      await until('it has halted', () => bench.halts().length > 0)
      expect(bench.halts()[0]).to.include(`${bad.partition}: ${damage(bad.partition)} cannot be read`)
      // Mended, it is taken up again.
      bench.store.damaged = null
      bench.work.heard({ kind: 'release', partition: bad.partition })
      bench.take(bad.partition, 1)
      await bench.reached(bad.partition, 1)
    })
  }
})
