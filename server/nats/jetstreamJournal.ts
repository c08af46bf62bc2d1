// The journal on NATS JetStream (J1): a partition is a subject, a batch a message, a position the stream's sequence. The
// fence is the server's own: a publish names the last message of its subject. A lost or doubtful acknowledgement is settled
// by what stands in the stream (J2).

import { jetstreamManager } from '@nats-io/jetstream'
import type { AppendOutcome, Journal, Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { messageOf } from '../dataSetError.ts'
import { publishBatch } from './appendPublisher.ts'
import { type JetStreamDataSet, type JetStreamSetup, setUpJetStream } from './jetstreamSetup.ts'
import { fits, recordsThatFit } from './messageSize.ts'
import type { NatsLink } from './natsLink.ts'
import { ReplyInbox } from './replyInbox.ts'
import { settle, UNCERTAIN } from './settle.ts'
import { StreamReads } from './streamReads.ts'
import { replayStreams } from './streamReplay.ts'

export interface JetStreamJournalOptions extends JetStreamSetup {
  /** How long an append waits for its acknowledgement, ms. */
  readonly appendWithinMs?: number
  /** For how long a replay goes on trying where nothing answers, ms. */
  readonly readWithinMs?: number
  /** Trouble with the servers. Never throws. */
  readonly onAlarm?: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

const APPEND_WITHIN_MS = 3_000
/** An append waits this long for a connection that broke, and is uncertain then. */
const RECONNECT_WITHIN_MS = 2_000
/** Before an append that was refused is answered: nothing asks a stream without a leader a thousand times a second. */
const REFUSED_PAUSE_MS = 200
const READ_TIMEOUT_MS = 1_000
const READ_WITHIN_MS = 10_000

/** Opens the journal, making its streams where they are missing. Rejects with DataSetError where they cannot be used. */
export async function openJetStreamJournal(
  link: NatsLink,
  options: JetStreamJournalOptions,
): Promise<JetStreamJournal> {
  const dataSet = await setUpJetStream(link, options)
  const manager = await jetstreamManager(link.connection, { checkAPI: false, timeout: READ_TIMEOUT_MS })
  const inbox = new ReplyInbox(link)
  const reads = new StreamReads(manager, inbox, { dataSet: options.dataSet, streams: dataSet.streams })
  return new JetStreamJournal(link, inbox, reads, dataSet, options)
}

export class JetStreamJournal implements Journal {
  readonly dataSet: JetStreamDataSet
  private readonly link: NatsLink
  private readonly inbox: ReplyInbox
  private readonly reads: StreamReads
  private readonly options: JetStreamJournalOptions
  private readonly appendWithinMs: number
  private readonly readWithinMs: number
  private closed = false
  /** Streams that alarmed, and have taken nothing since. */
  private readonly inTrouble = new Set<string>()

  /** Use `openJetStreamJournal`. */
  constructor(
    link: NatsLink,
    inbox: ReplyInbox,
    reads: StreamReads,
    dataSet: JetStreamDataSet,
    options: JetStreamJournalOptions,
  ) {
    this.link = link
    this.inbox = inbox
    this.reads = reads
    this.dataSet = dataSet
    this.options = options
    this.appendWithinMs = options.appendWithinMs ?? APPEND_WITHIN_MS
    this.readWithinMs = options.readWithinMs ?? READ_WITHIN_MS
  }

  /** For the runtime's limit of the same name: records of this size make a batch that the server takes. */
  get maxBatchBytes(): number {
    return recordsThatFit(this.link.maxPayload)
  }

  append(partition: PartitionId, expectedPosition: Position, bytes: Uint8Array): Promise<AppendOutcome> {
    if (!(partition < this.dataSet.partitions)) throw new RangeError(`no partition ${partition} in this data set`)
    return this.attempt(partition, expectedPosition, bytes).catch((error: unknown) => {
      this.troubled(partition, messageOf(error))
      return UNCERTAIN
    })
  }

  replay(from: ReadonlyMap<PartitionId, Position>): AsyncIterable<readonly StoredBatch[]> {
    return replayStreams({ reads: this.reads, noProgressMs: this.readWithinMs }, from)
  }

  /**
   * For who follows a partition: batches after a position, in order, until they are `maxBytes` or more; none where a
   * replica has no more yet, which may be a moment behind `append`. Rejects when nobody answers.
   */
  read(partition: PartitionId, after: Position, maxBytes: number): Promise<readonly StoredBatch[]> {
    return this.reads.direct(partition, after + 1, maxBytes)
  }

  /** Position of a partition's last batch, as its stream's leader knows it; 0 where it has none. */
  async head(partition: PartitionId): Promise<Position> {
    return (await this.reads.last(partition, { withinMs: this.readWithinMs }))?.position ?? 0
  }

  /** Appends under way answer `uncertain`. The connection stays: it is whoever's who made it. */
  close(): Promise<void> {
    this.closed = true
    this.inbox.close()
    return Promise.resolve()
  }

  private async attempt(partition: PartitionId, expected: Position, bytes: Uint8Array): Promise<AppendOutcome> {
    if (!(await this.isReady(partition, bytes))) return UNCERTAIN
    const answer = await publishBatch(this.inbox, {
      subject: this.reads.subject(partition),
      stream: this.reads.stream(partition),
      expected,
      bytes,
      withinMs: this.appendWithinMs,
    })
    switch (answer.kind) {
      case 'stored':
        this.recovered(partition)
        return { kind: 'committed', position: answer.sequence }
      case 'refused':
        this.troubled(partition, answer.why)
        await new Promise((resolve) => setTimeout(resolve, REFUSED_PAUSE_MS))
        return UNCERTAIN
      case 'unanswered':
        if (!this.closed) this.troubled(partition, 'no acknowledgement')
        return this.settled(partition, expected, bytes, false)
      case 'fence':
        return this.settled(partition, expected, bytes, true)
      default:
        return answer satisfies never
    }
  }

  private async settled(
    partition: PartitionId,
    expected: Position,
    bytes: Uint8Array,
    isFence: boolean,
  ): Promise<AppendOutcome> {
    if (this.closed || !(await this.link.whenConnected(RECONNECT_WITHIN_MS))) return UNCERTAIN
    const outcome = await settle(this.reads, { partition, expected, bytes, isFence })
    if (outcome.kind !== 'uncertain') this.recovered(partition)
    return outcome
  }

  private async isReady(partition: PartitionId, bytes: Uint8Array): Promise<boolean> {
    if (this.closed) return false
    if (!this.link.connected && !(await this.link.whenConnected(RECONNECT_WITHIN_MS))) return false
    if (fits(bytes.byteLength, this.link.maxPayload)) return true
    // Only where a server takes less than the one that was asked at the start.
    const remedy = 'set max_payload of every server to what it was'
    this.troubled(partition, `a batch of ${bytes.byteLength} bytes, at most ${this.link.maxPayload}: ${remedy}`)
    return false
  }

  private troubled(partition: PartitionId, error: string): void {
    const stream = this.reads.stream(partition)
    if (this.inTrouble.has(stream)) return
    this.inTrouble.add(stream)
    this.options.onAlarm?.('journal.write_failed', { stream, partition, error })
  }

  private recovered(partition: PartitionId): void {
    if (this.inTrouble.size === 0) return
    const stream = this.reads.stream(partition)
    if (this.inTrouble.delete(stream)) this.options.onAlarm?.('journal.write_recovered', { stream })
  }
}
