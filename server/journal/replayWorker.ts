// The thread that reads the journal for a recovery: it stays a few chunks ahead of whoever takes them, so that the main
// thread never waits for the disk and never has more than those chunks in memory.

import { parentPort, workerData } from 'node:worker_threads'
import type { PartitionId } from '../../shared/ids.ts'
import { troubleOf } from '../dataSetError.ts'
import { type Commit, CommitLog } from './commitLog.ts'
import { JOURNAL_REMEDY, openJournalForReading } from './journalFile.ts'
import type { FromReplay, ReplayOptions, ToReplay } from './protocol.ts'

class ReplayReader {
  private readonly log: CommitLog
  private readonly from: ReadonlyMap<PartitionId, number>
  private readonly chunkBytes: number
  private readonly through: number
  /** Commits to begin at, each read by itself: between them may lie all that others wrote since. */
  private readonly beginnings: number[]
  /** Everything up to here is read. */
  private cursor: number

  constructor(options: ReplayOptions) {
    const { db, dataSet } = openJournalForReading(options.file)
    this.log = new CommitLog(db, options.file, dataSet.partitions)
    this.chunkBytes = options.chunkBytes
    const { lastId, positions } = this.log.heads()
    this.from = new Map(options.from)
    this.beginnings = [...new Set(this.from.values())].filter((position) => position > 0).sort((a, b) => a - b)
    // A partition with nothing new does not hold the start back, however long ago its last batch was.
    const behind = options.from.filter(([partition, position]) => (positions[partition] ?? 0) > position)
    this.through = lastId
    this.cursor = Math.min(lastId, ...behind.map(([, position]) => position))
  }

  next(): FromReplay {
    const frames: Uint8Array[] = []
    const batches: number[] = []
    let bytes = 0
    const add = (commit: Commit, isWanted: (from: number) => boolean): void => {
      const wanted = this.wantedOf(commit, frames.length, isWanted)
      if (wanted.length === 0) return
      frames.push(commit.frame)
      batches.push(...wanted)
      bytes += commit.frame.byteLength
    }
    while (this.beginnings.length > 0 && bytes < this.chunkBytes) {
      const commit = this.log.commit(this.beginnings.shift() ?? 0)
      if (commit !== null) add(commit, (from) => from === commit.id)
    }
    while (this.cursor < this.through && bytes < this.chunkBytes) {
      for (const commit of this.log.read(this.cursor, this.chunkBytes - bytes)) {
        this.cursor = commit.id
        add(commit, (from) => from < commit.id)
      }
    }
    return frames.length === 0 ? { kind: 'end' } : { kind: 'chunk', frames, batches: Float64Array.from(batches) }
  }

  private wantedOf(commit: Commit, frame: number, isWanted: (from: number) => boolean): readonly number[] {
    const places: number[] = []
    for (const { partition, bytes } of commit.batches) {
      const from = this.from.get(partition)
      if (from === undefined || !isWanted(from)) continue
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
