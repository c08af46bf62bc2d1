// Builds a partition's log for tests and benchmarks: drafts of records in, chained batches out, with balances, seqs,
// envelope numbers and hashes as the runtime would have them. It checks nothing, so that it can build broken logs too.

import { balanceKey, signed } from '../../actors/runtime/books.ts'
import { encodeBatch, GENESIS_HASH, hashBatch } from '../../actors/runtime/codec.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { BatchHeader, Cause, Entry, Json, LogRecord, Money, Posting } from '../../actors/runtime/record.ts'
import { encodeRecord } from '../../actors/runtime/recordWriter.ts'
import { accountSpec, isOwned } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'

export interface Draft
  extends Partial<Pick<LogRecord, 'outcome' | 'operation' | 'events' | 'timers' | 'reply' | 'atMs'>> {
  readonly actor: string
  readonly cause: Cause
  readonly postings?: readonly Posting[]
  readonly outbox?: readonly {
    readonly to: string
    readonly name: string
    readonly money: Money | null
    readonly body?: Json
  }[]
}

export const START_MS = 1_750_000_000_000

export class PartitionLog {
  readonly partition: PartitionId
  readonly partitions: number
  readonly records: LogRecord[] = []
  epoch = 1
  atMs = START_MS
  /** Of the last batch cut. */
  hash = GENESIS_HASH
  seq = 0
  private readonly balances = new Map<string, bigint>()
  private readonly numbered = new Map<PartitionId, number>()
  private lines: string[] = []

  constructor(partition: PartitionId, partitions: number) {
    this.partition = partition
    this.partitions = partitions
  }

  add(draft: Draft): LogRecord {
    const seq = ++this.seq
    this.atMs = draft.atMs ?? this.atMs + 1
    const record: LogRecord = {
      seq,
      atMs: this.atMs,
      actor: draft.actor,
      cause: draft.cause,
      outcome: draft.outcome ?? { kind: 'accepted' },
      operation: draft.operation ?? 'none',
      events: draft.events ?? [],
      entries: (draft.postings ?? []).map((posting) => this.post(posting)),
      outbox: (draft.outbox ?? []).map((envelope) => {
        const destination = partitionOf(envelope.to, this.partitions)
        const number = (this.numbered.get(destination) ?? 0) + 1
        this.numbered.set(destination, number)
        const { partition: source, atMs } = this
        return { source, destination, number, seq, atMs, from: draft.actor, body: null, ...envelope }
      }),
      timers: draft.timers ?? [],
      reply: draft.reply ?? null,
    }
    this.records.push(record)
    this.lines.push(encodeRecord(record))
    return record
  }

  epochRecord(): LogRecord {
    return this.add({ actor: '', cause: { kind: 'epoch' } })
  }

  get pending(): number {
    return this.lines.length
  }

  /** The records added since the last cut, as one batch. `header` overrides what is put in front of them. */
  cut(header: Partial<BatchHeader> = {}): Uint8Array {
    const count = this.lines.length
    const bytes = encodeBatch(
      {
        version: 1,
        partition: this.partition,
        epoch: this.epoch,
        previousHash: this.hash,
        firstSeq: this.seq - count + 1,
        count,
        delivered: [],
        ...header,
      },
      Buffer.from(this.lines.join(''), 'utf8'),
    )
    this.lines = []
    this.hash = hashBatch(bytes)
    return bytes
  }

  /** The same, as it stands in a journal. */
  cutAt(position: number, header: Partial<BatchHeader> = {}): StoredBatch {
    return { partition: this.partition, position, bytes: this.cut(header) }
  }

  private post(posting: Posting): Entry {
    const key = balanceKey(posting.account, posting.asset)
    const after = (this.balances.get(key) ?? 0n) + signed(posting)
    this.balances.set(key, after)
    return { ...posting, balanceAfterMinor: after }
  }

  /** Balances of owned accounts, by `<account>/<asset>`. */
  owned(): Map<string, bigint> {
    return new Map(
      [...this.balances].filter(([key]) => {
        const spec = accountSpec(key.slice(0, key.indexOf('/')))
        return spec !== null && isOwned(spec)
      }),
    )
  }
}

/** Two legs of one movement. */
export function move(asset: string, amountMinor: bigint, debited: string, credited: string): readonly Posting[] {
  return [
    { account: debited, asset, side: 'debit', amountMinor },
    { account: credited, asset, side: 'credit', amountMinor },
  ]
}

/** A client's command as a cause. */
export function command(name: string, key: string): Cause {
  return { kind: 'command', name, key, hash: `hash-of-${key}`, requestId: `req-${key}` }
}
