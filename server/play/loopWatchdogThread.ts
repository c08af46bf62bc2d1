// The thread of loopWatchdog.ts: looks a few times in the allowed span whether the main thread is still in the same turn.

import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

const LOOKS = 10
const STDERR = 2

const { shared, stuckMs } = workerData as { shared: SharedArrayBuffer; stuckMs: number } // as loopWatchdog.ts gives it
const turn = new Int32Array(shared, 0, 1)
const name = new Uint8Array(shared, Int32Array.BYTES_PER_ELEMENT)
const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

let [seen, looks] = [0, 0]
for (;;) {
  Atomics.wait(nobody, 0, 0, stuckMs / LOOKS)
  const now = Atomics.load(turn, 0)
  looks = now !== 0 && now === seen ? looks + 1 : 0
  seen = now
  if (looks < LOOKS) continue
  const text = new TextDecoder().decode(new Uint8Array(name).slice(0, Math.max(0, name.indexOf(0))))
  const line = { level: 'fatal', msg: 'the main thread is stuck in a match: this process ends', match: text }
  writeSync(STDERR, `${JSON.stringify(line)}\n`)
  process.kill(process.pid, 'SIGKILL')
}
