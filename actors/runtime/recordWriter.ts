// The writing half of codec.ts: one record as its line, put together piece by piece into bytes. Ids match ID_PATTERN and
// need no escaping; what comes from clients is escaped.

import { LineBuffer } from './lineBuffer.ts'
import type { Cause, Entry, Envelope, Json, LogRecord, Outcome, TimerChange } from './record.ts'

/** One record as its line, line feed included. */
export function writeRecord(record: LogRecord, into: LineBuffer): void {
  into.add('{"s":')
  into.add(`${record.seq}`)
  into.add(',"t":')
  into.add(timeText(record.atMs))
  into.add(',"a":"')
  into.add(record.actor)
  into.add('"')
  writeCause(record.cause, into)
  writeOutcome(record.outcome, into)
  if (record.operation !== 'none') quoted(',"op":"', record.operation, into)
  if (record.events.length > 0) json(',"ev":', record.events, into)
  if (record.entries.length > 0) list(',"en":', record.entries, writeEntry, into)
  if (record.outbox.length > 0) list(',"out":', record.outbox, writeEnvelope, into)
  if (record.timers.length > 0) list(',"ti":', record.timers, writeTimer, into)
  if (record.reply !== null) json(',"r":', record.reply, into)
  into.add('}\n')
}

/** The same as text: for tests and tools. */
export function encodeRecord(record: LogRecord): string {
  const line = new LineBuffer()
  writeRecord(record, line)
  return line.bytes().toString('utf8')
}

let lastMs = -1
let lastText = ''

/** Records of one moment share their time. */
function timeText(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms
    lastText = `${ms}`
  }
  return lastText
}

function quoted(lead: string, text: string, into: LineBuffer): void {
  into.add(lead)
  into.add(text)
  into.add('"')
}

function json(lead: string, value: Json, into: LineBuffer): void {
  into.add(lead)
  writeJson(value, into)
}

/** The bytes of JSON.stringify, at half its cost for what events and keys are made of: lists of short plain strings. */
function writeJson(value: Json, into: LineBuffer): void {
  if (typeof value === 'string' && isPlain(value)) {
    into.add('"')
    into.add(value)
    into.add('"')
  } else if (Array.isArray(value)) {
    list('', value, writeJson, into)
  } else {
    into.add(JSON.stringify(value))
  }
}

/** Whether JSON needs no escapes: printable ASCII without quote and backslash. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return false
  }
  return true
}

function list<Item>(
  lead: string,
  items: readonly Item[],
  write: (item: Item, into: LineBuffer) => void,
  into: LineBuffer,
): void {
  into.add(lead)
  into.add('[')
  for (let index = 0; index < items.length; index++) {
    if (index > 0) into.add(',')
    write(items[index] as Item, into) // within its length
  }
  into.add(']')
}

function writeCause(cause: Cause, into: LineBuffer): void {
  switch (cause.kind) {
    case 'command':
      // Keys and request ids come from clients: escaped.
      quoted(',"c":["', cause.name, into)
      json(',', cause.key, into)
      quoted(',"', cause.hash, into)
      json(',', cause.requestId, into)
      return into.add(']')
    case 'envelope':
      return into.add(`,"f":[${cause.source},${cause.number},${cause.seq}]`)
    case 'timer':
      json(',"m":[', cause.name, into)
      return into.add(`,${cause.dueMs}]`)
    case 'epoch':
      return into.add(',"e":1')
  }
}

function writeOutcome(outcome: Outcome, into: LineBuffer): void {
  if (outcome.kind === 'refused') quoted(',"x":"', outcome.code, into)
  else if (outcome.kind === 'parked') json(',"p":', outcome.reason, into)
}

function writeEntry(entry: Entry, into: LineBuffer): void {
  quoted('["', entry.account, into)
  quoted(',"', entry.asset, into)
  into.add(entry.side === 'debit' ? ',"D","' : ',"C","')
  into.add(entry.amountMinor.toString())
  quoted('","', entry.balanceAfterMinor.toString(), into)
  into.add(']')
}

function writeEnvelope(envelope: Envelope, into: LineBuffer): void {
  into.add(`[${envelope.destination},${envelope.number}`)
  quoted(',"', envelope.to, into)
  quoted(',"', envelope.name, into)
  if (envelope.money === null) {
    into.add(',0')
  } else {
    quoted(',["', envelope.money.asset, into)
    quoted(',"', envelope.money.amountMinor.toString(), into)
    into.add(']')
  }
  json(',', envelope.body, into)
  into.add(']')
}

function writeTimer(timer: TimerChange, into: LineBuffer): void {
  json('[', timer.name, into)
  if (timer.kind === 'set') {
    into.add(`,${timer.dueMs}`)
    json(',', timer.body, into)
  }
  into.add(']')
}
