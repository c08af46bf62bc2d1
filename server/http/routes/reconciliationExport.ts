// A report to be taken away: as it is stored, or its discrepancies as rows of a CSV.

import { DOCUMENT_TYPE } from '../../reconciliation/document.ts'
import { discrepancyLines } from '../../reconciliation/storedReport.ts'
import type { Answer } from '../answer.ts'
import { csvCell } from './statementText.ts'

const COLUMNS = [
  'id',
  'check',
  'class',
  'severity',
  'account',
  'currency',
  'direction',
  'amount',
  'age_seconds',
  'records',
  'lines',
  'references',
  'suggested',
  'text',
] as const

export async function exportAnswer(document: Uint8Array, format: 'csv' | 'ndjson'): Promise<Answer> {
  if (format === 'ndjson') {
    const body = Buffer.from(document.buffer, document.byteOffset, document.byteLength).toString('utf8')
    return { kind: 'text', status: 200, contentType: DOCUMENT_TYPE, body }
  }
  const rows: string[] = [COLUMNS.join(',')]
  for await (const line of discrepancyLines(document)) {
    const fields: Readonly<Record<string, unknown>> = JSON.parse(line)
    rows.push(COLUMNS.map((column) => csvCell(cellOf(fields[column]))).join(','))
  }
  return { kind: 'text', status: 200, contentType: 'text/csv; charset=utf-8', body: `${rows.join('\r\n')}\r\n` }
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.join(' ') : String(value)
}
