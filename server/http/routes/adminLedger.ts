// What staff ask of the ledger: one record, pages of entries, balances and trial balances of any moment (docs/ledger.md).
// Reads only; statements are beside it, in adminLedgerStatement.ts.

import { z } from 'zod'
import type { LedgerDesk } from '../../ledger/ledgerDesk.ts'
import type { CausedQuestion, EntriesQuestion, TrialAnswer } from '../../ledger/questions.ts'
import { type Answer, ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { amountSchema, moneySchema, readMoney } from '../schemas.ts'
import { causedBody, causedCursorSchema, causeSchema } from './adminLedgerCause.ts'
import {
  accountSchema,
  actorSchema,
  assetSchema,
  basisBody,
  basisForm,
  beginOf,
  cursorSchema,
  cursorText,
  endOf,
  entryTypeSchema,
  legBody,
  legSchema,
  limitSchema,
  momentOf,
  momentSchema,
  moneyText,
  positionSchema,
  recordBody,
  recordSchema,
  typeSchema,
  walletSchema,
} from './adminLedgerForms.ts'
import { statementRoute } from './adminLedgerStatement.ts'

const LIMIT_DEFAULT = 50
const OTHER_LIST = 'is one of another list'
const COMMON = { method: 'GET', tag: 'ledger', auth: 'staff', rate: 'general' } as const
const ERRORS = ['invalid_request', 'rate_limited', 'overloaded', 'unavailable'] as const
const MOMENT_ERRORS = ['ledger.as_of_in_future', 'ledger.as_of_before_first', 'ledger.past_not_ready'] as const

export function adminLedgerRoutes(ledger: LedgerDesk): readonly Route[] {
  return [recordRoute(ledger), entriesRoute(ledger), balanceRoute(ledger), trialRoute(ledger), statementRoute(ledger)]
}

function recordRoute(ledger: LedgerDesk): Route {
  return defineRoute({
    ...COMMON,
    path: '/admin/ledger/records/{id}',
    summary: 'One record, with the balance after each of its entries and the batch that it stands in',
    params: z.object({ id: positionSchema }),
    responses: { 200: recordSchema },
    errors: [...ERRORS, 'not_found'],
    async handle({ params }) {
      const answer = await ledger.ask({ kind: 'record', ...params.id })
      return answer.kind === 'refused' ? refuse(answer.code) : ok(recordBody(answer))
    },
  })
}

const entriesQuery = z.object({
  account: accountSchema.optional(),
  wallet_id: walletSchema.optional().meta({ description: 'every account of this wallet' }),
  actor: actorSchema.optional().meta({ description: 'every account of this wallet, match or tournament' }),
  asset: assetSchema.optional(),
  type: typeSchema.optional(),
  entry_type: entryTypeSchema.optional(),
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  min_amount: amountSchema.optional().meta({ description: 'inclusive; needs the asset' }),
  max_amount: amountSchema.optional().meta({ description: 'inclusive; needs the asset' }),
  cause: causeSchema.optional(),
  cursor: z.union([causedCursorSchema, cursorSchema]).optional(),
  limit: limitSchema.optional(),
})

const entriesSchema = z.object({
  entries: z.array(legSchema.extend({ depth: z.int().optional() })).meta({
    description: 'newest first; with `cause` each record before what it caused, `depth` envelopes from the first',
  }),
  next_cursor: z.string().nullable().meta({
    description: 'null at the end; a page that found little in what it may look through has one and few entries',
  }),
  undelivered: z.int().optional().meta({ description: 'with `cause`: envelopes that no record has taken yet' }),
  ...basisForm,
})

function entriesRoute(ledger: LedgerDesk): Route {
  return defineRoute({
    ...COMMON,
    path: '/admin/ledger/entries',
    summary:
      'Entries by account, wallet, actor, asset, type, amount, time and cause; one of account, actor, cause or begin is needed',
    query: entriesQuery,
    responses: { 200: entriesSchema },
    errors: [...ERRORS, 'not_found', 'ledger.filter_too_wide', 'ledger.past_not_ready'],
    async handle({ query }) {
      const question = entriesQuestion(query)
      if (question.kind === 'refused') return question
      const answer = await ledger.ask(question)
      if (answer.kind === 'refused') return refuse(answer.code)
      if (answer.kind === 'caused')
        return ok({ ...causedBody(answer), ...basisBody(answer) } satisfies z.input<typeof entriesSchema>)
      const next_cursor = answer.next === null ? null : cursorText(answer.next)
      const entries = answer.legs.map(legBody)
      return ok({ entries, next_cursor, ...basisBody(answer) } satisfies z.input<typeof entriesSchema>)
    },
  })
}

type Asked = EntriesQuestion | CausedQuestion | (Answer & { kind: 'refused' })

function entriesQuestion(query: z.output<typeof entriesQuery>): Asked {
  const { account, wallet_id: wallet, asset, cause, cursor = null } = query
  if (wallet !== undefined && query.actor !== undefined && query.actor !== `wallet/${wallet}`)
    return refuseField('wallet_id', 'and actor name two')
  const amounts: { min: bigint | null; max: bigint | null } = { min: null, max: null }
  for (const side of ['min', 'max'] as const) {
    const amount = query[`${side}_amount`]
    if (amount === undefined) continue
    if (asset === undefined) return refuseField('asset', 'is needed to read an amount')
    const money = readMoney(asset, amount)
    if (money.kind === 'refused') return money
    amounts[side] = money.amountMinor
  }
  const filters = {
    account: account ?? null,
    actor: query.actor ?? (wallet === undefined ? null : `wallet/${wallet}`),
    asset: asset ?? null,
    operation: query.type ?? null,
    side: query.entry_type ?? null,
    fromMs: query.from === undefined ? null : beginOf(query.from),
    toMs: query.to === undefined ? null : endOf(query.to),
    minMinor: amounts.min,
    maxMinor: amounts.max,
    limit: query.limit ?? LIMIT_DEFAULT,
  }
  const isOfCauses = cursor !== null && 'path' in cursor
  if (cause === undefined)
    return isOfCauses ? refuseField('cursor', OTHER_LIST) : { kind: 'entries', ...filters, cursor }
  return cursor === null || isOfCauses
    ? { kind: 'caused', ...filters, cause, cursor }
    : refuseField('cursor', OTHER_LIST)
}

const balanceQuery = z.object({
  account: accountSchema.optional(),
  wallet_id: walletSchema.optional().meta({ description: 'what this wallet has available' }),
  asset: assetSchema.optional(),
  as_of: momentSchema.optional(),
})

const balanceSchema = z.object({ account: z.string(), asset: z.string(), balance: moneySchema, ...basisForm })

function balanceRoute(ledger: LedgerDesk): Route {
  return defineRoute({
    ...COMMON,
    path: '/admin/ledger/balance',
    summary:
      'Balance of an account at a moment; a system account is summed over its partitions, a bare code over its owners',
    query: balanceQuery,
    responses: { 200: balanceSchema },
    errors: [...ERRORS, ...MOMENT_ERRORS, 'ledger.account_unknown'],
    async handle({ query }) {
      const { asset, wallet_id: wallet } = query
      const account = query.account ?? (wallet === undefined ? undefined : `2001:${wallet}`)
      if (account === undefined) return refuseField('account', 'is needed')
      if (asset === undefined) return refuseField('asset', 'is needed')
      const atMs = query.as_of === undefined ? null : momentOf(query.as_of, ledger.nowMs())
      if (atMs !== null && atMs > ledger.nowMs()) return refuse('ledger.as_of_in_future')
      const answer = await ledger.ask({ kind: 'balance', account, asset, atMs })
      if (answer.kind === 'refused') return refuse(answer.code)
      const balance = moneyText(answer.minor, asset)
      return ok({ account, asset, balance, ...basisBody(answer) } satisfies z.input<typeof balanceSchema>)
    },
  })
}

const trialSchema = z.object({
  accounts: z.array(
    z.object({
      asset: z.string(),
      code: z.string(),
      title: z.string(),
      class: z.enum(['asset', 'liability', 'equity', 'revenue', 'expense']),
      debit: moneySchema,
      credit: moneySchema,
    }),
  ),
  totals: z.array(z.object({ asset: z.string(), debit: moneySchema, credit: moneySchema, balanced: z.boolean() })),
  balanced: z.boolean().meta({ description: 'whether debit and credit are the same in every asset' }),
  ...basisForm,
})

function trialRoute(ledger: LedgerDesk): Route {
  return defineRoute({
    ...COMMON,
    path: '/admin/ledger/trial-balance',
    summary: 'Every account code with its balance as debit or credit, per asset, at a moment',
    query: z.object({ asset: assetSchema.optional(), as_of: momentSchema.optional() }),
    responses: { 200: trialSchema },
    errors: [...ERRORS, ...MOMENT_ERRORS],
    async handle({ query }) {
      const atMs = query.as_of === undefined ? null : momentOf(query.as_of, ledger.nowMs())
      if (atMs !== null && atMs > ledger.nowMs()) return refuse('ledger.as_of_in_future')
      const answer = await ledger.ask({ kind: 'trial', asset: query.asset ?? null, atMs })
      return answer.kind === 'refused' ? refuse(answer.code) : ok(trialBody(answer))
    },
  })
}

function trialBody(answer: TrialAnswer): z.input<typeof trialSchema> {
  const sums = new Map<string, { debit: bigint; credit: bigint }>()
  for (const { asset, debitMinor, creditMinor } of answer.rows) {
    const sum = sums.get(asset) ?? { debit: 0n, credit: 0n }
    sums.set(asset, { debit: sum.debit + debitMinor, credit: sum.credit + creditMinor })
  }
  const totals = [...sums].map(([asset, { debit, credit }]) => {
    return { asset, debit: moneyText(debit, asset), credit: moneyText(credit, asset), balanced: debit === credit }
  })
  return {
    accounts: answer.rows.map(({ asset, code, title, class: kind, debitMinor, creditMinor }) => {
      return {
        asset,
        code,
        title,
        class: kind,
        debit: moneyText(debitMinor, asset),
        credit: moneyText(creditMinor, asset),
      }
    }),
    totals,
    balanced: totals.every(({ balanced }) => balanced),
    ...basisBody(answer),
  }
}
