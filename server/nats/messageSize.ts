// What fits into one message, and so into one batch. A server refuses a larger one for good, so what is left for records is
// what its max_payload leaves after everything that goes with them.

import assert from 'node:assert'
import { MAX_RECORD_BYTES } from '../../actors/runtime/codec.ts'

/** A server that takes less than this is refused at start: 256 KB of record and batches of several need room. */
export const LEAST_MAX_PAYLOAD = 512 * 1024
/** The expected sequence, its name and the header block around it. */
const PUBLISH_HEADER_BYTES = 128
/** A batch's own header line. Its `delivered` names each of 1,024 partitions at most once, in up to 24 bytes. */
const BATCH_HEADER_BYTES = 32 * 1024

assert(recordsThatFit(LEAST_MAX_PAYLOAD) >= MAX_RECORD_BYTES)

/** Bytes of records that a batch may hold so that it surely fits. */
export function recordsThatFit(maxPayload: number): number {
  return maxPayload - PUBLISH_HEADER_BYTES - BATCH_HEADER_BYTES
}

/** Whether a whole batch of this size can be sent. */
export function fits(batchBytes: number, maxPayload: number): boolean {
  return batchBytes + PUBLISH_HEADER_BYTES <= maxPayload
}
