// A statement for people: as CSV for a spreadsheet and as a page to be printed. What stands in them comes from records,
// and so in part from players: no cell is a formula, and no text is markup.

import type { StatementAnswer } from '../../ledger/questions.ts'
import { timeText } from '../schemas.ts'
import { moneyText } from './adminLedgerForms.ts'

export interface StatementTitle {
  readonly account: string
  readonly asset: string
  readonly fromMs: number
  readonly toMs: number
}

const COLUMNS = ['id', 'at', 'type', 'in', 'out', 'balance'] as const

/** RFC 4180. The first line names the columns; opening and closing balance are lines of their own. */
export function statementCsv(title: StatementTitle, answer: StatementAnswer): string {
  const { asset } = title
  const rows: (readonly string[])[] = [
    COLUMNS,
    ['', timeText(title.fromMs), 'opening', '', '', moneyText(answer.openingMinor, asset)],
    ...linesOf(asset, answer),
    [
      '',
      timeText(title.toMs),
      'closing',
      moneyText(answer.inMinor, asset),
      moneyText(answer.outMinor, asset),
      moneyText(answer.closingMinor, asset),
    ],
  ]
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe in front; a plain number is none. */
export function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^-\d+(?:\.\d+)?$/.test(text)
  const safe = isFormula ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function statementHtml(title: StatementTitle, answer: StatementAnswer): string {
  const { account, asset, fromMs, toMs } = title
  const row = (cells: readonly string[], tag = 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${htmlText(cell)}</${tag}>`).join('')}</tr>`
  const asOf = answer.asOfMs === null ? 'no record' : timeText(answer.asOfMs)
  const positions = answer.positions.map(({ partition, seq }) => `${partition}:${seq}`).join(', ')
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>Statement ${htmlText(account)} ${htmlText(asset)}</title>`,
    '</head><body>',
    `<h1>Statement of ${htmlText(account)}, ${htmlText(asset)}</h1>`,
    `<p>From ${timeText(fromMs)} to ${timeText(toMs)}, both included. As of ${asOf}, records through ${positions}.</p>`,
    '<table border="1" cellpadding="4" cellspacing="0">',
    `<thead>${row(COLUMNS, 'th')}</thead><tbody>`,
    row(['', '', 'opening', '', '', moneyText(answer.openingMinor, asset)]),
    ...linesOf(asset, answer).map((line) => row(line)),
    row([
      '',
      '',
      'closing',
      moneyText(answer.inMinor, asset),
      moneyText(answer.outMinor, asset),
      moneyText(answer.closingMinor, asset),
    ]),
    '</tbody></table></body></html>\n',
  ].join('\n')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function htmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

function linesOf(asset: string, { openingMinor, legs }: StatementAnswer): readonly (readonly string[])[] {
  let beforeMinor = openingMinor
  return legs.map(({ partition, seq, atMs, operation, amountMinor, balanceAfterMinor }) => {
    const amount = moneyText(amountMinor, asset)
    const came = balanceAfterMinor > beforeMinor
    beforeMinor = balanceAfterMinor
    const balance = moneyText(balanceAfterMinor, asset)
    return [`${partition}:${seq}`, timeText(atMs), operation, came ? amount : '', came ? '' : amount, balance]
  })
}
