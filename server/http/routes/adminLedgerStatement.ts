// A statement of an account and a period: as JSON, as CSV for a spreadsheet, or as a page to be printed.

import { z } from 'zod'
import type { LedgerDesk } from '../../ledger/ledgerDesk.ts'
import { type Answer, ok, refuse, refuseField } from '../answer.ts'
import type { HttpHeaders } from '../request.ts'
import { defineRoute, type Route } from '../route.ts'
import { moneySchema, timeSchema, timeText } from '../schemas.ts'
import {
  assetSchema,
  basisBody,
  basisForm,
  beginOf,
  legBody,
  legSchema,
  momentOf,
  momentSchema,
  moneyText,
  ownedAccountSchema,
  walletSchema,
} from './adminLedgerForms.ts'
import { statementCsv, statementHtml } from './statementText.ts'

const FORMATS = ['json', 'csv', 'html'] as const
type Format = (typeof FORMATS)[number]

const statementQuery = z.object({
  account: ownedAccountSchema.optional(),
  wallet_id: walletSchema.optional().meta({ description: 'what this wallet has available' }),
  currency: assetSchema.optional(),
  from: momentSchema.optional(),
  to: momentSchema.optional().meta({ description: 'a date (UTC, all of it so far) or a time; now, if left out' }),
  format: z.enum(FORMATS).optional().meta({ description: 'goes before the Accept header' }),
})

const statementSchema = z.object({
  account: z.string(),
  currency: z.string(),
  from: timeSchema,
  to: timeSchema,
  opening_balance: moneySchema,
  lines: z.array(legSchema.omit({ account: true, asset: true })).meta({ description: 'oldest first' }),
  closing_balance: moneySchema,
  totals: z.object({ in: moneySchema, out: moneySchema, lines: z.int() }),
  ...basisForm,
})

export function statementRoute(ledger: LedgerDesk): Route {
  return defineRoute({
    method: 'GET',
    tag: 'ledger',
    auth: 'staff',
    rate: 'general',
    path: '/admin/ledger/statement',
    summary: 'Statement of a wallet or an owned account: JSON, CSV or a page to be printed',
    query: statementQuery,
    responses: { 200: statementSchema },
    errors: [
      'invalid_request',
      'rate_limited',
      'overloaded',
      'unavailable',
      'ledger.as_of_in_future',
      'ledger.as_of_before_first',
      'ledger.past_not_ready',
      'ledger.account_unknown',
      'ledger.statement_too_long',
    ],
    handle: ({ query, headers }) => answerStatement(ledger, query, headers),
  })
}

async function answerStatement(
  ledger: LedgerDesk,
  query: z.output<typeof statementQuery>,
  headers: HttpHeaders,
): Promise<Answer> {
  const { currency: asset, wallet_id: wallet, from } = query
  const account = query.account ?? (wallet === undefined ? undefined : `2001:${wallet}`)
  if (account === undefined) return refuseField('wallet_id', 'is needed, or account')
  if (asset === undefined) return refuseField('currency', 'is needed')
  if (from === undefined) return refuseField('from', 'is needed')
  const nowMs = ledger.nowMs()
  const fromMs = beginOf(from)
  const toMs = query.to === undefined ? nowMs : momentOf(query.to, nowMs)
  if (toMs > nowMs) return refuse('ledger.as_of_in_future')
  if (fromMs > toMs) return refuseField('from', 'is later than to')
  const answer = await ledger.ask({ kind: 'statement', account, asset, fromMs, toMs })
  if (answer.kind === 'refused') return refuse(answer.code)
  const title = { account, asset, fromMs, toMs }
  switch (query.format ?? formatOf(headers.accept ?? '')) {
    case 'csv':
      return text('text/csv; charset=utf-8; header=present', statementCsv(title, answer))
    case 'html':
      return text('text/html; charset=utf-8', statementHtml(title, answer))
    case 'json':
      return ok({
        account,
        currency: asset,
        from: timeText(fromMs),
        to: timeText(toMs),
        opening_balance: moneyText(answer.openingMinor, asset),
        lines: answer.legs.map((leg) => {
          const { account: _account, asset: _asset, ...line } = legBody(leg)
          return line
        }),
        closing_balance: moneyText(answer.closingMinor, asset),
        totals: {
          in: moneyText(answer.inMinor, asset),
          out: moneyText(answer.outMinor, asset),
          lines: answer.legs.length,
        },
        ...basisBody(answer),
      } satisfies z.input<typeof statementSchema>)
  }
}

/** The first that the client names; JSON where it names none of them. */
function formatOf(accept: string): Format {
  for (const part of accept.split(',')) {
    const type = part.split(';')[0]?.trim()
    if (type === 'application/json') return 'json'
    if (type === 'text/csv') return 'csv'
    if (type === 'text/html') return 'html'
  }
  return 'json'
}

function text(contentType: string, body: string): Answer {
  return { kind: 'text', status: 200, contentType, body }
}
