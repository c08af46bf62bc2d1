// Reading a partition's batches from its stream. Through the leader: one at a time and never stale, for what decides (J2,
// the end of a replay). Directly: many at a time, from any replica, which may not have the newest yet and never has
// anything else.

import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { answerOf, type Patience } from './patience.ts'
import { isNobody, type Reply, type ReplyInbox } from './replyInbox.ts'
import { partitionSubject, streamName, streamOf } from './subjects.ts'

export interface StreamLayout {
  readonly dataSet: string
  readonly streams: number
}

/** Messages in one direct answer, at most: it is bounded by its bytes long before. */
const DIRECT_BATCH = 1_000
const DIRECT_WITHIN_MS = 3_000
const END_OF_BATCH = 204
const NOT_FOUND = 404

export class StreamReads {
  private readonly manager: JetStreamManager
  private readonly inbox: ReplyInbox
  private readonly layout: StreamLayout

  constructor(manager: JetStreamManager, inbox: ReplyInbox, layout: StreamLayout) {
    this.manager = manager
    this.inbox = inbox
    this.layout = layout
  }

  /** The partition's last batch as the leader knows it; null where it has none. Rejects when the leader does not answer. */
  async last(partition: PartitionId, patience: Patience): Promise<StoredBatch | null> {
    const query = { last_by_subj: this.subject(partition) }
    const message = await answerOf(patience, () => this.manager.streams.getMessage(this.stream(partition), query))
    return message === null ? null : this.stored(partition, message)
  }

  /** The batch that follows a position, as the leader knows it; null where none does. Rejects as `last` does. */
  async next(partition: PartitionId, after: Position, patience: Patience): Promise<StoredBatch | null> {
    const query = { seq: after + 1, next_by_subj: this.subject(partition) }
    const message = await answerOf(patience, () => this.manager.streams.getMessage(this.stream(partition), query))
    return message === null ? null : this.stored(partition, message)
  }

  /**
   * Batches at `from` and after it, in order and without a gap, until they are `maxBytes` or more. Fewer, or none, where
   * the replica that answers has no more yet. Rejects when nobody answers, or not all of it arrives.
   */
  direct(partition: PartitionId, from: Position, maxBytes: number): Promise<readonly StoredBatch[]> {
    const subject = `$JS.API.DIRECT.GET.${this.stream(partition)}`
    const payload = JSON.stringify({
      seq: Math.max(from, 1),
      next_by_subj: this.subject(partition),
      batch: DIRECT_BATCH,
      max_bytes: maxBytes,
    })
    return new Promise((resolve, reject) => {
      const piece = new DirectPiece(partition, this.subject(partition))
      this.inbox.ask({ subject, payload, withinMs: DIRECT_WITHIN_MS }, (reply) => {
        const state = piece.take(reply)
        if (state.kind === 'more') return 'more'
        if (state.kind === 'failed') reject(new Error(`${this.stream(partition)}: ${state.why}`))
        else resolve(piece.batches)
        return 'done'
      })
    })
  }

  stream(partition: PartitionId): string {
    return streamName(this.layout.dataSet, streamOf(partition, this.layout.streams))
  }

  subject(partition: PartitionId): string {
    return partitionSubject(this.layout.dataSet, partition, this.layout.streams)
  }

  private stored(partition: PartitionId, message: StoredMsg): StoredBatch {
    return { partition, position: message.seq, bytes: message.data }
  }
}

type PieceState =
  | { readonly kind: 'more' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'failed'; readonly why: string }

/** The messages of one direct answer, each of which names the one before it: a hole left by a broken connection shows. */
class DirectPiece {
  readonly batches: StoredBatch[] = []
  private readonly partition: PartitionId
  private readonly subject: string
  private previous = 0

  constructor(partition: PartitionId, subject: string) {
    this.partition = partition
    this.subject = subject
  }

  take(reply: Reply): PieceState {
    if (reply === 'lost') return failed('the connection broke')
    if (reply === 'late') return failed('no answer')
    if (isNobody(reply)) return failed('no replica serves it')
    const { headers } = reply
    const code = headers?.code ?? 0
    const named = Number(headers?.last('Nats-Last-Sequence') ?? Number.NaN)
    if (code === NOT_FOUND) return { kind: 'complete' }
    if (code === END_OF_BATCH) return named === this.previous ? { kind: 'complete' } : failed('answers are missing')
    if (code !== 0) return failed(`${code} ${headers?.description ?? ''}`)
    const position = Number(headers?.last('Nats-Sequence') ?? Number.NaN)
    if (named !== this.previous || !(position > named) || headers?.last('Nats-Subject') !== this.subject) {
      return failed('answers are missing')
    }
    this.previous = position
    this.batches.push({ partition: this.partition, position, bytes: reply.data })
    return { kind: 'more' }
  }
}

function failed(why: string): PieceState {
  return { kind: 'failed', why }
}
