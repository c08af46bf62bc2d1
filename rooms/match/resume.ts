// Reads a match back from its chunks: the newest state of it that can be had, and what led there. Chunks of an epoch that
// the actor never heard of are not part of the match: their owner was too late (R1).

import type { AnyGame, GameEvent, GameSetup, SeatChange, SeatInput } from '../../shared/games/game.ts'
import type { Blobs } from '../blobs.ts'
import { type Ancestor, type Chunk, chunkName, decodeChunk, readChunkName, type Segment } from './chunk.ts'

export type ReadBack =
  | {
      readonly kind: 'found'
      readonly setup: GameSetup
      readonly state: unknown
      readonly tick: number
      /** Of the chunks that this state comes from, and those before. */
      readonly lineage: readonly Ancestor[]
      readonly gone: readonly number[]
    }
  /** `other_rules`: of a version of the game that is not here any more. */
  | { readonly kind: 'nothing'; readonly why: 'no_chunks' | 'other_rules' | 'damaged' }

/**
 * `resumed`: the epoch of the newest `resume` that the actor knows, null for none; `mine`: this owner's. Rejects where
 * Blobs do not answer.
 */
export async function readBack(
  blobs: Blobs,
  game: AnyGame,
  match: string,
  resumed: number | null,
  mine: number,
): Promise<ReadBack> {
  const chunks = await newestChunks(blobs, match, resumed, mine)
  const [first] = chunks
  if (first === undefined) return { kind: 'nothing', why: 'no_chunks' }
  const { head, checkpoint } = first
  if (head.game !== game.id || head.version !== game.version) return { kind: 'nothing', why: 'other_rules' }
  if (checkpoint === null) return { kind: 'nothing', why: 'damaged' }
  try {
    const state: unknown = game.restore(head.setup, checkpoint)
    for (const { segment } of chunks.slice(1)) replaySegment(game, state, segment)
    const tick = chunks.at(-1)?.head.to ?? head.to
    const lineage: readonly Ancestor[] = [...head.lineage, [head.epoch, tick]]
    const gone = chunks.at(-1)?.head.gone ?? []
    return { kind: 'found', setup: head.setup, state, tick, lineage, gone }
  } catch {
    return { kind: 'nothing', why: 'damaged' }
  }
}

/** From a checkpoint to the newest chunk after it without a hole, of the one epoch that counts. */
async function newestChunks(
  blobs: Blobs,
  match: string,
  resumed: number | null,
  mine: number,
): Promise<readonly Chunk[]> {
  const numbers = new Map<number, number[]>()
  for (const name of await blobs.list(`matches/${match}/`)) {
    const read = readChunkName(name)
    if (read === null || read.epoch >= mine) continue
    const of = numbers.get(read.epoch) ?? []
    numbers.set(read.epoch, of)
    of.push(read.number)
  }
  const epochs = resumed === null ? [...numbers.keys()].sort((a, b) => b - a) : [resumed]
  for (const epoch of epochs) {
    const found = await tail(blobs, match, epoch, numbers.get(epoch) ?? [])
    // Never resumed: then what goes on from an earlier epoch was not heard of by the actor.
    if (found[0] !== undefined && (resumed !== null || found[0].head.lineage.length === 0)) return found
  }
  return []
}

async function tail(blobs: Blobs, match: string, epoch: number, numbers: readonly number[]): Promise<readonly Chunk[]> {
  let chain: Chunk[] = []
  for (const number of [...numbers].sort((a, b) => b - a)) {
    const chunk = await readChunk(blobs, chunkName(match, epoch, number))
    // One that is missing or damaged takes with it what comes after it.
    if (chunk === null) chain = []
    else {
      if (chain[0] !== undefined && chain[0].head.from !== chunk.head.to) chain = []
      chain.unshift(chunk)
      if (chunk.checkpoint !== null) return chain
    }
  }
  return []
}

/** Null where there is none, or it is damaged. */
export async function readChunk(blobs: Blobs, name: string): Promise<Chunk | null> {
  const bytes = await blobs.get(name)
  return bytes === null ? null : decodeChunk(bytes)
}

/** The chunks of a match in order, each the next of the one before; ends at the first hole. */
export async function* chunksOf(blobs: Blobs, match: string, lineage: readonly Ancestor[]): AsyncGenerator<Chunk> {
  let at: number | null = null
  for (const [epoch, until] of lineage) {
    for (let number = 0; at === null || at < until || number === 0; number++) {
      const chunk = await readChunk(blobs, chunkName(match, epoch, number))
      if (chunk === null || (at !== null && chunk.head.from !== at) || chunk.head.to > until) break
      at = chunk.head.to
      yield chunk
    }
    if (at !== until) return
  }
}

/** Plays what was recorded. `seen` is told after each step. */
export function replaySegment(
  game: AnyGame,
  state: unknown,
  { from, to, inputs, changes }: Segment,
  seen: (tick: number, events: readonly GameEvent[]) => void = () => {},
): void {
  let [input, change] = [0, 0]
  for (let tick = from + 1; tick <= to; tick++) {
    const now: SeatInput<unknown>[] = []
    for (let next = inputs[input]; next !== undefined && next[0] === tick; next = inputs[++input])
      now.push({ seat: next[1], input: game.readInput(next[2]) })
    const changed: SeatChange[] = []
    for (let next = changes[change]; next !== undefined && next[0] === tick; next = changes[++change])
      changed.push({ seat: next[1], change: next[2] })
    seen(tick, game.step(state, now, changed))
  }
}
