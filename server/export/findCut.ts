// Looks for the cut of a journal that may be too long to be held in memory: the batches of its last minute first, which
// nearly always has it, then of more, then of all.

import { DataSetError } from '../dataSetError.ts'
import { JOURNAL_REMEDY } from '../journal/journalFile.ts'
import type { LedgerSource } from '../proof/source.ts'
import { type Cut, CutFinder } from './cut.ts'

const WINDOWS_MS = [60_000, 3_600_000, Number.POSITIVE_INFINITY]

/** `throughMs`: null for all that is there. Rejects with DataSetError where the journal is damaged, or ReadingError. */
export async function findCut(
  source: Pick<LedgerSource, 'batches' | 'partitions' | 'dataSetId'>,
  throughMs: number | null,
  windowsMs: readonly number[] = WINDOWS_MS,
): Promise<Cut> {
  for (const windowMs of windowsMs) {
    const finder = new CutFinder(source.partitions, { throughMs, windowMs })
    for await (const { partition, bytes } of source.batches()) {
      const wrong = finder.take(partition, bytes)
      if (wrong !== null) throw damaged(source.dataSetId, wrong)
      if (finder.isFull) break
    }
    const found = finder.find()
    if (found.kind === 'cut') return found.cut
  }
  // With every batch in memory there is always a cut: the one before all of them.
  throw new Error('the journal says that envelopes were taken before the first record')
}

export function damaged(dataSetId: string, wrong: string): DataSetError {
  return new DataSetError(`journal of data set ${dataSetId}`, `damaged at ${wrong}`, JOURNAL_REMEDY)
}
