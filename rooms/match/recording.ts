// The recording of a match that is over: its setup, everything that went in, what happened, and how it ended. One blob,
// made of the chunks without their views; its SHA-256 and the outcome's hash are in the actor's record, so that anybody
// who has the blob and the game can show that the result was played.

import { createHash } from 'node:crypto'
import type { AnyGame, GameOutcome, GameSetup } from '../../shared/games/game.ts'
import type { Blobs } from '../blobs.ts'
import { type Ancestor, pack, type Segment, unpack } from './chunk.ts'
import { chunksOf, replaySegment } from './resume.ts'

const RECORDING_FORMAT = 1

export interface RecordingHead {
  readonly v: number
  readonly match: string
  readonly game: string
  readonly version: number
  readonly hz: number
  readonly setup: GameSetup
  readonly ticks: number
  readonly lineage: readonly Ancestor[]
  readonly endedAtMs: number
  readonly watchDelayMs: number
  readonly outcome: GameOutcome
  readonly hash: string
}

export interface Recording {
  readonly head: RecordingHead
  readonly segments: readonly Segment[]
}

export interface WrittenRecording {
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string
}

/** R1: named by what is in it, so that an owner who comes too late replaces nobody's. */
export function recordingName(match: string, sha256: string): string {
  return `recordings/${match}/${sha256}`
}

/** What the outcome of a match is known by: game, ticks, every result, and the state they come from. */
export function outcomeHash(game: AnyGame, ticks: number, outcome: GameOutcome, state: unknown): string {
  const results = outcome.results.map(({ seat, position, score }) => [seat, position, score])
  const end = createHash('sha256').update(game.serialise(state)).digest('hex')
  return sha256(JSON.stringify([game.id, game.version, ticks, results, outcome.mvp, end]))
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Null where a chunk is missing: the match cannot be shown any more. Rejects where Blobs do not answer. */
export async function assemble(blobs: Blobs, head: Omit<RecordingHead, 'v'>): Promise<WrittenRecording | null> {
  const segments: string[] = []
  let at = 0
  for await (const { segment } of chunksOf(blobs, head.match, head.lineage)) {
    at = segment.to
    if (segment.to > segment.from) segments.push(JSON.stringify(segment))
  }
  if (at !== head.ticks) return null
  const bytes = await pack([JSON.stringify({ v: RECORDING_FORMAT, ...head }), ...segments])
  return { bytes, sha256: sha256(bytes) }
}

/** Null where the bytes are no whole recording of this format. */
export async function readRecording(bytes: Uint8Array): Promise<Recording | null> {
  const lines = await unpack(bytes)
  if (lines === null) return null
  try {
    const [head, ...segments] = lines.map((line): unknown => JSON.parse(line))
    const recording = { head: head as RecordingHead, segments: segments as Segment[] } // written by assemble
    return recording.head.v === RECORDING_FORMAT ? recording : null
  } catch {
    return null
  }
}

export type Verdict =
  | { readonly kind: 'verified'; readonly ticks: number }
  | { readonly kind: 'differs'; readonly what: string }
  | { readonly kind: 'unreadable'; readonly why: string }

/** What the actor's record says of the match. */
export interface RecordedResult {
  readonly outcomeHash: string
  /** Null where no recording could be kept. */
  readonly recordingSha256: string | null
}

/** Plays the recording again from its inputs alone and holds the outcome against the actor's. Lets others run in between. */
export async function verifyRecording(
  bytes: Uint8Array,
  expected: RecordedResult,
  gameOf: (id: string) => AnyGame | null,
): Promise<Verdict> {
  if (expected.recordingSha256 !== null && sha256(bytes) !== expected.recordingSha256)
    return { kind: 'differs', what: 'the recording is not the one that was made when the match ended' }
  const recording = await readRecording(bytes)
  if (recording === null) return { kind: 'unreadable', why: 'no recording of a known format' }
  const { head, segments } = recording
  const game = gameOf(head.game)
  if (game === null || game.version !== head.version)
    return { kind: 'unreadable', why: `needs ${head.game} version ${head.version}` }
  const state: unknown = game.init(head.setup)
  for (const segment of segments) {
    replaySegment(game, state, segment)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const outcome = game.outcome(state)
  if (outcome === null) return { kind: 'differs', what: 'the recording ends without an outcome' }
  const hash = outcomeHash(game, head.ticks, outcome, state)
  if (hash !== expected.outcomeHash) return { kind: 'differs', what: 'the outcome is another one' }
  return { kind: 'verified', ticks: head.ticks }
}
