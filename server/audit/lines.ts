// The auditor's own reading of a log's lines (docs/runtime.md, "Bytes of the log"): the header of a batch, and records.
// It shares nothing with the program's codec and takes nothing for granted. Events, bodies and replies stay as they are.

import { Raw } from './raw.ts'
import type { CauseLine, EntryLine, EnvelopeLine, HeaderLine, MoneyLine, RecordLine, TimerLine } from './recordLine.ts'
import { CLOSE_LIST, CLOSE_OBJECT, COMMA, LINE_FEED, OPEN_LIST, OPEN_OBJECT, type Scanner, ZERO } from './scanner.ts'
import { broken } from './violation.ts'

const NO_EVENTS = Raw.of('[]')
const NULL = Raw.of('null')
const NONE: readonly never[] = Object.freeze([])
const HASH = /^[0-9a-f]{64}$/

type Draft<Line> = { -readonly [Key in keyof Line]: Line[Key] }

/** Stands in a record being read until its cause has come by. */
const NO_CAUSE: CauseLine = Object.freeze({ kind: 'epoch' })

export function readHeader(scan: Scanner): HeaderLine {
  const header: Draft<HeaderLine> = { partition: -1, epoch: -1, prev: '', first: -1, count: -1, delivered: NONE }
  let version = -1
  scan.expect(OPEN_OBJECT)
  do {
    const key = scan.key()
    if (key === 'v') version = scan.count()
    else if (key === 'partition' || key === 'epoch' || key === 'first' || key === 'count') header[key] = scan.count()
    else if (key === 'prev') header.prev = scan.string()
    else if (key === 'delivered') header.delivered = readList(scan, readDelivered)
    else scan.fail(`unknown key ${JSON.stringify(key)}`)
  } while (scan.skip(COMMA))
  endLine(scan)
  if (version !== 1) broken('J3', `batch of format version ${version}; this auditor reads version 1`)
  if (Math.min(header.partition, header.epoch, header.first, header.count) < 0) broken('J3', 'header is not complete')
  if (!HASH.test(header.prev)) broken('J3', `prev is no SHA-256: ${JSON.stringify(header.prev)}`)
  return header
}

export function readRecord(scan: Scanner): RecordLine {
  const record: Draft<RecordLine> = {
    seq: -1,
    atMs: -1,
    actor: '',
    cause: NO_CAUSE,
    refused: null,
    parked: false,
    operation: 'none',
    events: NO_EVENTS,
    entries: NONE,
    outbox: NONE,
    timers: NONE,
    reply: NULL,
  }
  scan.expect(OPEN_OBJECT)
  do readField(scan, scan.key(), record)
  while (scan.skip(COMMA))
  endLine(scan)
  if (record.seq < 0 || record.atMs < 0) broken('J3', 'record without seq or time')
  if (record.cause === NO_CAUSE) broken('J3', 'record has no cause')
  if (record.refused !== null && record.parked) broken('J3', 'record is both refused and parked')
  return record
}

function readField(scan: Scanner, key: string, record: Draft<RecordLine>): void {
  switch (key) {
    case 's':
      record.seq = scan.count()
      return
    case 't':
      record.atMs = scan.count()
      return
    case 'a':
      record.actor = scan.name()
      return
    case 'x':
      record.refused = scan.filled()
      return
    case 'p':
      scan.string() // the reason
      record.parked = true
      return
    case 'op':
      record.operation = scan.filled()
      return
    case 'ev':
      record.events = readEvents(scan)
      return
    case 'en':
      record.entries = readList(scan, readEntry)
      return
    case 'out':
      record.outbox = readList(scan, readEnvelope)
      return
    case 'ti':
      record.timers = readList(scan, readTimer)
      return
    case 'r':
      record.reply = scan.value()
      return
    default: {
      // J3: exactly one of c, f, m, e.
      const cause = readCause(scan, key)
      if (record.cause !== NO_CAUSE) broken('J3', `record has two causes, ${record.cause.kind} and ${cause.kind}`)
      record.cause = cause
    }
  }
}

