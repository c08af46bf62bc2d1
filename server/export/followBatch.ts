// One batch read by the auditor's own eyes, as exports, imports and cuts need it: its frame is checked against the batch
// before it (chain, seqs, epochs, times: J3, A7), and its records are handed on one by one. What the records do to
// balances is `npm run verify`'s to check; here memory must not grow with accounts and keys.

import type { PartitionLog } from '../audit/partitionLog.ts'
import type { HeaderLine, RecordLine } from '../audit/recordLine.ts'
import { Finding } from '../audit/violation.ts'
import type { Outcome } from '../proof/outcome.ts'

/** Refused with the place and what is wrong there; the log is not to be used any more then. */
export function followBatch(
  log: PartitionLog,
  bytes: Uint8Array,
  each: (record: RecordLine) => void,
): Outcome<HeaderLine> {
  let at = log.seq + 1
  try {
    const position = log.position + 1
    const batch = log.open(position, bytes)
    for (let index = 0; index < batch.header.count; index++) {
      at = log.seq + 1
      each(log.next(batch, index))
    }
    log.close(position, bytes)
    return { kind: 'done', value: batch.header }
  } catch (error) {
    if (!(error instanceof Finding)) throw error
    return { kind: 'refused', why: `record ${log.partition}:${at}: ${error.message} (${error.invariant})` }
  }
}
