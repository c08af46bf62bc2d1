// The write end of one partition: collects record lines into batches, keeps one append in flight (J1), settles its
// outcome (J2), and holds everything computed from a record until that record is durable: the output gate (A4).

import type { PartitionId } from '../../shared/ids.ts'
import type { Admission } from './admission.ts'
import { encodeBatch, hashBatch, MAX_RECORD_BYTES } from './codec.ts'
import type { Limits } from './limits.ts'
import { LineBuffer } from './lineBuffer.ts'
import type { AppendOutcome, Clock, Journal, Observer, Position, Scheduler } from './ports.ts'
import type { BatchHeader, LogRecord } from './record.ts'
import { writeRecord } from './recordWriter.ts'

/** Called once: with true when the record waited for is durable, with false when the partition lost it. */
export type Waiter = (durable: boolean) => void

interface PendingBatch {
  readonly firstSeq: number
  /** When its first record was added. */
  readonly sinceMs: number
  readonly lines: LineBuffer
  readonly records: LogRecord[]
  readonly waiters: Waiter[]
}

export interface AppenderHost {
  readonly journal: Journal
  readonly scheduler: Scheduler
  readonly clock: Clock
  readonly observer: Observer
  readonly limits: Limits
  readonly admission: Admission
  /** What the next header says was delivered. */
  delivered(): BatchHeader['delivered']
  /** These records have just become durable; their waiters run after this. */
  committed(records: readonly LogRecord[]): void
  lost(reason: string): void
}

/** The line of the record being decided: one at a time (A1). */
const encoded = new LineBuffer()

export class RecordTooLargeError extends Error {
  constructor(bytes: number) {
    super(`record of ${bytes} bytes, at most ${MAX_RECORD_BYTES}`)
    this.name = 'RecordTooLargeError'
  }
}

export class Appender {
  readonly partition: PartitionId
  private readonly host: AppenderHost
  private readonly queue: PendingBatch[] = []
  private inFlight: PendingBatch | null = null
  /** Durable; what waits for them leaves in a moment. */
  private readonly landed: PendingBatch[] = []
  private releaseScheduled = false
  private flushScheduled = false
  private closed = false
  private position: Position
  private hash: string
  private readonly epoch: number
  /** Everything up to here is durable, and its answers are out. */
  durableSeq: number
  /** Records handed over and not answered for yet. */
  undurable = 0

  constructor(
    partition: PartitionId,
    host: AppenderHost,
    from: { position: Position; hash: string; seq: number; epoch: number },
  ) {
    this.partition = partition
    this.host = host
    this.position = from.position
    this.hash = from.hash
    this.durableSeq = from.seq
    this.epoch = from.epoch
  }

  get durablePosition(): Position {
    return this.position
  }

  get idle(): boolean {
    return this.undurable === 0
  }

  /** Writes a record's line, or throws RecordTooLargeError: called before the record changes any state. */
  static encode(record: LogRecord): void {
    encoded.clear()
    writeRecord(record, encoded)
    if (encoded.size > MAX_RECORD_BYTES) throw new RecordTooLargeError(encoded.size)
  }

  /** Takes the record that was encoded last. */
  add(record: LogRecord): void {
    const line = encoded.bytes()
    let batch = this.queue.at(-1)
    // Closed before it would grow beyond what a journal takes at once; a record is never broken, and fits alone.
    if (batch === undefined || batch.lines.size + line.length > this.host.limits.maxBatchBytes) {
      batch = {
        firstSeq: record.seq,
        sinceMs: this.host.clock.nowMs(),
        lines: new LineBuffer(),
        records: [],
        waiters: [],
      }
      this.queue.push(batch)
    }
    batch.lines.addBytes(line)
    batch.records.push(record)
    this.undurable++
    this.host.admission.add()
    this.scheduleFlush()
  }

  /** A4: runs `waiter` when everything up to `seq` is durable; at once where it is. */
  whenDurable(seq: number, waiter: Waiter): void {
    if (this.closed) return waiter(false)
    if (seq <= this.durableSeq) return waiter(true)
    this.holding(seq).waiters.push(waiter)
  }