function readCause(scan: Scanner, key: string): CauseLine {
  switch (key) {
    case 'c': {
      scan.expect(OPEN_LIST)
      const name = scan.name()
      scan.expect(COMMA)
      const idempotencyKey = scan.string()
      scan.expect(COMMA)
      const hash = scan.string()
      scan.expect(COMMA)
      scan.value() // request id
      scan.expect(CLOSE_LIST)
      return { kind: 'command', name, key: idempotencyKey, hash }
    }
    case 'f': {
      scan.expect(OPEN_LIST)
      const source = scan.count()
      scan.expect(COMMA)
      const number = scan.count()
      scan.expect(COMMA)
      const seq = scan.count()
      scan.expect(CLOSE_LIST)
      return { kind: 'envelope', source, number, seq }
    }
    case 'm': {
      scan.expect(OPEN_LIST)
      const name = scan.string()
      scan.expect(COMMA)
      const dueMs = scan.count()
      scan.expect(CLOSE_LIST)
      return { kind: 'timer', name, dueMs }
    }
    case 'e':
      if (scan.count() !== 1) scan.fail('e is not 1')
      return { kind: 'epoch' }
    default:
      return scan.fail(`unknown key ${JSON.stringify(key)}`)
  }
}

function readEvents(scan: Scanner): Raw {
  const events = scan.value()
  return events.isList ? events : scan.fail('ev is no list')
}

function readDelivered(scan: Scanner): readonly [number, number] {
  scan.expect(OPEN_LIST)
  const destination = scan.count()
  scan.expect(COMMA)
  const through = scan.count()
  scan.expect(CLOSE_LIST)
  return [destination, through]
}

function readEntry(scan: Scanner): EntryLine {
  scan.expect(OPEN_LIST)
  const account = scan.name()
  scan.expect(COMMA)
  const asset = scan.name()
  scan.expect(COMMA)
  const side = scan.name()
  if (side !== 'D' && side !== 'C') scan.fail('side is not D or C')
  scan.expect(COMMA)
  const amountMinor = readAmount(scan)
  scan.expect(COMMA)
  const afterMinor = scan.minor()
  scan.expect(CLOSE_LIST)
  return { account, asset, debit: side === 'D', amountMinor, afterMinor }
}

function readEnvelope(scan: Scanner): EnvelopeLine {
  scan.expect(OPEN_LIST)
  const destination = scan.count()
  scan.expect(COMMA)
  const number = scan.count()
  scan.expect(COMMA)
  const to = scan.name()
  scan.expect(COMMA)
  const name = scan.name()
  scan.expect(COMMA)
  const money = scan.skip(ZERO) ? null : readMoney(scan)
  scan.expect(COMMA)
  const body = scan.value()
  scan.expect(CLOSE_LIST)
  return { destination, number, to, name, money, body }
}

function readMoney(scan: Scanner): MoneyLine {
  scan.expect(OPEN_LIST)
  const asset = scan.name()
  scan.expect(COMMA)
  const amountMinor = readAmount(scan)
  scan.expect(CLOSE_LIST)
  return { asset, amountMinor }
}

function readTimer(scan: Scanner): TimerLine {
  scan.expect(OPEN_LIST)
  const name = scan.string()
  if (scan.skip(CLOSE_LIST)) return { name, dueMs: null, body: NULL }
  scan.expect(COMMA)
  const dueMs = scan.count()
  scan.expect(COMMA)
  const body = scan.value()
  scan.expect(CLOSE_LIST)
  return { name, dueMs, body }
}

// M1: an amount is positive.
function readAmount(scan: Scanner): bigint {
  const minor = scan.minor()
  return minor > 0n ? minor : broken('M1', `amount ${minor} is not positive`)
}

function readList<Item>(scan: Scanner, item: (scan: Scanner) => Item): readonly Item[] {
  const items: Item[] = []
  scan.expect(OPEN_LIST)
  if (scan.skip(CLOSE_LIST)) return items
  do items.push(item(scan))
  while (scan.skip(COMMA))
  scan.expect(CLOSE_LIST)
  return items
}

function endLine(scan: Scanner): void {
  scan.expect(CLOSE_OBJECT)
  scan.expect(LINE_FEED)
}
