// The server with a wall clock that jumps: by as many milliseconds as the file named by CLOCK_FILE says, read each time it
// changes. Timers and the monotonic clock are left alone, as by somebody who sets the clock.

import { readFileSync, watchFile } from 'node:fs'

const file = process.env.CLOCK_FILE ?? ''
const realNow = Date.now
let offsetMs = 0

function read(): void {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    offsetMs = 0
  }
}

read()
watchFile(file, { interval: 50, persistent: false }, read)
Date.now = () => realNow() + offsetMs

await import('../../server/main.ts')
