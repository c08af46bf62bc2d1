// What a loop begins with: the game's first state, or the newest one that was written before another owner, or this one
// before it stopped, let go of the match.

import { watchDelayMsOf } from '../../actors/match/minima.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { AnyGame, GameSetup } from '../../shared/games/game.ts'
import type { Blobs } from '../blobs.ts'
import type { Ancestor } from './chunk.ts'
import type { LiveParts } from './liveParts.ts'
import { Recorder } from './recorder.ts'
import { readBack } from './resume.ts'

/** A match that was taken up this often without getting on for this long is what stops its servers: it ends (A6). */
const STUCK_RESUMES = 3
const STUCK_SECONDS = 5

export type Begin =
  | {
      readonly kind: 'begin'
      readonly setup: GameSetup
      readonly state: unknown
      readonly tick: number
      readonly lineage: readonly Ancestor[]
      readonly gone: readonly number[]
      /** It was played before. */
      readonly isResumed: boolean
    }
  | { readonly kind: 'abort'; readonly why: string }

/** Rejects where Blobs do not answer. */
export async function beginOf(blobs: Blobs, game: AnyGame, view: MatchView, epoch: number): Promise<Begin> {
  const setup = setupOf(view)
  if (setup === null) return { kind: 'abort', why: 'a live match without a seed' }
  const resumed = view.resumes.at(-1)?.epoch ?? null
  const read = await readBack(blobs, game, view.id, resumed, epoch)
  if (read.kind === 'found') {
    if (isStuck(read.lineage, game)) return { kind: 'abort', why: 'it does not get on' }
    return { ...read, kind: 'begin', isResumed: true }
  }
  // No loop makes a step before its first chunk is written: then nothing was played.
  if (read.why !== 'no_chunks' || resumed !== null) return { kind: 'abort', why: `cannot be resumed: ${read.why}` }
  try {
    const state: unknown = game.init(setup)
    return { kind: 'begin', setup, state, tick: 0, lineage: [], gone: [], isResumed: false }
  } catch (error) {
    return { kind: 'abort', why: `the game did not begin: ${String(error)}` }
  }
}

export function openRecorder(parts: LiveParts, begin: Extract<Begin, { kind: 'begin' }>, view: MatchView): Recorder {
  const { match, game, epoch, blobs, scheduler, chunks } = parts
  const { setup, lineage, tick, gone } = begin
  return new Recorder(
    {
      ...{ match, epoch, game, setup, lineage, blobs, scheduler },
      watchDelayMs: view.spec === null ? 0 : watchDelayMsOf(view.spec),
      nowMs: () => parts.nowMs(),
      made: (chunk) => chunks.made(chunk),
      trouble: (what, detail) => parts.alarm(`recording.${what}`, { match, detail }),
    },
    tick,
    gone,
  )
}

function setupOf({ spec, seed }: MatchView): GameSetup | null {
  if (spec === null || seed === null) return null
  const seats = spec.seats.map(({ user, team }, seat) => ({ seat, team, bot: user === null }))
  return { seed, mode: spec.mode, map: spec.map, seats }
}

function isStuck(lineage: readonly Ancestor[], game: AnyGame): boolean {
  const last = lineage.slice(-STUCK_RESUMES).map(([, tick]) => tick)
  const [first] = last
  if (last.length < STUCK_RESUMES || first === undefined) return false
  return (last.at(-1) ?? first) - first < STUCK_SECONDS * game.tickHz
}
