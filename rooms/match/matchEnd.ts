// How a match that was played ends: its last chunk, the recording as one blob, and `finish`, asked until it is durable.
// The result does not wait for ever for Blobs: where no recording can be kept, it says so.

import type { Scheduler } from '../../actors/runtime/ports.ts'
import type { AnyGame, GameOutcome, GameSetup } from '../../shared/games/game.ts'
import type { Blobs } from '../blobs.ts'
import type { Ancestor } from './chunk.ts'
import type { Asked } from './matchAsks.ts'
import type { Recorder } from './recorder.ts'
import { assemble, outcomeHash, recordingName } from './recording.ts'

/** How long a result waits for its recording, ms. */
const RECORDING_WITHIN_MS = 15_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000

export interface Ending {
  readonly match: string
  readonly game: AnyGame
  readonly setup: GameSetup
  readonly state: unknown
  readonly ticks: number
  readonly outcome: GameOutcome
  readonly lineage: readonly Ancestor[]
  readonly watchDelayMs: number
  readonly endedAtMs: number
}

export function hashOf({ game, ticks, outcome, state }: Ending): string {
  return outcomeHash(game, ticks, outcome, state)
}

/** SHA-256 of the recording, once it is written; null where there is none in time, or it has a hole. Never rejects. */
export async function writeRecording(
  ending: Ending,
  recorder: Recorder,
  blobs: Blobs,
  scheduler: Scheduler,
  failed: (why: string) => void,
): Promise<string | null> {
  const late = pause(scheduler, RECORDING_WITHIN_MS).then(() => 'late' as const)
  const written = write(ending, recorder, blobs).catch((error: unknown) => {
    failed(String(error))
    return null
  })
  const first = await Promise.race([written, late])
  if (first !== 'late') return first
  failed(`not written within ${RECORDING_WITHIN_MS} ms`)
  return null
}

async function write(ending: Ending, recorder: Recorder, blobs: Blobs): Promise<string | null> {
  await recorder.finish(ending.state, true)
  if (!recorder.isWhole) return null
  const { match, game, setup, ticks, lineage, outcome, endedAtMs, watchDelayMs } = ending
  const head = { match, game: game.id, version: game.version, hz: game.tickHz, setup, ticks, lineage, outcome }
  const recording = await assemble(blobs, { ...head, endedAtMs, watchDelayMs, hash: hashOf(ending) })
  if (recording === null) return null
  await blobs.put(recordingName(match, recording.sha256), recording.bytes)
  return recording.sha256
}

/** Asks until there is an answer that stays, or nobody wants it any more. */
export async function askUntilDurable(
  ask: () => Promise<Asked>,
  scheduler: Scheduler,
  isWanted: () => boolean,
): Promise<Asked | null> {
  for (let pauseMs = FIRST_PAUSE_MS; isWanted(); pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    const asked = await ask()
    if (asked.kind === 'done' || (asked.code !== 'unavailable' && asked.code !== 'overloaded')) return asked
    await pause(scheduler, pauseMs)
  }
  return null
}

export function pause(scheduler: Scheduler, forMs: number): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(forMs, resolve)
  })
}
