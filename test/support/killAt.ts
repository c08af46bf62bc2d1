// Loaded into a program before its own code (`--import`): ends it by SIGKILL right before the n-th step in which it changes
// anything on the disk by itself, n being KILL_AT. So a program is killed at every point of its way, one after the other,
// and at the same ones each time. What SQLite writes is between these steps.

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const STEPS = [
  'mkdirSync',
  'writeFileSync',
  'writeSync',
  'write',
  'fsyncSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
] as const

let left = Number(process.env.KILL_AT)

for (const name of STEPS) {
  const step = fs[name] as (...args: readonly unknown[]) => unknown // whatever it takes, it gets
  const counted = (...args: readonly unknown[]): unknown => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL')
    return step(...args)
  }
  Object.assign(fs, { [name]: counted })
}
syncBuiltinESMExports()
