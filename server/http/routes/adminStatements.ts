// Statements of accounts that no provider is asked about, a bank's for one: staff hand them in, in pieces where they are
// long, and each is kept as it was handed in.

import { z } from 'zod'
import { isReconcilable } from '../../reconciliation/reconcile.ts'
import type { StatementBook, StoredStatement } from '../../reconciliation/statements/book.ts'
import { statementId } from '../../reconciliation/statements/book.ts'
import { SANDBOX_ACCOUNTS } from '../../reconciliation/statements/sandboxStatement.ts'
import { readStatement } from '../../reconciliation/statements/statementText.ts'
import { changed, ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeText } from '../schemas.ts'
import { statementBody, statementRowSchema } from './reconciliationForms.ts'

const listSchema = z.object({ statements: z.array(statementRowSchema), next_cursor: z.string().nullable() })
const common = {
  path: '/admin/reconciliation/statements',
  tag: 'reconciliation',
  auth: 'staff',
  rate: 'general',
} as const

/** `sandbox`: whether the sandbox provider has accounts of its own here. */
export function adminStatementRoutes(book: StatementBook, nowMs: () => number, sandbox: boolean): readonly Route[] {
  return [handInRoute(book, nowMs, sandbox), listRoute(book)]
}

function handInRoute(book: StatementBook, nowMs: () => number, sandbox: boolean): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    summary: 'Hand in a statement, or a piece of one; the same one again changes nothing',
    body: statementBody,
    responses: { 200: statementRowSchema },
    errors: [
      'invalid_request',
      'reconciliation.statement_account',
      'reconciliation.statement_line',
      'reconciliation.too_many_statements',
      'rate_limited',
      'unavailable',
    ],
    async handle({ body, caller }) {
      const { account, format, text } = body
      const ours = sandbox && SANDBOX_ACCOUNTS.includes(account)
      if (ours || !isReconcilable(account)) return refuse('reconciliation.statement_account')
      const period = { fromMs: startOf(body.from), toMs: endOf(body.to) }
      if (period.fromMs > period.toMs) return refuseField('to', 'is before from')
      // It would cover what has not happened yet.
      if (period.toMs > nowMs()) return refuseField('to', 'is in the future')
      const read = readStatement(text, format, period)
      if (read.kind === 'refused')
        return refuse('reconciliation.statement_line', { details: { text: `line ${read.line}: ${read.why}` } })
      const handedIn = { account, format, text, ...period }
      const statement: StoredStatement = {
        ...handedIn,
        id: statementId(handedIn),
        lines: read.lines.length,
        by: caller.userId,
        atMs: nowMs(),
      }
      const outcome = await book.add(statement)
      if (outcome === 'full') return refuse('reconciliation.too_many_statements')
      const { id, lines } = statement
      return changed(rowBody(statement), { before: null, after: { statement: id, account, lines, outcome } })
    },
  })
}

function listRoute(book: StatementBook): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    summary: 'Statements that were handed in, newest first',
    query: z.object({
      cursor: z.string().max(64).optional().meta({ description: '`next_cursor` of the page before' }),
      limit: z.coerce.number().int().min(1).max(100).default(50),
    }),
    responses: { 200: listSchema },
    errors: ['invalid_request', 'rate_limited', 'unavailable'],
    async handle({ query: { cursor, limit } }) {
      const rows = await book.list(cursor ?? null, limit + 1)
      const shown = rows.slice(0, limit)
      const next = rows.length > limit ? (shown.at(-1)?.id ?? null) : null
      return ok({ statements: shown.map(rowBody), next_cursor: next } satisfies z.input<typeof listSchema>)
    },
  })
}

type Row = Omit<StoredStatement, 'text'>

function rowBody({ id, account, format, fromMs, toMs, lines, by, atMs }: Row): z.input<typeof statementRowSchema> {
  return {
    ...{ id, account, format, lines },
    from: timeText(fromMs),
    to: timeText(toMs),
    handed_in_by: by,
    handed_in_at: timeText(atMs),
  }
}

const DAY_MS = 24 * 60 * 60 * 1000

function startOf(text: string): number {
  return Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text)
}

function endOf(text: string): number {
  return text.length === 10 ? startOf(text) + DAY_MS - 1 : Date.parse(text)
}
