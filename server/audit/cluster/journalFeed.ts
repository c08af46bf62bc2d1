// The whole journal out of JetStream for the audit, all partitions side by side in the order of their stream, so that an
// envelope's two ends come close to each other. Each partition ends at its last batch as the stream's leader knew it when
// it was asked. Makes and changes nothing, unlike what a server does at its start.

import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { Position, StoredBatch } from '../../../actors/runtime/ports.ts'
import type { PartitionId } from '../../../shared/ids.ts'
import { DataSetError, messageOf } from '../../dataSetError.ts'
import { type DataSetFacts, isMade, readFacts } from '../../nats/dataSetFacts.ts'
import { connectNats } from '../../nats/natsConnection.ts'
import type { NatsLink } from '../../nats/natsLink.ts'
import { answerOf } from '../../nats/patience.ts'
import { ReplyInbox } from '../../nats/replyInbox.ts'
import { StreamReads } from '../../nats/streamReads.ts'
import { replayStreams } from '../../nats/streamReplay.ts'
import { streamName, streamOf } from '../../nats/subjects.ts'
import type { AuditedServices } from './auditedServices.ts'
import { ReadingError } from './readingError.ts'

const REQUEST_MS = 2_000
const WITHIN_MS = 10_000
/** Partitions whose ends are asked for at once. */
const ASKED_AT_ONCE = 16

/** A partition being read: batches at hand, and where the next ones come from. */
interface Run {
  readonly partition: PartitionId
  readonly pieces: AsyncGenerator<readonly StoredBatch[], void, undefined>
  piece: readonly StoredBatch[]
  at: number
}

/** Rejects with DataSetError where there is no such data set, or none that can be read. */
export async function openJournalFeed(services: AuditedServices): Promise<JournalFeed> {
  const { natsUrls, dataSet, partitions, journalStreams: streams, journalReplicas: replicas } = services
  const link = await connectNats({ urls: natsUrls, name: `leet ${dataSet} verify` })
  try {
    const manager = await jetstreamManager(link.connection, { checkAPI: false, timeout: REQUEST_MS })
    const wanted = { dataSet, partitions, streams, replicas }
    const facts = await readFacts(manager, wanted)
    if (facts === null || !(await isMade(manager, wanted))) {
      const remedy = 'Set NATS_URL and DATA_SET as its servers have them'
      throw new DataSetError(`data set ${dataSet} in JetStream`, 'was never made', remedy)
    }
    return new JournalFeed(link, manager, dataSet, facts)
  } catch (error) {
    await link.close()
    if (error instanceof DataSetError) throw error
    const remedy = 'See the log of nats-server; this user needs to read $JS.API.> and $KV.>'
    throw new DataSetError(`data set ${dataSet} in JetStream`, messageOf(error), remedy)
  }
}

export class JournalFeed {
  readonly facts: DataSetFacts
  private readonly link: NatsLink
  private readonly manager: JetStreamManager
  private readonly dataSet: string
  private readonly inbox: ReplyInbox
  private readonly reads: StreamReads
  private closed = false

  constructor(link: NatsLink, manager: JetStreamManager, dataSet: string, facts: DataSetFacts) {
    this.link = link
    this.manager = manager
    this.dataSet = dataSet
    this.facts = facts
    this.inbox = new ReplyInbox(link)
    this.reads = new StreamReads(manager, this.inbox, { dataSet, streams: facts.streams })
  }

  /** Every batch, in order within a partition. Rejects with DataSetError where a stream is gone, else ReadingError. */
  async *batches(): AsyncGenerator<StoredBatch, void, undefined> {
    const ends = await this.streamEnds()
    // Positions of two streams mean nothing to each other; how far each is read is the best there is.
    const shareOf = ({ partition, piece, at }: Run): number =>
      (piece[at]?.position ?? 0) / Math.max(1, ends[streamOf(partition, this.facts.streams)] ?? 1)
    const runs = await this.begin()
    while (runs.length > 0) {
      const run = runs.reduce((first, other) => (shareOf(other) < shareOf(first) ? other : first))
      const batch = run.piece[run.at++]
      if (batch !== undefined) yield batch
      if (run.at >= run.piece.length && !(await refill(run))) runs.splice(runs.indexOf(run), 1)
    }
  }

  /** A partition from the batch at this position on; 0 for the first one. Rejects with ReadingError. */
  async *from(partition: PartitionId, position: Position): AsyncGenerator<StoredBatch, void, undefined> {
    const run = this.run(partition, position)
    while (await refill(run)) yield* run.piece
  }

  /** The batch that follows a position as the stream's leader knows it now, or null. Rejects with ReadingError. */
  async next(partition: PartitionId, after: Position): Promise<StoredBatch | null> {
    return orReadingError(() => this.reads.next(partition, after, { withinMs: WITHIN_MS }))
  }

  async close(): Promise<void> {
    this.closed = true
    this.inbox.close()
    await this.link.close()
  }

  /** Sequence of the last message, by stream. */
  private async streamEnds(): Promise<readonly number[]> {
    const ends: number[] = []
    for (let stream = 0; stream < this.facts.streams; stream++) {
      const name = streamName(this.dataSet, stream)
      const info = await orReadingError(() =>
        answerOf({ withinMs: WITHIN_MS }, () => this.manager.streams.info(name).catch(nullWhereMissing)),
      )
      if (info === null) {
        const remedy = 'Restore it from a backup'
        throw new DataSetError(`stream ${name}`, 'missing, though the data set was made with it', remedy)
      }
      ends.push(info.state.last_seq)
    }
    return ends
  }

  /** Partitions that have batches, each with its first ones at hand. */
  private async begin(): Promise<Run[]> {
    const runs: Run[] = []
    for (let first = 0; first < this.facts.partitions; first += ASKED_AT_ONCE) {
      const count = Math.min(ASKED_AT_ONCE, this.facts.partitions - first)
      const group = Array.from({ length: count }, (_, index) => this.run(first + index, 0))
      const filled = await Promise.all(group.map((run) => refill(run)))
      runs.push(...group.filter((_, index) => filled[index] === true))
    }
    return runs
  }

  private run(partition: PartitionId, position: Position): Run {
    const patienceMs = (): number => (this.closed ? 0 : WITHIN_MS)
    const source = {
      reads: this.reads,
      // What was read ahead of an audit that ended early is not asked for again.
      get noProgressMs() {
        return patienceMs()
      },
    }
    return { partition, pieces: replayStreams(source, new Map([[partition, position]])), piece: [], at: 0 }
  }
}

/** Answers whether there was more. */
async function refill(run: Run): Promise<boolean> {
  const next = await orReadingError(() => run.pieces.next())
  if (next.done === true) return false
  run.piece = next.value
  run.at = 0
  return true
}

async function orReadingError<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw new ReadingError(messageOf(error))
  }
}

function nullWhereMissing(error: unknown): null {
  if (error instanceof Error && error.name === 'StreamNotFoundError') return null
  throw error
}
