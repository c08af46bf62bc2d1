// The thread that reads the journal for a recovery: it stays a few chunks ahead of whoever takes them, so that the main
// thread never waits for the disk and never has more than those chunks in memory.

import { parentPort, workerData } from 'node:worker_threads'
import { troubleOf } from '../dataSetError.ts'
import { type Commit, CommitLog } from './commitLog.ts'
import { JOURNAL_REMEDY, openJournalForReading } from './journalFile.ts'
import type { FromReplay, ReplayOptions, ToReplay } from './protocol.ts'

class ReplayReader {
  private readonly log: CommitLog
  private readonly after: Map<number, number>
  private readonly chunkBytes: number
  private readonly through: number
  private from: number

  constructor(options: ReplayOptions) {
    const { db, dataSet } = openJournalForReading(options.file)
    this.log = new CommitLog(db, options.file, dataSet.partitions)
    this.chunkBytes = options.chunkBytes
    const { lastId, positions } = this.log.heads()
    // A partition with nothing new does not hold the start back, however long ago its last batch was.
    this.after = new Map(options.after.filter(([partition, position]) => (positions[partition] ?? 0) > position))
    this.through = lastId
    this.from = this.after.size === 0 ? lastId : Math.min(...this.after.values())
  }

  next(): FromReplay {
    const frames: Uint8Array[] = []
    const batches: number[] = []
    let bytes = 0
    while (this.from < this.through && bytes < this.chunkBytes) {
      for (const commit of this.log.read(this.from, this.chunkBytes - bytes)) {
        this.from = commit.id
        const wanted = this.wantedOf(commit, frames.length)
        if (wanted.length === 0) continue
        frames.push(commit.frame)
        batches.push(...wanted)
        bytes += commit.frame.byteLength
      }
    }
    return frames.length === 0 ? { kind: 'end' } : { kind: 'chunk', frames, batches: Float64Array.from(batches) }
  }

  private wantedOf(commit: Commit, frame: number): readonly number[] {
    const places: number[] = []
    for (const { partition, bytes } of commit.batches) {
      const after = this.after.get(partition)
      if (after === undefined || commit.id <= after) continue
      places.push(partition, commit.id, frame, bytes.byteOffset - commit.frame.byteOffset, bytes.byteLength)
    }
    return places
  }
}

function serve(port: NonNullable<typeof parentPort>, options: ReplayOptions): void {
  const attempt = (step: () => FromReplay): FromReplay => {
    try {
      return step()
    } catch (error) {
      return { kind: 'failed', trouble: troubleOf(error, options.file, JOURNAL_REMEDY) }
    }
  }
  let reader: ReplayReader | null = null
  const sendOne = (): boolean => {
    const message = attempt(() => {
      reader ??= new ReplayReader(options)
      return reader.next()
    })
    if (message.kind !== 'chunk') {
      port.postMessage(message)
      port.close()
      return false
    }
    port.postMessage(message, [
      ...message.frames.map((frame) => frame.buffer as ArrayBuffer),
      message.batches.buffer as ArrayBuffer,
    ])
    return true
  }
  port.on('message', (_more: ToReplay) => sendOne())
  for (let sent = 0; sent < options.ahead && sendOne(); sent++);
}

if (parentPort !== null) serve(parentPort, workerData as ReplayOptions)
