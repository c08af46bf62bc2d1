// What a match needs of the process it is played in.

import type { Scheduler } from '../../actors/runtime/ports.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import type { UserId } from '../../shared/ids.ts'
import type { Blobs } from '../blobs.ts'
import type { ChunkBus } from './chunkBus.ts'
import type { LoopFigures } from './loop.ts'
import type { LoopDriver } from './loopDriver.ts'
import type { MatchAsks } from './matchAsks.ts'

export interface MatchTimes {
  /** How long a seat without a connection is held. */
  readonly holdMs: number
  /** How long a player may say nothing at all. */
  readonly idleMs: number
  /** How long the room stays once the match is over. */
  readonly lingerMs: number
}

export interface MatchSurroundings {
  readonly asks: MatchAsks
  readonly blobs: Blobs
  readonly driver: LoopDriver
  readonly scheduler: Scheduler
  readonly chunks: ChunkBus
  readonly figures: LoopFigures
  readonly times: MatchTimes
  nowMs(): number
  alarm(event: string, detail: Readonly<Record<string, unknown>>): void
}

export interface LiveParts extends MatchSurroundings {
  readonly match: string
  readonly game: AnyGame
  /** Of the partition's owner: names what is written here. */
  readonly epoch: number
  readonly users: readonly (UserId | null)[]
  /** C1 */
  mayRun(): boolean
  /** It is over, and nobody has to be told any more. */
  ended(): void
}
