// A record and a batch as the ledger store has to have them, from the journal's bytes (J3, S1), and as it has them: the
// same fields in the same order, as text, so that they can be hashed and compared.

import { isOwnedAccount } from '../../../shared/accounts.ts'
import { legName } from '../../mongo/documents.ts'
import { readHeader, readRecord } from '../lines.ts'
import { Names } from '../names.ts'
import type { EntryLine, HeaderLine, RecordLine } from '../recordLine.ts'
import { Scanner } from '../scanner.ts'
import type { DocumentOf } from './ledgerShapes.ts'
import type { Row } from './rowDigests.ts'

export interface ReadBatch {
  readonly header: HeaderLine
  readonly records: readonly RecordLine[]
  readonly position: number
  readonly hash: string
  readonly bytes: Uint8Array
}

/** For bytes that the audit has found to be a batch. */
export function readBatch(bytes: Uint8Array): Pick<ReadBatch, 'header' | 'records' | 'bytes'> {
  const scan = new Scanner(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), new Names())
  const header = readHeader(scan)
  return { header, records: Array.from({ length: header.count }, () => readRecord(scan)), bytes }
}

export interface LedgerRows {
  readonly records: readonly Row[]
  readonly batch: Row
  /** Legs on owned accounts: lines of history. */
  readonly legs: number
}

export function rowsOf({ header, records, position, hash, bytes }: ReadBatch): LedgerRows {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const [headerLine = '', ...lines] = text.split('\n')
  const batch = {
    lastSeq: String(header.first + header.count - 1),
    position: String(position),
    hash,
    header: headerLine,
  }
  let legs = 0
  const rows = records.map((record, index) => {
    const { seq, actor, atMs, operation, cause, entries } = record
    const accounts = legsOf(entries)
    legs += accounts.length
    const key = cause.kind === 'command' ? cause.key : ''
    const fields = {
      line: lines[index] ?? '',
      actor,
      at: String(atMs),
      op: operation,
      key,
      accounts: accounts.join(' '),
    }
    return { seq, fields }
  })
  return { records: rows, batch: { seq: header.first, fields: batch }, legs }
}

export function storedRecord({ _id, line, actor, at, op, key = '', accounts }: DocumentOf<'records'>): Row {
  const fields = { line, actor, at: String(at.getTime()), op, key, accounts: accounts.join(' ') }
  return { seq: _id.seq, fields }
}

export function storedBatch({ _id, lastSeq, position, hash, header }: DocumentOf<'batches'>): Row {
  return { seq: _id.seq, fields: { lastSeq: String(lastSeq), position: String(position), hash, header } }
}

/** What history finds a record by: each owned account, numbered where it has several legs. */
function legsOf(entries: readonly EntryLine[]): readonly string[] {
  const legs = new Map<string, number>()
  return entries
    .filter(({ account }) => isOwnedAccount(account))
    .map(({ account }) => {
      const leg = (legs.get(account) ?? 0) + 1
      legs.set(account, leg)
      return legName(account, leg)
    })
}
