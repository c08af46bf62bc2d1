// One part of a recording, about a second of a match: what went in (the segment), what anybody may see of it (the views),
// and now and then the whole state (the checkpoint). Lines of JSON, deflated, so that one line can be taken without the
// others. Names hold the epoch of the owner that wrote (R1): what two owners write never meets.

import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { GameEvent, GameJson, GameSetup, SeatChange } from '../../shared/games/game.ts'

export const CHUNK_FORMAT = 1
const LEVEL = 4
/** No chunk is larger, inflated: what says otherwise is damaged. */
const MAX_BYTES = 64 * 1024 * 1024

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/** `[epoch, tick]`: of that epoch's chunks, those up to the tick are part of the match. */
export type Ancestor = readonly [number, number]

export interface ChunkHead {
  readonly v: number
  readonly match: string
  readonly game: string
  readonly version: number
  readonly hz: number
  readonly setup: GameSetup
  readonly epoch: number
  readonly number: number
  readonly lineage: readonly Ancestor[]
  /** Covers the steps after `from`, up to `to`. */
  readonly from: number
  readonly to: number
  /** Seats that have left by its last step. */
  readonly gone: readonly number[]
  /** When its last step was made, ms since the Unix epoch. */
  readonly atMs: number
  /** Who watches sees it this much later. */
  readonly watchDelayMs: number
  /** Nothing comes after it. */
  readonly isLast: boolean
}

/** [tick, seat, input] · [tick, seat, change] · [tick, kind, seat, target, x, y, value] */
export interface Segment {
  readonly from: number
  readonly to: number
  readonly inputs: readonly (readonly [number, number, GameJson])[]
  readonly changes: readonly (readonly [number, number, SeatChange['change']])[]
  readonly events: readonly StoredEvent[]
}

export type StoredEvent = readonly [
  number,
  string,
  number | null,
  number | null,
  number | null,
  number | null,
  number | null,
]

/** [tick, what anybody may see] */
export type StoredView = readonly [number, GameJson]

export interface Chunk {
  readonly head: ChunkHead
  readonly segment: Segment
  readonly views: readonly StoredView[]
  /** The game's state after step `to`. */
  readonly checkpoint: Uint8Array | null
}

export function storeEvent(tick: number, event: GameEvent): StoredEvent {
  return [tick, event.kind, event.seat, event.target, event.x, event.y, event.value]
}

export function chunkName(match: string, epoch: number, number: number): string {
  return `matches/${match}/${String(epoch).padStart(10, '0')}/${String(number).padStart(6, '0')}`
}

/** Null where it is the name of no chunk. */
export function readChunkName(name: string): { readonly epoch: number; readonly number: number } | null {
  const found = /^matches\/[^/]+\/(\d{10})\/(\d{6})$/.exec(name)
  return found === null ? null : { epoch: Number(found[1]), number: Number(found[2]) }
}

export function encodeChunk({ head, segment, views, checkpoint }: Chunk): Promise<Uint8Array> {
  const state = checkpoint === null ? null : Buffer.from(checkpoint).toString('base64')
  return pack([head, segment, views, state].map((part) => JSON.stringify(part)))
}

/** Null where the bytes are no whole chunk of this format. */
export async function decodeChunk(bytes: Uint8Array): Promise<Chunk | null> {
  const lines = await unpack(bytes)
  if (lines?.length !== 4) return null
  try {
    const [head, segment, views, state] = lines.map((line): unknown => JSON.parse(line))
    const chunk = {
      head: head as ChunkHead, // written by encodeChunk
      segment: segment as Segment, // as above
      views: views as readonly StoredView[], // as above
      checkpoint: typeof state === 'string' ? Buffer.from(state, 'base64') : null,
    }
    return chunk.head.v === CHUNK_FORMAT ? chunk : null
  } catch {
    return null
  }
}

export function pack(lines: readonly string[]): Promise<Uint8Array> {
  return deflate(Buffer.from(lines.join('\n')), { level: LEVEL })
}

/** Null where they are damaged. */
export async function unpack(bytes: Uint8Array): Promise<readonly string[] | null> {
  try {
    return (await inflate(bytes, { maxOutputLength: MAX_BYTES })).toString().split('\n')
  } catch {
    return null
  }
}
