// The bytes of a batch: one JSON line for the header, one for each record, each ended by a line feed.
// Encoding is canonical (fixed key order, no spaces), so the same batch is always the same bytes, and a batch appended
// once can be appended again identically (J2). Record lines are assembled by hand (recordWriter.ts): JSON.stringify with
// bigint handling costs three times as much.

import { hash } from 'node:crypto'
import type {
  Batch,
  BatchHeader,
  Cause,
  Entry,
  Envelope,
  Json,
  LogRecord,
  Operation,
  Outcome,
  TimerChange,
} from './record.ts'

export const FORMAT_VERSION = 1
export const GENESIS_HASH = '0'.repeat(64)
/** J1: the largest encoded record. */
export const MAX_RECORD_BYTES = 256 * 1024

/** SHA-256 over the exact bytes appended (J3), hex. */
export function hashBatch(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

/** M6: SHA-256 of a command's canonical text, base64url. */
export function hashText(text: string): string {
  return hash('sha256', text, 'base64url')
}

export function encodeHeader(header: BatchHeader): string {
  const delivered = header.delivered.length === 0 ? '' : `,"delivered":${JSON.stringify(header.delivered)}`
  return `{"v":${FORMAT_VERSION},"partition":${header.partition},"epoch":${header.epoch},"prev":"${header.previousHash}","first":${header.firstSeq},"count":${header.count}${delivered}}\n`
}

/** A batch of these record lines (as bytes). */
export function encodeBatch(header: BatchHeader, lines: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(encodeHeader(header), 'utf8'), lines])
}

type WireEntry = [string, string, 'D' | 'C', string, string]
type WireEnvelope = [number, number, string, string, 0 | [string, string], Json]
interface WireRecord {
  s: number
  t: number
  a: string
  c?: [string, string, string, string]
  f?: [number, number, number]
  m?: [string, number]
  e?: 1
  x?: string
  p?: string
  op?: Operation
  ev?: Json[]
  en?: WireEntry[]
  out?: WireEnvelope[]
  ti?: ([string] | [string, number, Json])[]
  r?: Json
}
interface WireHeader {
  v: number
  partition: number
  epoch: number
  prev: string
  first: number
  count: number
  delivered?: [number, number][]
}

/** Thrown when bytes that were appended cannot be read back: a corrupted log, never a client's doing. */
export class CorruptBatchError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CorruptBatchError'
  }
}

export function decodeHeader(line: string): BatchHeader {
  const wire = parse(line) as WireHeader
  if (wire.v !== FORMAT_VERSION)
    throw new CorruptBatchError(`batch of format version ${wire.v}, this program reads ${FORMAT_VERSION}`)
  return {
    version: 1,
    partition: wire.partition,
    epoch: wire.epoch,
    previousHash: wire.prev,
    firstSeq: wire.first,
    count: wire.count,
    delivered: wire.delivered ?? [],
  }
}

/** Reads a batch and checks its own frame: header, count and consecutive seqs. Throws CorruptBatchError. */
export function decodeBatch(bytes: Uint8Array): Batch {
  try {
    return readBatch(bytes)
  } catch (error) {
    if (error instanceof CorruptBatchError) throw error
    // JSON of another shape than this program writes.
    throw new CorruptBatchError(`batch is not of the form it was written in: ${String(error)}`)
  }
}

function readBatch(bytes: Uint8Array): Batch {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new CorruptBatchError('batch does not end with a line feed')
  const header = decodeHeader(lines[0] ?? '')
  if (lines.length - 1 !== header.count) {
    throw new CorruptBatchError(
      `${header.partition}:${header.firstSeq}: ${lines.length - 1} records, header says ${header.count}`,
    )
  }
  const records: LogRecord[] = new Array(header.count)
  for (let index = 0; index < header.count; index++) {
    const record = decodeRecord(lines[index + 1] ?? '', header.partition)
    if (record.seq !== header.firstSeq + index) {
      throw new CorruptBatchError(`${header.partition}:${header.firstSeq + index}: found seq ${record.seq}`)
    }
    records[index] = record
  }
  return { header, records }
}

const NOTHING: readonly never[] = Object.freeze([])
const ACCEPTED: Outcome = Object.freeze({ kind: 'accepted' })

export function decodeRecord(line: string, partition: number): LogRecord {
  const wire = parse(line) as WireRecord
  return {
    seq: wire.s,
    atMs: wire.t,
    actor: wire.a,
    cause: decodeCause(wire),
    outcome:
      wire.x !== undefined
        ? { kind: 'refused', code: wire.x }
        : wire.p !== undefined
          ? { kind: 'parked', reason: wire.p }
          : ACCEPTED,
    operation: wire.op ?? 'none',
    events: wire.ev ?? NOTHING,
    entries: wire.en === undefined ? NOTHING : wire.en.map(decodeEntry),
    outbox: wire.out === undefined ? NOTHING : wire.out.map((envelope) => decodeEnvelope(envelope, wire, partition)),
    timers: wire.ti === undefined ? NOTHING : wire.ti.map(decodeTimer),
    reply: wire.r ?? null,
  }
}

function decodeCause(wire: WireRecord): Cause {
  if (wire.c !== undefined)
    return { kind: 'command', name: wire.c[0], key: wire.c[1], hash: wire.c[2], requestId: wire.c[3] }
  if (wire.f !== undefined) return { kind: 'envelope', source: wire.f[0], number: wire.f[1], seq: wire.f[2] }
  if (wire.m !== undefined) return { kind: 'timer', name: wire.m[0], dueMs: wire.m[1] }
  if (wire.e !== undefined) return { kind: 'epoch' }
  throw new CorruptBatchError(`record ${wire.s} has no cause`)
}

function decodeEntry(wire: WireEntry): Entry {
  return {
    account: wire[0],
    asset: wire[1],
    side: wire[2] === 'D' ? 'debit' : 'credit',
    amountMinor: BigInt(wire[3]),
    balanceAfterMinor: BigInt(wire[4]),
  }
}

function decodeEnvelope(wire: WireEnvelope, record: WireRecord, source: number): Envelope {
  return {
    source,
    destination: wire[0],
    number: wire[1],
    seq: record.s,
    atMs: record.t,
    from: record.a,
    to: wire[2],
    name: wire[3],
    money: wire[4] === 0 ? null : { asset: wire[4][0], amountMinor: BigInt(wire[4][1]) },
    body: wire[5],
  }
}

function decodeTimer(wire: [string] | [string, number, Json]): TimerChange {
  return wire.length === 1
    ? { kind: 'cancel', name: wire[0] }
    : { kind: 'set', name: wire[0], dueMs: wire[1], body: wire[2] }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new CorruptBatchError(`line is not JSON: ${line.slice(0, 80)}`)
  }
}