  /** Gives up everything not durable: its waiters hear false. */
  close(): void {
    if (this.closed) return
    this.closed = true
    const held = this.inFlight === null ? this.queue : [this.inFlight, ...this.queue]
    for (const batch of [...this.landed, ...held]) for (const waiter of batch.waiters) waiter(false)
    this.landed.length = 0
    this.queue.length = 0
    this.inFlight = null
    this.host.admission.drop(this.undurable)
    this.undurable = 0
  }

  /** The batch that holds a seq: nearly always the newest. */
  private holding(seq: number): PendingBatch {
    const newest = this.queue.at(-1)
    if (newest !== undefined && seq >= newest.firstSeq) return newest
    // Oldest first: nobody waits for more than what it has seen.
    for (const batch of this.landed) if (seq < endOf(batch)) return batch
    if (this.inFlight !== null && seq < endOf(this.inFlight)) return this.inFlight
    for (const batch of this.queue) if (seq < endOf(batch)) return batch
    throw new Error(`nothing in hand holds seq ${seq}`)
  }

  private scheduleFlush(): void {
    if (this.flushScheduled || this.inFlight !== null) return
    this.flushScheduled = true
    this.host.scheduler.soon(() => {
      this.flushScheduled = false
      this.flush()
    })
  }

  private flush(): void {
    const batch = this.closed || this.inFlight !== null ? undefined : this.queue.shift()
    if (batch === undefined) return
    this.inFlight = batch
    const header: BatchHeader = {
      version: 1,
      partition: this.partition,
      epoch: this.epoch,
      previousHash: this.hash,
      firstSeq: batch.firstSeq,
      count: batch.records.length,
      delivered: this.host.delivered(),
    }
    const bytes = encodeBatch(header, batch.lines.bytes())
    this.attempt(batch, bytes, this.host.clock.nowMs())
  }

  private attempt(batch: PendingBatch, bytes: Uint8Array, startedMs: number): void {
    this.host.journal.append(this.partition, this.position, bytes).then(
      (outcome) => this.settle(batch, bytes, startedMs, outcome),
      (error: unknown) => {
        // A port that rejects has broken its contract; the append may have landed all the same.
        this.host.observer.alarm('journal.append_rejected', { partition: this.partition, error: String(error) })
        this.settle(batch, bytes, startedMs, { kind: 'uncertain' })
      },
    )
  }

  private settle(batch: PendingBatch, bytes: Uint8Array, startedMs: number, outcome: AppendOutcome): void {
    if (this.closed) return
    switch (outcome.kind) {
      case 'committed':
        return this.commit(batch, bytes, startedMs, outcome.position)
      case 'fenced':
        // J2: another owner has written. None of what was computed here may leave.
        return this.host.lost('fenced')
      case 'uncertain':
        // J2: only identical bytes at the same position settle it.
        this.host.observer.alarm('journal.uncertain', { partition: this.partition, firstSeq: batch.firstSeq })
        this.host.scheduler.after(this.host.limits.retryAfterMs, () => {
          if (!this.closed) this.attempt(batch, bytes, startedMs)
        })
    }
  }

  private commit(batch: PendingBatch, bytes: Uint8Array, startedMs: number, position: Position): void {
    this.position = position
    this.hash = hashBatch(bytes)
    this.inFlight = null
    this.host.observer.committed(
      this.partition,
      batch.records.length,
      bytes.byteLength,
      this.host.clock.nowMs() - startedMs,
    )
    // The next batch goes first, every partition's, so that the disk works while the answers are written.
    this.flush()
    this.landed.push(batch)
    if (this.releaseScheduled) return
    this.releaseScheduled = true
    this.host.scheduler.soon(() => {
      this.releaseScheduled = false
      this.release()
    })
  }

  // A4: what was computed from these records may leave.
  private release(): void {
    // One at a time, and the rest stay in hand: a waiter may come back with a question, or close this.
    for (let batch = this.landed[0]; batch !== undefined; batch = this.landed[0]) {
      this.landed.shift()
      this.releaseOne(batch)
    }
  }

  private releaseOne(batch: PendingBatch): void {
    this.durableSeq = endOf(batch) - 1
    this.undurable -= batch.records.length
    this.host.admission.release(batch.records.length, batch.sinceMs)
    this.host.committed(batch.records)
    for (const waiter of batch.waiters) waiter(true)
  }
}

function endOf(batch: PendingBatch): number {
  return batch.firstSeq + batch.records.length
}
