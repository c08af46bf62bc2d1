// A statement as staff have it from a bank, as CSV or newline-delimited JSON: read strictly, and the first line that is not
// of the form is named by its number.

import { findAsset, parseAmount } from '../../../shared/assets.ts'
import type { Line } from '../matching/items.ts'
import type { Period } from './port.ts'

export const STATEMENT_FORMATS = ['csv', 'ndjson'] as const
export type StatementFormat = (typeof STATEMENT_FORMATS)[number]

export type ReadStatement =
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  /** `line` counts from 1. */
  | { readonly kind: 'refused'; readonly line: number; readonly why: string }

export const FIELDS = ['id', 'time', 'direction', 'currency', 'amount', 'references'] as const
type Field = (typeof FIELDS)[number]
type Fields = Readonly<Record<Field, string>>

const ID = /^[A-Za-z0-9_.:-]{1,64}$/
const REFERENCE = /^[\x21-\x7e]{1,200}$/
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/
const MOST_REFERENCES = 200

/** What is wrong with a line: thrown and caught in here alone. */
class WrongLine extends Error {}

export function readStatement(text: string, format: StatementFormat, period: Period): ReadStatement {
  const rows = text.replace(/\r\n/g, '\n').split('\n')
  if (rows.at(-1) === '') rows.pop()
  const lines: Line[] = []
  const numbers = new Map<string, number>()
  for (const [index, row] of rows.entries()) {
    const number = index + 1
    try {
      const fields = format === 'csv' ? ofCsv(row, number) : ofJson(row)
      if (fields === null) continue
      const line = lineOf(fields, period)
      const first = numbers.get(line.id)
      if (first !== undefined) throw new WrongLine(`id ${line.id} is that of line ${first}`)
      numbers.set(line.id, number)
      lines.push(line)
    } catch (error) {
      if (error instanceof WrongLine) return { kind: 'refused', line: number, why: error.message }
      throw error
    }
  }
  const isEmpty = format === 'csv' && rows.length === 0
  return isEmpty ? { kind: 'refused', line: 1, why: `begins with ${FIELDS.join(',')}` } : { kind: 'lines', lines }
}

/** Null for the first line, which names the fields. */
function ofCsv(row: string, number: number): Fields | null {
  const cells = cellsOf(row)
  if (number === 1) {
    if (cells.join(',') !== FIELDS.join(',')) throw new WrongLine(`begins with ${FIELDS.join(',')}`)
    return null
  }
  if (cells.length !== FIELDS.length) throw new WrongLine(`has ${cells.length} fields, not ${FIELDS.length}`)
  const cell = (at: number): string => cells[at] ?? ''
  return {
    ...{ id: cell(0), time: cell(1), direction: cell(2) },
    ...{ currency: cell(3), amount: cell(4), references: cell(5) },
  }
}

/** RFC 4180, within one line: a cell in quotes may hold commas, and a quote twice. */
function cellsOf(row: string): readonly string[] {
  const cells: string[] = []
  let rest = row
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(,|$)/.exec(rest)
    const plain = quoted === null ? /^([^",]*)(,|$)/.exec(rest) : null
    const match = quoted ?? plain
    if (match === null) throw new WrongLine('has a quote where none belongs')
    cells.push(quoted === null ? (match[1] ?? '') : (match[1] ?? '').replaceAll('""', '"'))
    if (match[2] === '') return cells
    rest = rest.slice(match[0].length)
  }
}

function ofJson(row: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(row)
  } catch {
    throw new WrongLine('is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongLine('is no JSON object')
  const given = new Map<string, unknown>(Object.entries(value))
  for (const name of given.keys())
    if (!(FIELDS as readonly string[]).includes(name)) throw new WrongLine(`${name} is no field`)
  const text = (field: Field): string => {
    const found = given.get(field)
    if (field === 'references' && Array.isArray(found)) return found.map(String).join(' ')
    if (typeof found !== 'string') throw new WrongLine(`${field} takes a text`)
    return found
  }
  return {
    ...{ id: text('id'), time: text('time'), direction: text('direction') },
    ...{ currency: text('currency'), amount: text('amount'), references: text('references') },
  }
}

function lineOf({ id, time, direction, currency, amount, references }: Fields, period: Period): Line {
  if (!ID.test(id)) throw new WrongLine('id takes 1 to 64 letters, digits and _ . : -')
  const atMs = TIME.test(time) ? Date.parse(time.length === 10 ? `${time}T00:00:00Z` : time) : Number.NaN
  if (Number.isNaN(atMs)) throw new WrongLine('time takes a date, or RFC 3339 in UTC')
  if (atMs < period.fromMs || atMs > period.toMs) throw new WrongLine(`time ${time} is not in the period`)
  if (direction !== 'in' && direction !== 'out') throw new WrongLine('direction takes in or out')
  const asset = findAsset(currency)
  if (asset === null) throw new WrongLine(`currency ${JSON.stringify(currency)} is no asset`)
  const parsed = parseAmount(amount, asset)
  if (parsed.kind !== 'amount') throw new WrongLine(`amount ${JSON.stringify(amount)} is ${parsed.reason}`)
  const names = references.split(' ').filter((name) => name !== '')
  if (names.length > MOST_REFERENCES) throw new WrongLine(`has more than ${MOST_REFERENCES} references`)
  if (!names.every((name) => REFERENCE.test(name))) throw new WrongLine('a reference has 1 to 200 printable characters')
  return { side: 'line', id, asset: asset.code, direction, amountMinor: parsed.minor, atMs, references: names }
}
