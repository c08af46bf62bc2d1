// What the projector's thread of a process in a cluster does (S1): folds what this process's partitions have made durable
// into the MongoDB store. It is sent the batches as they are committed, and reads from the journal what it was not sent: what came
// before a partition was taken, and what would have been too much to keep in memory.

import { DamagedStoreError } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { Position, Progress, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { messageOf } from '../dataSetError.ts'
import { Followed } from './followed.ts'
import { restAfter } from './pace.ts'
import type { WorkParts } from './projectorParts.ts'
import type { CommittedBatch, ToClusterProjector } from './projectorProtocol.ts'

/** Folded and written in one go. */
const CHUNK_BYTES = 2 * 1024 * 1024
/** Of one partition in one go. */
const SHARE_BYTES = 256 * 1024
const RETRY_MS = 200
/** A replica of the journal that is asked may be a moment behind. */
const REPLICA_MS = 10
/** How long a stop may take to bring the store to what is durable; the rest is the next owner's. */
const FINISH_WITHIN_MS = 5_000
/** Without news for this long, what was touched gets its snapshots, so that the next owner has little to replay. */
const IDLE_ROUND_MS = 2_000

type Control = Exclude<ToClusterProjector, { kind: 'batches' | 'through' }>

export class ProjectorWork {
  private readonly parts: WorkParts
  private readonly say: WorkParts['say']
  private readonly projector: Projector
  private readonly followed = new Map<PartitionId, Followed>()
  /** How far the partitions that serve here are durable, as was told: taken up or not yet. */
  private readonly durable = new Map<PartitionId, Position>()
  private readonly controls: Control[] = []
  private working = false
  /** Ends a rest that is under way. */
  private wake: () => void = () => {}
  private idle: NodeJS.Timeout | null = null

  constructor(parts: WorkParts) {
    const { options, store, kinds, say } = parts
    this.parts = parts
    this.say = say
    const onHalt = (partition: number, reason: string, seq: number): void => this.halted(partition, reason, seq)
    const onListingFailed = (actor: string, error: unknown): void =>
      say({ kind: 'trouble', error: `${actor} cannot be listed: ${messageOf(error)}` })
    const { snapshotEvery } = options
    this.projector = new Projector({ kinds, store, snapshotEvery, onHalt, onListingFailed })
  }

  heard(message: ToClusterProjector): void {
    if (this.idle !== null) clearTimeout(this.idle)
    this.idle = null
    switch (message.kind) {
      case 'batches':
        this.take(message.batches)
        break
      case 'through':
        this.reaches(message.partition, message.position)
        break
      default:
        if (message.kind === 'take') this.durable.set(message.partition, message.through)
        if (message.kind === 'release' || message.kind === 'clear') this.durable.delete(message.partition)
        this.controls.push(message)
        // Somebody waits for it.
        this.wake()
    }
    void this.work()
  }

  // Told before the partition is taken up, it counts then: what was sent meanwhile is read from the journal.
  private reaches(partition: PartitionId, position: Position): void {
    const known = this.durable.get(partition)
    if (known === undefined) return
    this.durable.set(partition, Math.max(known, position))
    const followed = this.followed.get(partition)
    if (followed !== undefined) followed.through = Math.max(followed.through, position)
  }

  private async work(): Promise<void> {
    if (this.working) return
    this.working = true
    let closing = false
    while (!closing) {
      const beganMs = performance.now()
      try {
        const control = this.controls[0]
        if (control !== undefined) {
          closing = await this.control(control)
          this.controls.shift()
          continue
        }
        const behind = [...this.followed.values()].filter((followed) => followed.isBehind)
        if (behind.length === 0) break
        const bytes = await this.step(behind)
        await this.rest(performance.now() - beganMs, bytes)
      } catch (error) {
        // Journal or store cannot take it now: nothing is skipped, the same is tried again.
        this.say({ kind: 'trouble', error: messageOf(error) })
        // A stop does not wait for them: the journal has everything, and the next owner takes it up.
        if (this.controls.some(({ kind }) => kind === 'close')) return this.close()
        await pause(RETRY_MS)
      }
    }
    this.working = false
    if (!closing && this.projector.roundDue) this.idle ??= setTimeout(() => this.idleRound(), IDLE_ROUND_MS)
  }

  private rest(workMs: number, bytes: number): Promise<void> {
    if (this.controls.length > 0) return pause(0)
    const all = [...this.followed.values()]
    const behindBytes = all.reduce((sum, followed) => sum + followed.bytesInHand, 0)
    // Where the journal gives nothing now, asking at once again helps nobody.
    const isCutOff = bytes > 0 && all.some((followed) => followed.isCutOff)
    const awake = new Promise<void>((resolve) => {
      this.wake = resolve
    })
    return Promise.race([awake, pause(restAfter({ workMs, behindBytes, isCutOff }))])
  }

  /** Answers whether this was the last thing to do. */
  private async control(message: Control): Promise<boolean> {
    switch (message.kind) {
      case 'take':
        await this.follow(message.partition, message.through)
        return false
      case 'settle': {
        await this.settle(message.partition)
        this.say({ kind: 'settled', request: message.request })
        return false
      }
      case 'release':
        this.release(message.partition)
        return false
      case 'clear': {
        this.release(message.partition)
        // What was folded before must not come after.
        await this.projector.flush()
        await this.parts.store.clearPartition(message.partition, this.isIn(message.partition))
        this.say({ kind: 'cleared', request: message.request })
        return false
      }
      case 'close':
        await this.finish()
        await this.close()
        return true
    }
  }

  private release(partition: PartitionId): void {
    this.unfollow(partition)
    this.projector.release(partition, this.isIn(partition))
  }

  private isIn(partition: PartitionId): (actor: string) => boolean {
    return (actor) => partitionOf(actor, this.parts.options.partitions) === partition
  }

  /** What is durable, as far as there is time, and a last round of snapshots. */
  private async finish(): Promise<void> {
    const untilMs = performance.now() + FINISH_WITHIN_MS
    for (;;) {
      const behind = [...this.followed.values()].filter((followed) => followed.isBehind)
      if (behind.length === 0 || performance.now() > untilMs) break
      if ((await this.step(behind)) === 0) await pause(REPLICA_MS)
    }
    this.tell(await this.projector.round())
  }

  private async settle(partition: PartitionId): Promise<void> {
    const followed = this.followed.get(partition)
    // Whoever asked has stopped waiting: the store was away.
    const isOff = (): boolean =>
      this.followed.get(partition) !== followed ||
      this.controls.some(
        (later) => later.kind === 'close' || (later.kind === 'release' && later.partition === partition),
      )
    while (followed?.isBehind && !isOff()) {
      const bytes = await this.step([followed])
      if (bytes === 0) await pause(REPLICA_MS)
    }
    if (followed !== undefined && !isOff()) this.tell(await this.projector.round(partition))
  }

  private take(batches: readonly CommittedBatch[]): void {
    let bytes = 0
    for (const batch of batches) {
      this.reaches(batch.partition, batch.position)
      const followed = this.followed.get(batch.partition)
      if (followed === undefined) bytes += batch.bytes.byteLength
      else followed.add(batch)
    }
    // Nobody's: in hand no more.
    if (bytes > 0) this.say({ kind: 'consumed', bytes })
  }

  private async follow(partition: PartitionId, through: Position): Promise<void> {
    if (this.followed.has(partition)) return
    const { store } = this.parts
    // Since it was here the last time, others may have written it, or made it anew.
    await this.projector.flush()
    store.forget(partition)
    try {
      const positions = await this.projector.resume([partition])
      const known = this.durable.get(partition) ?? through
      this.followed.set(partition, new Followed(partition, positions.get(partition) ?? 0, Math.max(through, known)))
    } catch (error) {
      if (!(error instanceof DamagedStoreError)) throw error
      return this.halted(partition, error.message, 0)
    }
    this.tell(this.projector.progress().filter((progress) => progress.partition === partition))
  }

  private halted(partition: PartitionId, reason: string, seq: number): void {
    this.unfollow(partition)
    this.say({ kind: 'halted', partition, seq, reason })
  }

  /** Takes what is next of these partitions; answers how many bytes that was. */
  private async step(behind: readonly Followed[]): Promise<number> {
    const chunk: StoredBatch[] = []
    const taken: [Followed, readonly StoredBatch[]][] = []
    let bytes = 0
    for (const followed of behind) {
      if (bytes >= CHUNK_BYTES) break
      // The next step begins with those that this one does not reach.
      this.followed.delete(followed.partition)
      this.followed.set(followed.partition, followed)
      const ready = followed.ready(SHARE_BYTES)
      const batches = ready.length > 0 ? ready : await this.missing(followed)
      chunk.push(...batches)
      taken.push([followed, batches])
      bytes += batches.reduce((sum, batch) => sum + batch.bytes.byteLength, 0)
    }
    const progress = await this.projector.take(chunk)
    let consumed = 0
    for (const [followed, batches] of taken) {
      // One that has halted meanwhile has been given back whole.
      if (this.followed.get(followed.partition) === followed) consumed += followed.moved(batches)
    }
    if (consumed > 0) this.say({ kind: 'consumed', bytes: consumed })
    this.tell(progress)
    return bytes
  }

  // A stream that cannot be read now holds up its own partitions, and no others.
  private async missing(followed: Followed): Promise<readonly StoredBatch[]> {
    try {
      return await this.parts.journal.read(followed.partition, followed.cursor, SHARE_BYTES)
    } catch (error) {
      this.say({ kind: 'trouble', error: messageOf(error) })
      return []
    }
  }

  private unfollow(partition: PartitionId): void {
    const bytes = this.followed.get(partition)?.bytesInHand ?? 0
    this.followed.delete(partition)
    if (bytes > 0) this.say({ kind: 'consumed', bytes })
  }

  private idleRound(): void {
    this.idle = null
    if (this.working) return
    this.working = true
    this.projector
      .round()
      .then((progress) => this.tell(progress))
      .catch((error: unknown) => this.say({ kind: 'trouble', error: messageOf(error) }))
      .finally(() => {
        this.working = false
        void this.work()
      })
  }

  private async close(): Promise<void> {
    await this.parts.journal.close()
    await this.parts.store.close()
    this.say({ kind: 'closed' })
    this.parts.end()
  }

  private tell(progress: readonly Progress[]): void {
    if (progress.length > 0) this.say({ kind: 'progress', progress })
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0) setImmediate(resolve)
    else setTimeout(resolve, ms)
  })
}
