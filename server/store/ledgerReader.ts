// Staff's questions to the embedded store, as the main thread asks them. The thread behind it is started by the first
// question: most processes are never asked one.

import { Worker } from 'node:worker_threads'
import type { Asking } from '../ledger/ledgerDesk.ts'
import type { Answer, Question } from '../ledger/questions.ts'
import type { FromLedger, ToLedger } from './ledgerWorker.ts'
import type { ReaderOptions } from './storeProtocol.ts'

interface Waiting {
  readonly resolve: (answer: Answer | null) => void
  readonly reject: (error: Error) => void
}

export class SqliteLedgerReader implements Asking {
  private readonly options: ReaderOptions
  private worker: Worker | null = null
  private readonly waiting = new Map<number, Waiting>()
  private lastId = 0
  private closed = false

  constructor(options: ReaderOptions) {
    this.options = options
  }

  async ask(question: Question): Promise<Answer> {
    if (this.closed) throw new Error('the store is closed')
    const answer = await this.post(question)
    if (answer === null) throw new Error('a question has an answer')
    return answer
  }

  async close(): Promise<void> {
    this.closed = true
    const { worker } = this
    if (worker === null) return
    await this.post(null).catch(() => {})
    await worker.terminate()
  }

  private post(question: Question | null): Promise<Answer | null> {
    const id = ++this.lastId
    const worker = this.running()
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject })
      worker.postMessage({ id, question } satisfies ToLedger)
    })
  }

  /** A thread that has ended is started again: nothing else hangs on it. */
  private running(): Worker {
    if (this.worker !== null) return this.worker
    const worker = new Worker(new URL('./ledgerWorker.ts', import.meta.url), {
      workerData: this.options,
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
    })
    worker.unref()
    worker.on('message', (message: FromLedger) => this.heard(message))
    worker.on('error', (error) => this.end(worker, String(error)))
    worker.on('exit', () => this.end(worker, 'its thread has ended'))
    this.worker = worker
    return worker
  }

  private heard(message: FromLedger): void {
    const waiting = this.waiting.get(message.id)
    this.waiting.delete(message.id)
    if (message.kind === 'answer') waiting?.resolve(message.answer)
    else waiting?.reject(new Error(message.error))
  }

  private end(worker: Worker, why: string): void {
    if (this.worker !== worker) return
    this.worker = null
    for (const { reject } of this.waiting.values()) reject(new Error(`the store's reader for staff is gone: ${why}`))
    this.waiting.clear()
  }
}
