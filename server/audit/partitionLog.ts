// One partition's log as the auditor follows it: the frame around its records. Chain, seqs, epochs (J3), positions (J2),
// sizes (J1), time and timers (A7). What the records say about money is checked in records.ts.

import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Accounts } from './accounts.ts'
import { KeyWindow } from './keys.ts'
import { readHeader, readRecord } from './lines.ts'
import type { Names } from './names.ts'
import type { HeaderLine, RecordLine } from './recordLine.ts'
import { LINE_FEED, Scanner } from './scanner.ts'
import { broken } from './violation.ts'

/** `prev` of a partition's first batch. */
export const GENESIS = '0'.repeat(64)
const MAX_RECORD_BYTES = 256 * 1024

export interface LiveTimer {
  readonly actor: string
  readonly name: string
  readonly dueMs: number
  /** JSON text. */
  readonly body: string
}

export interface RawBatch {
  readonly header: HeaderLine
  /** Stands at the next record. */
  readonly scan: Scanner
}

export class PartitionLog {
  readonly partition: number
  seq = 0
  epoch = 0
  /** Time of the last record. */
  atMs = 0
  position = 0
  /** SHA-256 of the last batch. */
  head = GENESIS
  batches = 0
  bytes = 0
  readonly accounts = new Accounts()
  readonly keys = new KeyWindow()
  /** By actor key and name: set, not cancelled, not fired. */
  readonly timers = new Map<string, LiveTimer>()

  private readonly names: Names

  constructor(partition: number, names: Names) {
    this.partition = partition
    this.names = names
  }

  /** Checks a batch's frame and its link to the one before; its records are read one by one after this. */
  open(position: number, bytes: Uint8Array): RawBatch {
    if (position <= this.position) broken('J2', `position ${position} follows ${this.position}`)
    if (!isUtf8(bytes)) broken('J3', 'batch is not UTF-8 text')
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (buffer.at(-1) !== LINE_FEED) broken('J3', 'batch does not end with a line feed')
    const scan = new Scanner(buffer, this.names)
    const header = readHeader(scan)
    if (header.prev !== this.head)
      broken('J3', `chain is cut: prev is ${header.prev}, the batch before hashes to ${this.head}`)
    if (header.partition !== this.partition) broken('J3', `batch says it is of partition ${header.partition}`)
    if (header.first !== this.seq + 1) broken('J3', `batch begins at seq ${header.first} after ${this.seq}`)
    const held = linesIn(buffer) - 1
    if (header.count !== held) broken('J3', `header counts ${header.count} records, the batch holds ${held}`)
    if (header.count === 0) broken('J3', 'batch without records')
    if (header.epoch < this.epoch) broken('J3', `epoch goes back from ${this.epoch} to ${header.epoch}`)
    return { header, scan }
  }

  /** Reads the next record and checks its place: gapless seq, size, time, and epoch records where they belong. */
  next({ header, scan }: RawBatch, index: number): RecordLine {
    const start = scan.at
    const record = readRecord(scan)
    const size = scan.at - start - 1
    if (size > MAX_RECORD_BYTES) broken('J1', `record of ${size} bytes, at most ${MAX_RECORD_BYTES}`)
    if (record.seq !== this.seq + 1) broken('J3', `record says seq ${record.seq} after ${this.seq}`)
    if (record.atMs < this.atMs) broken('A7', `record is ${this.atMs - record.atMs} ms older than the one before`)
    const opensEpoch = index === 0 && header.epoch > this.epoch
    const isEpoch = record.cause.kind === 'epoch'
    if (opensEpoch && !isEpoch) broken('J3', `epoch ${header.epoch} does not begin with an epoch record`)
    if (isEpoch && !opensEpoch) broken('J3', `epoch record in the midst of epoch ${this.epoch}`)
    this.epoch = header.epoch
    this.seq = record.seq
    this.atMs = record.atMs
    return record
  }

  close(position: number, bytes: Uint8Array): void {
    this.position = position
    this.head = hashOf(bytes)
    this.batches++
    this.bytes += bytes.byteLength
  }

  /** A7: a timer fires once, as it was last set, and not before it is due. */
  fire(record: RecordLine, name: string, dueMs: number): void {
    const key = `${record.actor} ${name}`
    const timer = this.timers.get(key)
    if (timer === undefined) broken('A7', `fires timer ${name}, which is not set`)
    if (timer.dueMs !== dueMs) broken('A7', `fires timer ${name} due at ${dueMs}, it is set to ${timer.dueMs}`)
    if (dueMs > record.atMs) broken('A7', `timer ${name} fires ${dueMs - record.atMs} ms early`)
    this.timers.delete(key)
  }

  changeTimers(record: RecordLine): void {
    for (const { name, dueMs, body } of record.timers) {
      const key = `${record.actor} ${name}`
      if (dueMs === null) this.timers.delete(key)
      else this.timers.set(key, { actor: record.actor, name, dueMs, body: body.text() })
    }
  }
}

/** SHA-256 of a batch: what the next one names as `prev`. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function linesIn(buffer: Buffer): number {
  let lines = 0
  for (let at = buffer.indexOf(LINE_FEED); at !== -1; at = buffer.indexOf(LINE_FEED, at + 1)) lines++
  return lines
}
