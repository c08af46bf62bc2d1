// The projector's own thread (S1): follows the journal's file up to what the main thread says is durable, and writes the
// store. It owns the store's one writing connection.

import { parentPort, workerData } from 'node:worker_threads'
import { KINDS } from '../../actors/kinds.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { Progress, StoredBatch } from '../../actors/runtime/ports.ts'
import { messageOf } from '../dataSetError.ts'
import { CommitLog } from '../journal/commitLog.ts'
import { openJournalForReading } from '../journal/journalFile.ts'
import { SqliteStore } from './sqliteStore.ts'
import type { FromProjector, ProjectorOptions, ToProjector } from './storeProtocol.ts'

/** Read, folded and written in one transaction. */
const CHUNK_BYTES = 512 * 1024
const RETRY_MS = 200
/** Without news for this long, what was touched gets its snapshots, so that the next start has little to replay. */
const IDLE_ROUND_MS = 2_000

// This file is only ever started as a worker, with these options.
const options = workerData as ProjectorOptions
const port = parentPort
if (port === null) throw new Error('the projector runs as a worker')

const journal = openJournalForReading(options.journalFile)
const log = new CommitLog(journal.db, options.journalFile, options.dataSet.partitions)
const store = new SqliteStore(options.storeFile, options.dataSet)
const projector = new Projector({
  kinds: KINDS,
  store,
  snapshotEvery: options.snapshotEvery,
  onHalt: (partition, reason) => say({ kind: 'halted', partition, reason }),
})

let cursor = 0
let through = 0
let working = false
let closing = false
let idle: NodeJS.Timeout | null = null

function say(message: FromProjector): void {
  port?.postMessage(message)
}

function tell(progress: readonly Progress[]): void {
  if (progress.length > 0) say({ kind: 'progress', progress, cursor })
}

async function start(): Promise<void> {
  const positions = await projector.resume([...Array(options.dataSet.partitions).keys()])
  cursor = Math.min(...positions.values())
  say({ kind: 'opened' })
  tell(projector.progress())
}

async function work(): Promise<void> {
  if (working) return
  working = true
  while (cursor < through) {
    try {
      await step()
    } catch (error) {
      // The store or the disk cannot take it now: nothing is skipped, the same write is tried again.
      say({ kind: 'trouble', error: messageOf(error) })
      await pause(RETRY_MS)
    }
  }
  working = false
  if (closing) await finish()
  else if (projector.roundDue) idle ??= setTimeout(round, IDLE_ROUND_MS)
}

async function step(): Promise<void> {
  const commits = log.read(cursor, CHUNK_BYTES)
  const batches: StoredBatch[] = []
  let last = cursor
  for (const { id, batches: framed } of commits) {
    if (id > through) break
    for (const { partition, bytes } of framed) batches.push({ partition, position: id, bytes })
    last = id
  }
  if (last === cursor) throw new Error(`journal ends before commit ${cursor + 1}`)
  const progress = await projector.take(batches)
  cursor = last
  tell(progress)
  // Lets messages in: a stop, or news of what is durable.
  await new Promise((resolve) => setImmediate(resolve))
}

function round(): void {
  idle = null
  if (working || closing) return
  projector.round().then(tell, (error: unknown) => say({ kind: 'trouble', error: messageOf(error) }))
}

async function finish(): Promise<void> {
  try {
    tell(await projector.round())
  } catch (error) {
    say({ kind: 'trouble', error: messageOf(error) })
  }
  store.close()
  journal.db.close()
  say({ kind: 'closed' })
  port?.close()
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

port.on('message', (message: ToProjector) => {
  if (idle !== null) clearTimeout(idle)
  idle = null
  if (message.kind === 'close') closing = true
  else through = Math.max(through, message.position)
  void work()
})

await start()
