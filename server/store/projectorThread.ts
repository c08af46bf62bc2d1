// The projector's own thread (S1): follows the journal's file up to what the main thread says is durable, and writes the
// store. It owns the store's one writing connection.

import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { KINDS } from '../../actors/kinds.ts'
import { Projector } from '../../actors/projection/projector.ts'
import { hashBatch } from '../../actors/runtime/codec.ts'
import type { Progress, StoredBatch } from '../../actors/runtime/ports.ts'
import { DataSetError, messageOf, troubleOf } from '../dataSetError.ts'
import { CommitLog } from '../journal/commitLog.ts'
import { openJournalForReading } from '../journal/journalFile.ts'
import { SqliteStore } from './sqliteStore.ts'
import { STORE_REMEDY } from './storeFile.ts'
import type { FromProjector, ProjectorOptions, ToProjector } from './storeProtocol.ts'

/** Read, folded and written in one transaction. */
const CHUNK_BYTES = 1024 * 1024
/** Caught up, a step waits for company: rows that many records change are then written once. */
const STEP_MS = 50
const RETRY_MS = 200
/** Without news for this long, what was touched gets its snapshots, so that the next start has little to replay. */
const IDLE_ROUND_MS = 2_000

class ProjectorThread {
  private readonly options: ProjectorOptions
  private readonly say: (message: FromProjector) => void
  private readonly journal: DatabaseSync
  private readonly log: CommitLog
  private readonly store: SqliteStore
  private readonly projector: Projector
  /** Commits up to here are read. */
  private cursor = 0
  /** Commits up to here are durable. */
  private through = 0
  private working = false
  private closing = false
  private idle: NodeJS.Timeout | null = null

  constructor(options: ProjectorOptions, say: (message: FromProjector) => void) {
    const { journalFile, storeFile, dataSet, snapshotEvery } = options
    this.options = options
    this.say = say
    this.journal = openJournalForReading(journalFile).db
    this.log = new CommitLog(this.journal, journalFile, dataSet.partitions)
    this.store = new SqliteStore(storeFile, dataSet)
    const onHalt = (partition: number, reason: string, seq: number): void =>
      say({ kind: 'halted', partition, seq, reason })
    const onListingFailed = (actor: string, error: unknown): void =>
      say({ kind: 'trouble', error: `${actor} cannot be listed: ${messageOf(error)}` })
    this.projector = new Projector({ kinds: KINDS, store: this.store, snapshotEvery, onHalt, onListingFailed })
  }

  async start(): Promise<void> {
    const partitions = [...Array(this.options.dataSet.partitions).keys()]
    const { positions: heads } = this.log.heads()
    for (const partition of partitions) {
      const { position, hash } = await this.store.checkpoint(partition)
      if (position > (heads[partition] ?? 0)) throw this.journalBehind(partition, position)
      if (position > 0 && this.hashAt(partition, position) !== hash) throw this.otherJournal(partition, position)
    }
    const positions = await this.projector.resume(partitions)
    this.cursor = Math.min(...positions.values())
    this.say({ kind: 'opened' })
    this.tell(this.projector.progress())
  }

  heard(message: ToProjector): void {
    if (this.idle !== null) clearTimeout(this.idle)
    this.idle = null
    if (message.kind === 'close') this.closing = true
    else this.through = Math.max(this.through, message.position)
    void this.work()
  }

  // What the store has was durable once: a journal without it has lost commits, and would give their seqs out again.
  private journalBehind(partition: number, position: number): DataSetError {
    const { journalFile, storeFile } = this.options
    return new DataSetError(
      journalFile,
      `it ends before commit ${position} of partition ${partition}, which ${storeFile} was made from: its end is lost`,
      'Bring back this file and its -wal as they were, or from a backup',
    )
  }

  private hashAt(partition: number, position: number): string | null {
    const batch = this.log.commit(position)?.batches.find((framed) => framed.partition === partition)
    return batch === undefined ? null : hashBatch(batch.bytes)
  }

  // Its keys and history are of a copy that went on by itself: they would answer for money that never moved here (M6).
  private otherJournal(partition: number, position: number): DataSetError {
    const { journalFile, storeFile } = this.options
    return new DataSetError(
      storeFile,
      `it was made from another journal: ${journalFile} has another batch at commit ${position} of partition ${partition}`,
      'Bring back the journal that belongs to this store, or move the store away, to be rebuilt from the journal',
    )
  }

  private async work(): Promise<void> {
    if (this.working) return
    this.working = true
    while (this.cursor < this.through) {
      const beganMs = performance.now()
      try {
        const bytes = await this.step()
        if (bytes < CHUNK_BYTES && !this.closing) await pause(STEP_MS - (performance.now() - beganMs))
        // Lets messages in: a stop, or news of what is durable.
        else await pause(0)
      } catch (error) {
        // The store or the disk cannot take it now: nothing is skipped, the same write is tried again.
        this.say({ kind: 'trouble', error: messageOf(error) })
        // A stop does not wait for a broken disk: the journal has everything, and the next start takes it up.
        if (this.closing) break
        await pause(RETRY_MS)
      }
    }
    this.working = false
    if (this.closing) await this.finish()
    else if (this.projector.roundDue) this.idle ??= setTimeout(() => this.round(), IDLE_ROUND_MS)
  }

  /** Takes the next commits; answers how many bytes they hold. */
  private async step(): Promise<number> {
    const batches: StoredBatch[] = []
    let last = this.cursor
    let bytes = 0
    for (const { id, frame, batches: framed } of this.log.read(this.cursor, CHUNK_BYTES)) {
      if (id > this.through) break
      for (const batch of framed) batches.push({ partition: batch.partition, position: id, bytes: batch.bytes })
      last = id
      bytes += frame.byteLength
    }
    if (last === this.cursor) throw new Error(`journal ends before commit ${this.cursor + 1}`)
    const progress = await this.projector.take(batches)
    this.cursor = last
    this.tell(progress)
    return bytes
  }

  private round(): void {
    this.idle = null
    if (this.working || this.closing) return
    this.working = true
    const failed = (error: unknown): void => this.say({ kind: 'trouble', error: messageOf(error) })
    this.projector
      .round()
      .then((progress) => this.tell(progress), failed)
      .finally(() => {
        this.working = false
        void this.work()
      })
  }

  private async finish(): Promise<void> {
    try {
      this.tell(await this.projector.round())
    } catch (error) {
      this.say({ kind: 'trouble', error: messageOf(error) })
    }
    this.store.close()
    this.journal.close()
    this.say({ kind: 'closed' })
    parentPort?.close()
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

async function serve(port: NonNullable<typeof parentPort>, options: ProjectorOptions): Promise<void> {
  const say = (message: FromProjector): void => port.postMessage(message)
  try {
    const thread = new ProjectorThread(options, say)
    await thread.start()
    port.on('message', (message: ToProjector) => thread.heard(message))
  } catch (error) {
    say({ kind: 'refused', trouble: troubleOf(error, options.storeFile, STORE_REMEDY) })
  }
}

if (parentPort !== null) await serve(parentPort, workerData as ProjectorOptions)
