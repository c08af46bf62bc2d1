// The machine behind the runtime's narrow ports: real clock, real timers, real randomness.

import { randomBytes } from 'node:crypto'
import type { Clock, Ids, Scheduler } from '../actors/runtime/ports.ts'

export const systemClock: Clock = { nowMs: () => Date.now() }

export const systemScheduler: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
  soon(task) {
    setImmediate(task)
  },
}

/** 128 random bits. */
export const randomIds: Ids = { newId: () => randomBytes(16).toString('base64url') }
