// A partition's journal in memory whose batches hold records of matches, written line by line: what a publisher of events
// reads from.

import { encodeEvent } from '../../actors/match/eventCodec.ts'
import type { MatchEvent } from '../../actors/match/events.ts'
import { encodeHeader, GENESIS_HASH } from '../../actors/runtime/codec.ts'
import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import { START_MS } from './walletBench.ts'

export interface LoggedRecord {
  readonly actor: string
  readonly events?: readonly MatchEvent[]
  readonly entries?: readonly (readonly [
    account: string,
    asset: string,
    side: 'D' | 'C',
    amount: string,
    after: string,
  ])[]
}

export class MatchLog {
  readonly partition: number
  readonly batches: StoredBatch[] = []
  private seq = 0

  constructor(partition = 3) {
    this.partition = partition
  }

  get head(): Position {
    return this.batches.at(-1)?.position ?? 0
  }

  /** Positions have gaps, as those of a stream that several partitions share. */
  append(records: readonly LoggedRecord[]): StoredBatch {
    const { partition } = this
    const header = encodeHeader({
      ...{ version: 1, partition, epoch: 1, previousHash: GENESIS_HASH, delivered: [] },
      ...{ firstSeq: this.seq + 1, count: records.length },
    })
    const lines = records.map(({ actor, events = [], entries = [] }) => {
      this.seq += 1
      const [ev, c] = [events.map(encodeEvent), ['x', `k${this.seq}`, 'hash', 'request']]
      return JSON.stringify({ s: this.seq, t: START_MS + this.seq, a: actor, c, ev, en: entries })
    })
    const bytes = Buffer.from(`${[header.trimEnd(), ...lines].join('\n')}\n`)
    const batch = { partition, position: this.head + 3, bytes }
    this.batches.push(batch)
    return batch
  }

  read(_partition: number, after: Position, maxBytes: number): Promise<readonly StoredBatch[]> {
    const found: StoredBatch[] = []
    let bytes = 0
    for (const batch of this.batches) {
      if (batch.position <= after) continue
      if (bytes >= maxBytes) break
      found.push(batch)
      bytes += batch.bytes.byteLength
    }
    return Promise.resolve(found)
  }
}
