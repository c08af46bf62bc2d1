// The store as the main thread reads it: questions to the reading thread, answers by id. Rejects when the store cannot
// answer; it never invents a "not found" (J4).

import { Worker } from 'node:worker_threads'
import type { ActorSnapshot, KeyOutcome, PartitionSnapshot, RecoveryStore } from '../../actors/runtime/ports.ts'
import type { LineChoice } from '../../actors/wallet/service.ts'
import type { PartitionId } from '../../shared/ids.ts'
import {
  FIRST_LINE,
  type FromReader,
  type HistoryQuery,
  type HistoryResult,
  type HistoryRow,
  type PendingPage,
  type PendingQuery,
  type QuestionName,
  type ReaderOptions,
  type StoreQuestions,
  type ToReader,
} from './storeProtocol.ts'

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** Questions waiting at a time; beyond, they are refused at once (A5). */
const MAX_WAITING = 10_000

export class SqliteStoreReader implements RecoveryStore {
  private readonly worker: Worker
  private readonly waiting = new Map<number, Waiting>()
  private lastId = 0
  private ended: string | null = null
  private closing = false
  private readonly onLost: (why: string) => void

  /** The store's file has to be there: its writer is opened first. */
  constructor(options: ReaderOptions, onLost: (why: string) => void) {
    this.onLost = onLost
    this.worker = new Worker(new URL('./readerWorker.ts', import.meta.url), {
      workerData: options,
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    })
    this.worker.on('message', (message: FromReader) => this.heard(message))
    this.worker.on('error', (error) => this.end(String(error)))
    this.worker.on('exit', () => this.end('its thread has ended'))
  }

  partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null> {
    return this.ask('partitionSnapshot', { partition })
  }

  actorSnapshots(_partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    return this.ask('actorSnapshots', { actors })
  }

  recentKeys(
    _partition: PartitionId,
    actors: readonly string[],
    sinceMs: number,
  ): Promise<ReadonlyMap<string, readonly KeyOutcome[]>> {
    return this.ask('recentKeys', { actors, sinceMs })
  }

  findKey(_partition: PartitionId, actor: string, key: string): Promise<KeyOutcome | null> {
    return this.ask('findKey', { actor, key })
  }

  history(query: HistoryQuery): Promise<HistoryResult> {
    return this.ask('history', query)
  }

  pending(query: PendingQuery): Promise<PendingPage> {
    return this.ask('pending', query)
  }

  /** The line of this record on this account, of this asset or the first; null where the record, if there is one, does not touch it. */
  transaction(
    partition: PartitionId,
    seq: number,
    account: string,
    line: LineChoice = FIRST_LINE,
  ): Promise<HistoryRow | null> {
    return this.ask('transaction', { partition, seq, account, line })
  }

  async close(): Promise<void> {
    if (this.ended !== null) return
    this.closing = true
    await this.post('close', null).catch(() => {})
    await this.worker.terminate()
  }

  private ask<Name extends QuestionName>(
    name: Name,
    ask: StoreQuestions[Name]['ask'],
  ): Promise<StoreQuestions[Name]['answer']> {
    // The worker answers each name with its own type.
    return this.post(name, ask) as Promise<StoreQuestions[Name]['answer']>
  }

  private post(name: ToReader['name'], ask: unknown): Promise<unknown> {
    if (this.ended !== null) return Promise.reject(new Error(`the store's reader is gone: ${this.ended}`))
    if (this.waiting.size >= MAX_WAITING) return Promise.reject(new Error('too many questions to the store'))
    const id = ++this.lastId
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      this.worker.postMessage({ id, name, ask } satisfies ToReader)
    })
  }

  private heard(message: FromReader): void {
    const waiting = this.waiting.get(message.id)
    this.waiting.delete(message.id)
    if (message.kind === 'answer') waiting?.resolve(message.answer)
    else waiting?.reject(new Error(message.error))
  }

  private end(why: string): void {
    if (this.ended === null && !this.closing) this.onLost(why)
    this.ended ??= why
    for (const { reject } of this.waiting.values()) reject(new Error(`the store's reader is gone: ${why}`))
    this.waiting.clear()
  }
}
