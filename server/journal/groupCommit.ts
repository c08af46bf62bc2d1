// The journal on SQLite, as the runtime sees it. It lives on the main thread and never touches the disk: appends of the
// moment, of whatever partitions, are framed into one commit and handed to the writer's thread (J1). One commit is under
// way at a time; the fence is checked here, against the heads the last durable commit left.

import type { Worker } from 'node:worker_threads'
import type { AppendOutcome, Journal, Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { encodeFrame, encodeHeads } from './frame.ts'
import type { DataSet } from './journalFile.ts'
import type { FromWriter, ToWriter } from './protocol.ts'
import { replayJournal } from './replay.ts'
import type { SqliteJournalOptions } from './sqliteJournal.ts'

interface PendingAppend {
  readonly partition: PartitionId
  readonly expected: Position
  readonly bytes: Uint8Array
  readonly resolve: (outcome: AppendOutcome) => void
}

interface Flight {
  readonly id: number
  readonly heads: Float64Array
  readonly appends: readonly PendingAppend[]
}

type Phase =
  | { readonly kind: 'idle' }
  /** A flush is due: at the end of this turn of the loop, or when the interval is over. */
  | { readonly kind: 'scheduled' }
  | { readonly kind: 'committing'; readonly flight: Flight }
  | { readonly kind: 'closed' }

const UNCERTAIN: AppendOutcome = Object.freeze({ kind: 'uncertain' })
const FENCED: AppendOutcome = Object.freeze({ kind: 'fenced' })

export class SqliteJournal implements Journal {
  readonly dataSet: DataSet
  private readonly options: SqliteJournalOptions
  private readonly worker: Worker
  private readonly minIntervalMs: number
  private phase: Phase = { kind: 'idle' }
  private lastId: number
  private heads: Float64Array
  /** Bounded by its callers: a partition has one append in flight (J1). */
  private queue: PendingAppend[] = []
  private readonly settling = new Map<number, PendingAppend>()
  private requests = 0
  private lastBegunMs = Number.NEGATIVE_INFINITY
  private inTrouble = false
  private onClosed: (() => void) | null = null

  /** Use `openSqliteJournal`. */
  constructor(options: SqliteJournalOptions, worker: Worker, opened: Extract<FromWriter, { kind: 'opened' }>) {
    this.options = options
    this.worker = worker
    this.dataSet = opened.dataSet
    this.lastId = opened.lastId
    this.heads = opened.heads
    this.minIntervalMs = options.minCommitIntervalMs ?? 3
    worker.on('message', (message: FromWriter) => this.heard(message))
    worker.on('error', (error) => this.workerEnded(String(error)))
    worker.on('exit', () => this.workerEnded('its thread has ended'))
  }

  /** Position of the newest durable commit. */
  get committedThrough(): Position {
    return this.lastId
  }

  /** Position of a partition's last durable batch. */
  head(partition: PartitionId): Position {
    return this.heads[partition] ?? 0
  }

  append(partition: PartitionId, expectedPosition: Position, bytes: Uint8Array): Promise<AppendOutcome> {
    if (!(partition < this.heads.length)) throw new RangeError(`no partition ${partition} in this data set`)
    if (this.phase.kind === 'closed') return Promise.resolve(UNCERTAIN)
    return new Promise((resolve) => {
      this.queue.push({ partition, expected: expectedPosition, bytes, resolve })
      this.schedule()
    })
  }

  replay(from: ReadonlyMap<PartitionId, Position>): AsyncIterable<readonly StoredBatch[]> {
    return replayJournal(this.options.file, from)
  }

  setMaxBytes(maxBytes: number): void {
    this.post({ kind: 'limit', maxBytes })
  }

  /** Ends the writer after the commit under way. Appends not durable by then answer `uncertain`. */
  async close(): Promise<void> {
    if (this.phase.kind === 'closed') return
    const closed = new Promise<void>((resolve) => {
      this.onClosed = resolve
    })
    this.post({ kind: 'close' })
    await closed
    await this.worker.terminate()
  }

  private schedule(): void {
    if (this.phase.kind !== 'idle' || this.queue.length === 0) return
    this.phase = { kind: 'scheduled' }
    const waitMs = this.lastBegunMs + this.minIntervalMs - performance.now()
    // setImmediate gathers what this turn of the loop still brings: usually every partition's next batch.
    if (waitMs <= 0) setImmediate(() => this.flush())
    else setTimeout(() => this.flush(), waitMs)
  }

  private flush(): void {
    if (this.phase.kind !== 'scheduled') return
    this.phase = { kind: 'idle' }
    const appends = this.takeFitting()
    if (appends.length === 0) return this.schedule()
    const id = this.lastId + 1
    const heads = this.heads.slice()
    for (const { partition } of appends) heads[partition] = id
    this.lastBegunMs = performance.now()
    this.phase = { kind: 'committing', flight: { id, heads, appends } }
    const frame = encodeFrame(appends)
    const encodedHeads = encodeHeads(id, heads)
    // Copies go over, never the callers' own bytes: an uncertain append is repeated from those (J2).
    this.post({ kind: 'commit', id, heads: encodedHeads, frame }, [frame.buffer, encodedHeads.buffer])
  }

  /** Takes from the queue what can go into one commit: for each partition at most one append that stands at its head. */
  private takeFitting(): readonly PendingAppend[] {
    const fitting: PendingAppend[] = []
    const later: PendingAppend[] = []
    const taken = new Set<PartitionId>()
    for (const append of this.queue) {
      const head = this.heads[append.partition] ?? 0
      if (taken.has(append.partition)) {
        later.push(append)
      } else if (append.expected === head) {
        taken.add(append.partition)
        fitting.push(append)
      } else if (append.expected > head) {
        append.resolve(FENCED)
      } else {
        this.settle(append)
      }
    }
    this.queue = later
    return fitting
  }

  // J2: what stands behind the head is a stale owner's, or the repeat of an append that had succeeded.
  private settle(append: PendingAppend): void {
    const { partition, expected, bytes } = append
    const request = ++this.requests
    this.settling.set(request, append)
    this.post({ kind: 'settle', request, partition, expected, bytes })
  }

  private heard(message: FromWriter): void {
    switch (message.kind) {
      case 'committed':
        return this.committed()
      case 'failed':
        return this.failed(message)
      case 'settled':
        return this.settled(message)
      case 'closed':
        this.end()
        return this.onClosed?.()
      case 'opened':
      case 'refused':
        throw new Error(`journal writer says ${message.kind} twice`)
      default:
        message satisfies never
    }
  }

  private committed(): void {
    const flight = this.land()
    this.lastId = flight.id
    this.heads = flight.heads
    if (this.inTrouble) {
      this.inTrouble = false
      this.alarm('journal.write_recovered', { file: this.options.file })
    }
    for (const append of flight.appends) append.resolve({ kind: 'committed', position: flight.id })
    this.options.onCommitted?.(flight.id)
    this.schedule()
  }

  private failed({ message, found }: Extract<FromWriter, { kind: 'failed' }>): void {
    const flight = this.land()
    if (found !== null) {
      this.lastId = found.lastId
      this.heads = found.heads
    }
    this.inTrouble = true
    this.alarm('journal.write_failed', { file: this.options.file, error: message, appends: flight.appends.length })
    for (const append of flight.appends) append.resolve(UNCERTAIN)
    this.schedule()
  }

  private settled({ request, position }: Extract<FromWriter, { kind: 'settled' }>): void {
    const append = this.settling.get(request)
    this.settling.delete(request)
    if (position === 'unknown') append?.resolve(UNCERTAIN)
    else append?.resolve(position === null ? FENCED : { kind: 'committed', position })
  }

  private land(): Flight {
    if (this.phase.kind !== 'committing') throw new Error('journal writer answers a commit nobody asked for')
    const { flight } = this.phase
    this.phase = { kind: 'idle' }
    return flight
  }

  private workerEnded(why: string): void {
    if (this.phase.kind === 'closed') return
    this.alarm('journal.writer_lost', { file: this.options.file, error: why, remedy: 'restart the server' })
    this.end()
    this.onClosed?.()
  }

  private end(): void {
    const unanswered = [...this.settling.values(), ...this.queue]
    if (this.phase.kind === 'committing') unanswered.push(...this.phase.flight.appends)
    this.phase = { kind: 'closed' }
    this.queue = []
    this.settling.clear()
    for (const append of unanswered) append.resolve(UNCERTAIN)
  }

  private alarm(event: string, detail: Readonly<Record<string, unknown>>): void {
    this.options.onAlarm?.(event, detail)
  }

  private post(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer)
  }
}
