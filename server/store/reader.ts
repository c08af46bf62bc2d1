// The store as the main thread reads it: questions go to a thread of their own and come back by number, so that no disk
// access blocks the event loop. Recovery and histories should each have a reader: a long history then holds up nobody's
// activation.

import { Worker } from 'node:worker_threads'
import type {
  ActorSnapshot,
  Checkpoint,
  KeyOutcome,
  PartitionSnapshot,
  RecoveryStore,
} from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { dataSetError } from '../dataSetError.ts'
import type { HistoryPage, HistoryQuery } from './history.ts'
import type { FromReader, Question, ReaderOptions, RecordOutcome, StoreQuestions, ToReader } from './readerProtocol.ts'

/** Questions under way; beyond, they are refused at once (A5). */
const MAX_PENDING = 4_096

interface Pending {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

export class StoreUnavailableError extends Error {
  constructor(message: string) {
    super(`store: ${message}`)
    this.name = 'StoreUnavailableError'
  }
}

export class SqliteStoreReader implements RecoveryStore {
  private readonly worker: Worker
  private readonly pending = new Map<number, Pending>()
  private requests = 0
  private ended: string | null = null

  /** Use `openStoreReader`. */
  constructor(worker: Worker) {
    this.worker = worker
    worker.on('message', (message: FromReader) => this.heard(message))
    worker.on('error', (error) => this.end(String(error)))
    worker.on('exit', () => this.end('its reading thread has ended'))
  }

  checkpoint(partition: PartitionId): Promise<Checkpoint> {
    return this.ask({ method: 'checkpoint', args: [partition] })
  }

  partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null> {
    return this.ask({ method: 'partitionSnapshot', args: [partition] })
  }

  actorSnapshots(_partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    return this.ask({ method: 'actorSnapshots', args: [actors] })
  }

  recentKeys(
    _partition: PartitionId,
    actors: readonly string[],
    sinceMs: number,
  ): Promise<ReadonlyMap<string, readonly KeyOutcome[]>> {
    return this.ask({ method: 'recentKeys', args: [actors, sinceMs] })
  }

  findKey(_partition: PartitionId, actor: string, key: string): Promise<KeyOutcome | null> {
    return this.ask({ method: 'findKey', args: [actor, key] })
  }

  /** Entries of one actor's accounts (history.ts). */
  history(query: HistoryQuery): Promise<HistoryPage> {
    return this.ask({ method: 'history', args: [query] })
  }

  /** One record; null where none of this name is projected. */
  record(partition: PartitionId, seq: number): Promise<RecordOutcome | null> {
    return this.ask({ method: 'record', args: [partition, seq] })
  }

  async close(): Promise<void> {
    if (this.ended !== null) return
    const closed = new Promise((resolve) => this.worker.once('exit', resolve))
    this.post({ kind: 'close' })
    await closed
  }

  private ask<Method extends keyof StoreQuestions>(
    question: Extract<Question, { method: Method }>,
  ): Promise<ReturnType<StoreQuestions[Method]>> {
    if (this.ended !== null) return Promise.reject(new StoreUnavailableError(this.ended))
    if (this.pending.size >= MAX_PENDING)
      return Promise.reject(new StoreUnavailableError('too many questions under way'))
    const request = ++this.requests
    return new Promise((resolve, reject) => {
      // The answer is this question's: the worker calls the method it names.
      this.pending.set(request, { resolve: resolve as (answer: unknown) => void, reject })
      this.post({ kind: 'ask', request, question })
    })
  }

  private heard(message: FromReader): void {
    if (message.kind !== 'answer' && message.kind !== 'failed') return
    const asked = this.pending.get(message.request)
    this.pending.delete(message.request)
    if (message.kind === 'answer') asked?.resolve(message.answer)
    else asked?.reject(new StoreUnavailableError(message.message))
  }

  private end(why: string): void {
    this.ended ??= why
    const unanswered = [...this.pending.values()]
    this.pending.clear()
    for (const { reject } of unanswered) reject(new StoreUnavailableError(why))
  }

  private post(message: ToReader): void {
    this.worker.postMessage(message)
  }
}

/** Opens an existing store to read from (the projector makes it). Rejects with DataSetError where it cannot be used. */
export function openStoreReader(options: ReaderOptions): Promise<SqliteStoreReader> {
  const worker = new Worker(new URL('./readerWorker.ts', import.meta.url), { workerData: options })
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (first: FromReader) => {
      worker.off('error', reject)
      if (first.kind === 'opened') return resolve(new SqliteStoreReader(worker))
      const failure = first.kind === 'refused' ? dataSetError(first.trouble) : new Error(`store reader: ${first.kind}`)
      worker.terminate().then(() => reject(failure), reject)
    })
  })
}
