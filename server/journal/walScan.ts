// SQLite drops everything behind the first damaged frame of its write-ahead log without a word: right for the torn end
// a power cut leaves, fatal when the damage lies before commits that were acknowledged. Each commit is synced before the
// next begins, so a torn end never has a whole commit and more behind it. This finds the difference, before SQLite opens
// the file.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const MAGIC = 0x377f0682
const CHUNK_FRAMES = 64

/** A sentence that says what is wrong with the log, or null where what is missing at most was never acknowledged. */
export function scanWal(file: string): string | null {
  const fd = openWal(file)
  if (fd === null) return null
  try {
    const size = fstatSync(fd).size
    if (size === 0) return null
    const header = readAt(fd, 0, HEADER_BYTES)
    if (header.byteLength < HEADER_BYTES) return null
    return scanFrames(fd, size, header)
  } finally {
    closeSync(fd)
  }
}

function scanFrames(fd: number, size: number, header: DataView): string | null {
  const pageBytes = header.getUint32(8)
  const bigEndian = (header.getUint32(0) & 1) === 1
  const start = sum(header, 0, HEADER_BYTES - 8, bigEndian, [0, 0])
  const headerSound =
    (header.getUint32(0) & ~1) === MAGIC && start[0] === header.getUint32(24) && start[1] === header.getUint32(28)
  const frameBytes = FRAME_HEADER_BYTES + pageBytes
  // The header is written, and synced, before the first frame: with frames behind it, it cannot be a torn end.
  if (!headerSound) return size > HEADER_BYTES ? 'the header of its write-ahead log is damaged' : null
  const frames = Math.floor((size - HEADER_BYTES) / frameBytes)
  let running: Checksum = start
  let brokenAt = -1
  let commitBehind = false
  for (let first = 0; first < frames; first += CHUNK_FRAMES) {
    const count = Math.min(CHUNK_FRAMES, frames - first)
    const chunk = readAt(fd, HEADER_BYTES + first * frameBytes, count * frameBytes)
    for (let index = 0; index < count; index++) {
      const at = index * frameBytes
      const current = sameGeneration(chunk, at, header)
      if (brokenAt === -1) {
        const next = current ? frameSum(chunk, at, frameBytes, bigEndian, running) : null
        if (next !== null && next[0] === chunk.getUint32(at + 16) && next[1] === chunk.getUint32(at + 20)) {
          running = next
          continue
        }
        brokenAt = first + index
      }
      if (current && commitBehind) return damagedAt(brokenAt)
      if (current && chunk.getUint32(at + 4) !== 0) commitBehind = true
    }
  }
  return null
}

/** Frames of the log's current use carry its salts; behind them lie leftovers of an earlier use. */
function sameGeneration(chunk: DataView, at: number, header: DataView): boolean {
  return chunk.getUint32(at + 8) === header.getUint32(16) && chunk.getUint32(at + 12) === header.getUint32(20)
}

function damagedAt(frame: number): string {
  return `its write-ahead log is damaged at frame ${frame + 1}, before commits that were acknowledged`
}

type Checksum = readonly [number, number]

function frameSum(chunk: DataView, at: number, frameBytes: number, bigEndian: boolean, from: Checksum): Checksum {
  const head = sum(chunk, at, 8, bigEndian, from)
  return sum(chunk, at + FRAME_HEADER_BYTES, frameBytes - FRAME_HEADER_BYTES, bigEndian, head)
}

/** The checksum of SQLite's log format: over pairs of 32-bit words, in the byte order the header names. */
function sum(view: DataView, at: number, length: number, bigEndian: boolean, from: Checksum): Checksum {
  let [a, b] = from
  for (let offset = at; offset < at + length; offset += 8) {
    a = (a + view.getUint32(offset, !bigEndian) + b) >>> 0
    b = (b + view.getUint32(offset + 4, !bigEndian) + a) >>> 0
  }
  return [a, b]
}

function openWal(file: string): number | null {
  try {
    return openSync(file, 'r')
  } catch {
    return null // no log: everything is in the main file
  }
}

function readAt(fd: number, position: number, length: number): DataView {
  const bytes = new Uint8Array(length)
  let read = 0
  while (read < length) {
    const count = readSync(fd, bytes, read, length - read, position + read)
    if (count === 0) break
    read += count
  }
  return new DataView(bytes.buffer, 0, read)
}
