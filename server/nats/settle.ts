// J2: what became of an append that was not plainly acknowledged. Only what stands in the stream tells, as its leader has
// it: our own bytes after the expected position, somebody else's, or nothing, which proves nothing.

import type { AppendOutcome, Position } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Patience } from './patience.ts'
import type { StreamReads } from './streamReads.ts'

export const UNCERTAIN: AppendOutcome = Object.freeze({ kind: 'uncertain' })
const FENCED: AppendOutcome = Object.freeze({ kind: 'fenced' })

export interface Unsettled {
  readonly partition: PartitionId
  readonly expected: Position
  readonly bytes: Uint8Array
  /** The leader said that the last batch is not the expected one. */
  readonly isFence: boolean
}

const PATIENCE: Patience = { withinMs: 1_000 }
const SETTLE_WITHIN_MS = 2_000
const FIRST_PAUSE_MS = 4
const LONGEST_PAUSE_MS = 250

/** Rejects when the leader cannot be asked: the append is uncertain then. */
export async function settle(reads: StreamReads, append: Unsettled): Promise<AppendOutcome> {
  const { partition, expected, bytes, isFence } = append
  const began = performance.now()
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const next = await reads.next(partition, expected, PATIENCE)
    if (next !== null) {
      const isOurs = Buffer.compare(next.bytes, bytes) === 0
      return isOurs ? { kind: 'committed', position: next.position } : FENCED
    }
    if (!isFence) return UNCERTAIN
    const head = (await reads.last(partition, PATIENCE))?.position ?? 0
    // The expected batch is not in this journal, so nothing can follow it.
    if (head < expected) return FENCED
    // Fenced by a batch that is still on its way into the stream: ours of before, or another owner's.
    if (performance.now() - began >= SETTLE_WITHIN_MS) return UNCERTAIN
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
