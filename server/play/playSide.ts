// Everything that play passes through in this process: desks of players, queues, lobbies and matches over the actors, and
// what the rooms need of them. Built on the money side, whose runtime carries all kinds.

import type { Config } from '../config.ts'
import type { Route } from '../http/route.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { MoneySide } from '../moneySide.ts'

export interface PlaySide {
  /** HTTP of queues, lobbies, prize pools, scores, replays and disputes. */
  readonly routes: readonly Route[]
  close(): Promise<void>
}

export interface PlayParts {
  readonly config: Config
  readonly money: MoneySide
  readonly metrics: Metrics
  readonly log: Log
}

export function openPlaySide(_parts: PlayParts): PlaySide {
  return { routes: [], close: () => Promise.resolve() }
}
