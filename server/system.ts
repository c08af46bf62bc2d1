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

const REQUEST_PREFIX = randomBytes(6).toString('base64url')
let requests = 0

/** Names a request in logs and records: unique, not secret, and cheap enough for every message. */
export function nextRequestId(): string {
  requests++
  return `${REQUEST_PREFIX}-${requests.toString(36)}`
}
