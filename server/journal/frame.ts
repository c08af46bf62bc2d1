// The bytes of one row of the journal: a directory of the batches it holds, then the batches; and, beside it, the heads,
// that is the position of every partition's last batch once this commit is durable. A checksum covers both, so that a
// row that rotted on the disk is never replayed.

import { crc32 } from 'node:zlib'
import type { PartitionId } from '../../shared/ids.ts'

export interface FramedBatch {
  readonly partition: PartitionId
  readonly bytes: Uint8Array
}

/** Thrown for a row that does not hold what was committed. */
export class BrokenFrameError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BrokenFrameError'
  }
}

const COUNT_BYTES = 4
const ENTRY_BYTES = 8

/** Directory: count, then partition and length of each batch, all 32-bit little-endian. The buffer is its own. */
export function encodeFrame(batches: readonly FramedBatch[]): Uint8Array<ArrayBuffer> {
  let size = COUNT_BYTES + batches.length * ENTRY_BYTES
  for (const batch of batches) size += batch.bytes.byteLength
  const frame = new Uint8Array(size)
  const directory = new DataView(frame.buffer)
  directory.setUint32(0, batches.length, true)
  let at = COUNT_BYTES + batches.length * ENTRY_BYTES
  for (const [index, { partition, bytes }] of batches.entries()) {
    directory.setUint32(COUNT_BYTES + index * ENTRY_BYTES, partition, true)
    directory.setUint32(COUNT_BYTES + index * ENTRY_BYTES + 4, bytes.byteLength, true)
    frame.set(bytes, at)
    at += bytes.byteLength
  }
  return frame
}

/** The batches of a frame, as views of it. */
export function decodeFrame(frame: Uint8Array): readonly FramedBatch[] {
  if (frame.byteLength < COUNT_BYTES) throw new BrokenFrameError('a frame without a directory')
  const directory = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const count = directory.getUint32(0, true)
  let at = COUNT_BYTES + count * ENTRY_BYTES
  if (count === 0 || at > frame.byteLength) throw new BrokenFrameError(`a frame of ${count} batches`)
  const batches: FramedBatch[] = []
  for (let index = 0; index < count; index++) {
    const partition = directory.getUint32(COUNT_BYTES + index * ENTRY_BYTES, true)
    const length = directory.getUint32(COUNT_BYTES + index * ENTRY_BYTES + 4, true)
    if (at + length > frame.byteLength) throw new BrokenFrameError('a frame shorter than its directory says')
    batches.push({ partition, bytes: frame.subarray(at, at + length) })
    at += length
  }
  if (at !== frame.byteLength) throw new BrokenFrameError('a frame longer than its directory says')
  return batches
}

/** Each partition's head as its distance from this commit plus one, 0 where it has none; base 128, low digits first. */
export function encodeHeads(id: number, heads: Float64Array): Uint8Array<ArrayBuffer> {
  const digits: number[] = []
  for (const head of heads) {
    let left = head === 0 ? 0 : id - head + 1
    while (left >= 128) {
      digits.push((left % 128) | 128)
      left = Math.floor(left / 128)
    }
    digits.push(left)
  }
  return Uint8Array.from(digits)
}

export function decodeHeads(id: number, bytes: Uint8Array, partitions: number): Float64Array {
  const heads = new Float64Array(partitions)
  let partition = 0
  let value = 0
  let scale = 1
  for (const byte of bytes) {
    value += (byte & 127) * scale
    scale *= 128
    if (byte & 128) continue
    heads[partition] = value === 0 ? 0 : id - value + 1
    partition++
    value = 0
    scale = 1
  }
  if (partition !== partitions) throw new BrokenFrameError(`heads of ${partition} partitions, not ${partitions}`)
  return heads
}

export function frameChecksum(heads: Uint8Array, frame: Uint8Array): number {
  return crc32(frame, crc32(heads))
}
