// Figures of the loops: how late ticks are, what they take, and what was given up.

import { Counter, type Metric } from 'prom-client'
import type { LoopFigures } from '../../rooms/match/loop.ts'
import type { Metrics } from '../metrics.ts'
import { Tally } from '../tally.ts'

const SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]

export interface PlayFigures extends LoopFigures {
  malformed(): void
}

export function loopMetrics(metrics: Metrics): PlayFigures {
  const late = new Tally('leet_tick_late_seconds', 'How much later than due a tick began', [], SECONDS)
  const took = new Tally('leet_tick_seconds', 'Time of one tick of a match', [], SECONDS)
  const frozen = counter('leet_ticks_frozen_total', 'Looks of loops that may not run: the lease is not held')
  const skipped = counter('leet_ticks_skipped_total', 'Ticks given up because the process was held up')
  const malformed = counter('leet_match_malformed_total', 'Messages in match rooms that are none')
  // The registry asks no more of a metric than Tally has; its types name its own classes only.
  for (const metric of [late, took, frozen, skipped, malformed]) metrics.register(metric as unknown as Metric)
  return {
    late: (ms) => late.observe(ms / 1_000),
    took: (ms) => took.observe(ms / 1_000),
    frozen: () => frozen.inc(),
    skipped: (ticks) => skipped.inc(ticks),
    malformed: () => malformed.inc(),
  }
}

function counter(name: string, help: string): Counter {
  return new Counter({ name, help, registers: [] })
}
