// Results of matches that loops computed, as the ledger has them: what a recording has to come to.

import { matchKind } from '../../actors/match/kind.ts'
import { decodeBatch } from '../../actors/runtime/codec.ts'
import type { RecordedResult } from '../../rooms/match/recording.ts'
import type { LedgerSource } from '../proof/source.ts'

const PREFIX = 'match/'

/** `match`: null for all. Rejects with DataSetError or ReadingError. */
export async function recordedResults(
  source: Pick<LedgerSource, 'batches'>,
  match: string | null,
): Promise<ReadonlyMap<string, RecordedResult>> {
  const results = new Map<string, RecordedResult>()
  for await (const { bytes } of source.batches()) {
    for (const { actor, events } of decodeBatch(bytes).records) {
      if (!actor.startsWith(PREFIX) || (match !== null && actor !== `${PREFIX}${match}`)) continue
      for (const encoded of events) {
        const event = matchKind.decodeEvent(encoded)
        if (event.kind !== 'scored' || event.by.kind !== 'loop' || event.hash === null) continue
        results.set(actor.slice(PREFIX.length), { outcomeHash: event.hash, recordingSha256: event.recording })
      }
    }
  }
  return results
}
