// Replay from JetStream: several partitions are read at once, each in pieces small enough that handling one does not hold
// up the event loop, each up to the last batch that the stream's leader knew when it was asked. What a replica has not
// got yet is read from the leader.

import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { messageOf } from '../dataSetError.ts'
import type { Patience } from './patience.ts'
import type { StreamReads } from './streamReads.ts'

/** JSON of this size is parsed in well under 10 ms. */
const GROUP_BYTES = 128 * 1024
/** Partitions read at once: each has one piece under way or in hand. */
const AHEAD = 8
/** The loop gets a turn when a replay has kept it for this long. */
const TURN_MS = 8
const PAUSE_MS = 100

type Pieces = AsyncGenerator<readonly StoredBatch[], void, undefined>

/** What a replay reads, and for how long without a single batch it goes on trying. */
export interface ReplaySource {
  readonly reads: Pick<StreamReads, 'stream' | 'last' | 'next' | 'direct'>
  readonly noProgressMs: number
}

/** Rejects with the stream's name where it cannot be read. */
export async function* replayStreams(source: ReplaySource, from: ReadonlyMap<PartitionId, Position>): Pieces {
  const waiting = [...from].map(([partition, position]) => piecesOf(source, partition, position))
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

async function* piecesOf(source: ReplaySource, partition: PartitionId, from: Position): Pieces {
  const end = await leaderSays(source, partition, (patience) => source.reads.last(partition, patience))
  if (end === null || end.position < from) return
  // A partition read to its end before, or just claimed: the leader has already given what there is.
  if (end.position === from) return yield [end]
  for (let cursor = from; cursor <= end.position; ) {
    const direct = await directPiece(source, partition, cursor)
    const piece = direct.filter(({ position }) => position <= end.position)
    if (piece.length === 0) piece.push(await fromLeader(source, partition, cursor, end))
    yield piece
    cursor = (piece.at(-1)?.position ?? cursor) + 1
  }
}

async function directPiece(
  source: ReplaySource,
  partition: PartitionId,
  from: Position,
): Promise<readonly StoredBatch[]> {
  const began = performance.now()
  for (;;) {
    try {
      return await source.reads.direct(partition, from, GROUP_BYTES)
    } catch (error) {
      if (performance.now() - began >= source.noProgressMs) throw unreadable(source, partition, error)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/** What the replica that answered has not got yet. */
async function fromLeader(
  source: ReplaySource,
  partition: PartitionId,
  from: Position,
  end: StoredBatch,
): Promise<StoredBatch> {
  const next = await leaderSays(source, partition, (patience) => source.reads.next(partition, from - 1, patience))
  if (next !== null && next.position <= end.position) return next
  throw unreadable(source, partition, `it ends before its batch at ${end.position}`)
}

async function leaderSays<T>(
  source: ReplaySource,
  partition: PartitionId,
  read: (patience: Patience) => Promise<T>,
): Promise<T> {
  try {
    return await read({ withinMs: source.noProgressMs })
  } catch (error) {
    throw unreadable(source, partition, error)
  }
}

function unreadable({ reads }: ReplaySource, partition: PartitionId, why: unknown): Error {
  return new Error(`journal stream ${reads.stream(partition)}, partition ${partition}: ${messageOf(why)}`)
}
