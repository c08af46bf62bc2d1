// One partition as its projector follows it: what it was sent and has not folded yet, and up to where the journal is
// known to reach. What follows the cursor is taken as it comes; whatever is missing in between is read from the journal.

import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'

interface Sent extends StoredBatch {
  readonly after: Position
}

export class Followed {
  readonly partition: PartitionId
  /** Everything up to here is folded and written. */
  cursor: Position
  /** Everything up to here is durable. */
  through: Position
  private sent: Sent[] = []
  private sentBytes = 0

  constructor(partition: PartitionId, cursor: Position, through: Position) {
    this.partition = partition
    this.cursor = cursor
    this.through = Math.max(cursor, through)
  }

  get isBehind(): boolean {
    return this.through > this.cursor
  }

  /** What comes next was not sent: it is to be read from the journal. */
  get isCutOff(): boolean {
    return this.isBehind && this.ready(1).length === 0
  }

  add(batch: Sent): void {
    this.sent.push(batch)
    this.sentBytes += batch.bytes.byteLength
    this.through = Math.max(this.through, batch.position)
  }

  /** What was sent and follows the cursor without a gap, up to about `maxBytes`; the cursor stays until `moved`. */
  ready(maxBytes: number): readonly StoredBatch[] {
    const ready: StoredBatch[] = []
    let at = this.cursor
    let bytes = 0
    for (const batch of this.sent) {
      if (batch.position <= at) continue
      if (batch.after !== at || bytes >= maxBytes) break
      ready.push(batch)
      at = batch.position
      bytes += batch.bytes.byteLength
    }
    return ready
  }

  /** These are folded. Answers how many bytes of what was sent are in hand no more. */
  moved(batches: readonly StoredBatch[]): number {
    this.cursor = Math.max(this.cursor, batches.at(-1)?.position ?? 0)
    let bytes = 0
    let known = 0
    for (; known < this.sent.length; known++) {
      const batch = this.sent[known]
      if (batch === undefined || batch.position > this.cursor) break
      bytes += batch.bytes.byteLength
    }
    this.sent.splice(0, known)
    this.sentBytes -= bytes
    return bytes
  }

  /** Bytes of what was sent and is not folded. */
  get bytesInHand(): number {
    return this.sentBytes
  }
}
