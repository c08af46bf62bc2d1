// The main thread's end of a replay: an async iterable over what the replay worker sends, in groups small enough that
// handling one does not hold up the event loop, with a turn of the loop between them (A5).

import { Worker } from 'node:worker_threads'
import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { dataSetError } from '../dataSetError.ts'
import type { FromReplay, ReplayOptions, ToReplay } from './protocol.ts'

/** JSON of this size is parsed in well under 10 ms. */
const GROUP_BYTES = 128 * 1024
const CHUNK_BYTES = 1024 * 1024
const CHUNKS_AHEAD = 4
/** The loop gets a turn when a replay has kept it for this long. */
const TURN_MS = 8

/** Rejects with DataSetError where the file cannot be read. Leaving the loop early ends the worker. */
export async function* replayJournal(
  file: string,
  from: ReadonlyMap<PartitionId, Position>,
): AsyncGenerator<readonly StoredBatch[], void, undefined> {
  const options: ReplayOptions = { file, from: [...from], chunkBytes: CHUNK_BYTES, ahead: CHUNKS_AHEAD }
  const worker = new Worker(new URL('./replayWorker.ts', import.meta.url), { workerData: options })
  const inbox = new Inbox(worker, file)
  try {
    let turnBegan = performance.now()
    for (;;) {
      const message = await inbox.next()
      if (message.kind === 'end') return
      if (message.kind === 'failed') throw dataSetError(message.trouble)
      const more: ToReplay = { kind: 'more' }
      worker.postMessage(more)
      for (const group of groupsOf(message)) {
        yield group
        if (performance.now() - turnBegan < TURN_MS) continue
        await new Promise((resolve) => setImmediate(resolve))
        turnBegan = performance.now()
      }
    }
  } finally {
    await worker.terminate()
  }
}

function* groupsOf(chunk: Extract<FromReplay, { kind: 'chunk' }>): Generator<readonly StoredBatch[]> {
  let group: StoredBatch[] = []
  let size = 0
  const { frames, batches } = chunk
  for (let at = 0; at < batches.length; at += 5) {
    const [partition = 0, position = 0, frame = 0, offset = 0, length = 0] = batches.subarray(at, at + 5)
    const bytes = frames[frame]?.subarray(offset, offset + length)
    if (bytes === undefined) throw new Error(`replay chunk without frame ${frame}`)
    if (size > 0 && size + length > GROUP_BYTES) {
      yield group
      group = []
      size = 0
    }
    group.push({ partition, position, bytes })
    size += length
  }
  if (group.length > 0) yield group
}

/** Messages in order, waited for one at a time. The worker's credit bounds how many can be here. */
class Inbox {
  private readonly messages: FromReplay[] = []
  private wake: (() => void) | null = null

  constructor(worker: Worker, file: string) {
    const put = (message: FromReplay): void => {
      this.messages.push(message)
      this.wake?.()
    }
    worker.on('message', put)
    const ended = (why: string): void => {
      const remedy = 'Start again; if it happens again, look for what ends its threads (memory limits)'
      put({ kind: 'failed', trouble: { file, trouble: `reading it stopped (${why})`, remedy } })
    }
    worker.on('error', (error) => ended(String(error)))
    worker.on('exit', () => ended('its thread has ended'))
  }

  async next(): Promise<FromReplay> {
    for (;;) {
      const message = this.messages.shift()
      if (message !== undefined) return message
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }
}
