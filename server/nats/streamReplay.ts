// Replay from JetStream: several partitions are read at once, each in pieces small enough that handling one does not hold
// up the event loop, each up to the last batch that the stream's leader knew when it was asked. What a replica has not
// got yet is read from the leader.

import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { messageOf } from '../dataSetError.ts'
import type { StreamReads } from './streamReads.ts'

/** JSON of this size is parsed in well under 10 ms. */
const GROUP_BYTES = 128 * 1024
/** Partitions read at once: each has one piece under way or in hand. */
const AHEAD = 8
/** The loop gets a turn when a replay has kept it for this long. */
const TURN_MS = 8
/** Without a single batch for this long, the journal cannot be read. */
const NO_PROGRESS_MS = 10_000
const PAUSE_MS = 100

type Pieces = AsyncGenerator<readonly StoredBatch[], void, undefined>

export async function* replayStreams(reads: StreamReads, from: ReadonlyMap<PartitionId, Position>): Pieces {
  const waiting = [...from].map(([partition, position]) => piecesOf(reads, partition, position))
  const reading = new Map<Pieces, Promise<Read>>()
  const begin = (pieces: Pieces): void => {
    const read = pieces.next().then((result) => ({ pieces, result }))
    // Whoever leaves early hears no more of what was under way.
    read.catch(() => undefined)
    reading.set(pieces, read)
  }
  let turnBegan = performance.now()
  for (;;) {
    for (const pieces of waiting.splice(0, AHEAD - reading.size)) begin(pieces)
    if (reading.size === 0) return
    const { pieces, result } = await Promise.race(reading.values())
    reading.delete(pieces)
    if (result.done === true) continue
    begin(pieces)
    yield result.value
    if (performance.now() - turnBegan < TURN_MS) continue
    await new Promise((resolve) => setImmediate(resolve))
    turnBegan = performance.now()
  }
}

interface Read {
  readonly pieces: Pieces
  readonly result: IteratorResult<readonly StoredBatch[], void>
}

async function* piecesOf(reads: StreamReads, partition: PartitionId, from: Position): Pieces {
  const end = await described(reads, partition, () => reads.last(partition, { withinMs: NO_PROGRESS_MS }))
  if (end === null || end.position < from) return
  // A partition read to its end before, or just claimed: the leader has already given what there is.
  if (end.position === from) return yield [end]
  for (let cursor = from; cursor <= end.position; ) {
    const piece = await pieceAt(reads, partition, cursor, end)
    yield piece
    cursor = (piece.at(-1)?.position ?? cursor) + 1
  }
}

async function pieceAt(
  reads: StreamReads,
  partition: PartitionId,
  from: Position,
  end: StoredBatch,
): Promise<readonly StoredBatch[]> {
  const began = performance.now()
  for (;;) {
    try {
      const piece = await reads.direct(partition, from, GROUP_BYTES)
      const wanted = piece.filter(({ position }) => position <= end.position)
      if (wanted.length > 0) return wanted
      break
    } catch (error) {
      if (performance.now() - began >= NO_PROGRESS_MS) throw unreadable(reads, partition, error)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
  const next = await described(reads, partition, () => reads.next(partition, from - 1, { withinMs: NO_PROGRESS_MS }))
  if (next === null || next.position > end.position) {
    throw unreadable(reads, partition, `it ends before its batch at ${end.position}`)
  }
  return [next]
}

async function described<T>(reads: StreamReads, partition: PartitionId, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw unreadable(reads, partition, error)
  }
}

function unreadable(reads: StreamReads, partition: PartitionId, why: unknown): Error {
  return new Error(`journal stream ${reads.stream(partition)}, partition ${partition}: ${messageOf(why)}`)
}
