// A node's wall clock: virtual time plus a skew that may jump, forward and back (A7). The runtime must keep time from
// running backwards; nothing here helps it.

import type { Clock } from '../../actors/runtime/ports.ts'
import type { SimLoop } from './simScheduler.ts'

/** 2026-01-01T00:00:00Z, where every run begins. */
export const EPOCH_MS = Date.UTC(2026, 0, 1)

export class SimClock implements Clock {
  private readonly loop: SimLoop
  private readonly shown: (ms: number) => void
  private skewMs: number

  /** `shown` hears of every time this clock has shown. */
  constructor(loop: SimLoop, skewMs: number, shown: (ms: number) => void) {
    this.loop = loop
    this.skewMs = skewMs
    this.shown = shown
  }

  nowMs(): number {
    const now = EPOCH_MS + Math.floor(this.loop.nowMs) + this.skewMs
    this.shown(now)
    return now
  }

  jump(byMs: number): void {
    this.skewMs += byMs
  }

  /** Faults have stopped: the clock shows the true time again. */
  correct(): void {
    this.skewMs = 0
  }
}
