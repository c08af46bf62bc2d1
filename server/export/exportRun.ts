// One export on its way: its thread, and the chunks that wait for the client. A chunk that was taken makes room for one
// more (exportProtocol.ts). Whoever closes it ends the thread, wherever that is.

import { Worker } from 'node:worker_threads'
import type { BodySource } from '../http/request.ts'
import type { ExportInput, FromExport, ToExport } from './exportProtocol.ts'
import type { PlanRefusal } from './exportStream.ts'

const THREAD = new URL('./exportThread.ts', import.meta.url)
/** Looking for a cut holds the batches of a minute; past this the thread ends, and the process goes on. MB. */
const HEAP_MB = 1024

export type ExportBegun =
  | { readonly kind: 'planned' }
  | { readonly kind: 'refused'; readonly why: PlanRefusal }
  | { readonly kind: 'failed' }

type State = 'making' | 'whole' | 'failed' | 'closed'

interface Waiter {
  resolve(chunk: Uint8Array | null): void
  reject(error: Error): void
}

export class ExportRun implements BodySource {
  readonly begun: Promise<ExportBegun>
  /** The thread is no more. */
  readonly ended: Promise<void>
  readonly #worker: Worker
  readonly #failed: (error: unknown) => void
  readonly #begin: (begun: ExportBegun) => void
  #state: State = 'making'
  #chunks: Uint8Array[] = []
  #waiter: Waiter | null = null

  constructor(input: ExportInput, failed: (error: unknown) => void) {
    const begun = Promise.withResolvers<ExportBegun>()
    this.begun = begun.promise
    this.#begin = begun.resolve
    this.#failed = failed
    this.#worker = new Worker(THREAD, {
      workerData: input,
      resourceLimits: { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: HEAP_MB },
    })
    this.#worker.on('message', (message: FromExport) => this.#take(message))
    this.#worker.on('error', (error) => this.#fail(error))
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        if (this.#state === 'making') this.#fail(new Error(`the thread of an export has ended with code ${code}`))
        resolve()
      })
    })
  }

  /** Nothing more is made; the thread ends, or has. */
  get isOver(): boolean {
    return this.#state !== 'making'
  }

  next(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      if (this.#state === 'making') this.#worker.postMessage('more' satisfies ToExport)
      return Promise.resolve(chunk)
    }
    if (this.#state === 'whole') return Promise.resolve(null)
    if (this.#state !== 'making') return Promise.reject(new Error('the export was not finished'))
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  close(): void {
    if (this.#state === 'making') this.#stop('closed')
    this.#chunks = []
    void this.#worker.terminate()
  }

  #take(message: FromExport): void {
    if (this.#state !== 'making') return
    switch (message.kind) {
      case 'planned':
        return this.#begin(message)
      case 'refused':
        this.#state = 'whole'
        return this.#begin(message)
      case 'chunk':
        return this.#give(message.bytes)
      case 'whole':
        this.#state = 'whole'
        this.#waiter?.resolve(null)
        return
      case 'failed':
        return this.#fail(new Error(message.error))
      default:
        message satisfies never
    }
  }

  #give(chunk: Uint8Array): void {
    const waiter = this.#waiter
    this.#waiter = null
    if (waiter === null) {
      this.#chunks.push(chunk)
      return
    }
    this.#worker.postMessage('more' satisfies ToExport)
    waiter.resolve(chunk)
  }

  #fail(error: unknown): void {
    if (this.#state !== 'making') return
    this.#failed(error)
    this.#stop('failed')
  }

  #stop(state: 'failed' | 'closed'): void {
    this.#state = state
    this.#begin({ kind: 'failed' })
    this.#waiter?.reject(new Error('the export was not finished'))
    this.#waiter = null
  }
}
