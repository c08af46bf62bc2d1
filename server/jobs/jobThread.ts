// A thread for one piece of work: started for it, ended with it. The module named serves it with `serveThread`; what goes
// in and comes out is cloned, so plain values, bigints and bytes. Machine time goes to commands first.

import { parentPort, Worker, workerData } from 'node:worker_threads'
import { messageOf } from '../dataSetError.ts'
import { yieldToOthers } from '../yieldingThread.ts'

type FromThread =
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: string }

/** Memory that one run may take, MB: past it the thread ends, and the process goes on. */
const HEAP_MB = 2048

/** What the thread answers. Rejects with what it said where it failed, or where it was aborted. */
export function runThread(module: URL, input: unknown, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.reject(new Error('stopped'))
  const worker = new Worker(module, {
    workerData: input,
    resourceLimits: { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: HEAP_MB },
  })
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const stop = (): void => {
    reject(new Error('stopped'))
    void worker.terminate()
  }
  signal.addEventListener('abort', stop, { once: true })
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'done') resolve(message.value)
    else reject(new Error(message.error))
  })
  worker.on('error', reject)
  worker.on('exit', (code) => reject(new Error(`its thread has ended with code ${code}`)))
  return promise.finally(() => {
    signal.removeEventListener('abort', stop)
    void worker.terminate()
  })
}

/** In the thread: does the work once. */
export function serveThread<Input>(work: (input: Input) => Promise<unknown>): void {
  if (parentPort === null) return
  const port = parentPort
  yieldToOthers()
  const input = workerData as Input // what runThread was given for this module
  work(input).then(
    (value) => port.postMessage({ kind: 'done', value } satisfies FromThread),
    (error: unknown) => port.postMessage({ kind: 'failed', error: messageOf(error) } satisfies FromThread),
  )
}
