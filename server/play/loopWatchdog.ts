// Ends the process where a game never gives the main thread back: nothing there can notice it, so a thread of its own
// looks. The lease runs out meanwhile and others take over the other matches (C1); the one that did it is not taken up for
// ever (rooms/match/matchStart.ts). A process that was merely stopped is not ended: what counts is turns seen unchanged.

import { Worker } from 'node:worker_threads'
import type { TurnWatch } from '../../rooms/match/loopDriver.ts'

/** [number of the turn, or 0 between turns] */
export const TURN = 0
const NAME_BYTES = 128

export interface LoopWatchdog extends TurnWatch {
  close(): Promise<void>
}

/** `stuckMs`: at least two looks long. */
export function watchLoops(stuckMs: number): LoopWatchdog {
  const shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT + NAME_BYTES)
  const turn = new Int32Array(shared, 0, 1)
  const name = new Uint8Array(shared, Int32Array.BYTES_PER_ELEMENT)
  const worker = new Worker(new URL('./loopWatchdogThread.ts', import.meta.url), {
    workerData: { shared, stuckMs },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  })
  worker.unref()
  let turns = 0
  const encoder = new TextEncoder()
  return {
    begins(text) {
      const { written } = encoder.encodeInto(text, name)
      name.fill(0, written)
      turns = (turns % 0x3fff_ffff) + 1
      Atomics.store(turn, TURN, turns)
    },
    ended() {
      Atomics.store(turn, TURN, 0)
    },
    async close() {
      await worker.terminate()
    },
  }
}
