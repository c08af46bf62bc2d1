// The forms of reconciliation on the wire: a report as document.ts writes it, and statements as staff hand them in.

import { z } from 'zod'
import { CHECKS, type CheckName } from '../../reconciliation/checks.ts'
import { SEVERITIES } from '../../reconciliation/matching/judgement.ts'
import { VERDICTS } from '../../reconciliation/report.ts'
import { STATEMENT_FORMATS } from '../../reconciliation/statements/statementText.ts'
import { moneySchema, timeSchema } from '../schemas.ts'

const checkNames = Object.keys(CHECKS) as [CheckName, ...CheckName[]] // the keys of that table
const counts = z.object({ info: z.int(), warning: z.int(), critical: z.int() })

export const discrepancySchema = z
  .object({
    id: z.string().meta({ description: 'the same from run to run, as long as it is there' }),
    check: z.enum(checkNames),
    class: z.string().meta({ description: 'docs/ledger.md, Reconciliation' }),
    severity: z.enum(SEVERITIES),
    account: z.string().nullable(),
    currency: z.string().nullable(),
    direction: z.enum(['in', 'out']).nullable().meta({ description: 'in: the statement has more than the ledger' }),
    amount: moneySchema.nullable(),
    age_seconds: z.int().nullable(),
    records: z.array(z.string()),
    lines: z.array(z.string()).meta({ description: 'ids of the statement’s lines' }),
    references: z.array(z.string()),
    text: z.string(),
    suggested: z.string().nullable().meta({ description: 'has the same amount and no name in common: no match' }),
    proposal: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'what staff may order; nothing is ever done by itself' }),
  })
  .meta({ id: 'Discrepancy' })

export const reportSchema = z
  .object({
    id: z.string(),
    format: z.string(),
    data_set: z.string(),
    verdict: z.enum(VERDICTS).meta({ description: 'clean: everything was checked, and nothing differs' }),
    as_of: timeSchema,
    made_at: timeSchema,
    accounts_asked: z.array(z.string()).nullable(),
    discrepancies: counts,
    left_out: z.int().meta({ description: 'discrepancies that are counted and not named' }),
    checks: z.array(
      z.object({
        check: z.enum(checkNames),
        account: z.string().nullable(),
        what: z.string(),
        status: z.enum(['clean', 'discrepancies', 'not_checked']),
        reason: z.string().nullable().meta({ description: 'why it was not checked' }),
        counts: z.record(z.string(), z.int()),
        discrepancies: counts,
      }),
    ),
    providers: z.array(
      z.object({
        account: z.string(),
        statement: z.string().nullable().meta({ description: 'whose word was taken' }),
        covers: z.array(z.object({ from: timeSchema, to: timeSchema })),
        sums: z.array(
          z.object({
            currency: z.string(),
            ledger: z.string(),
            statement: z.string(),
            matched: z.string(),
            off: z.string(),
          }),
        ),
      }),
    ),
    unused_accounts: z.array(z.string()).meta({ description: 'without an entry and without a statement' }),
    balances: z.array(
      z.object({
        currency: z.string(),
        debits: z.string(),
        credits: z.string(),
        accounts: z.array(z.object({ account: z.string(), title: z.string(), balance: z.string() })),
      }),
    ),
    records: z.int(),
    beyond_store: z.int().meta({ description: 'records that the store did not have yet: not compared with it' }),
    positions: z
      .array(z.object({ partition: z.int(), seq: z.int(), head: z.string() }))
      .meta({ description: 'the last record read of each partition' }),
    named: z.array(discrepancySchema).meta({ description: 'the most urgent; the export has all' }),
  })
  .meta({ id: 'ReconciliationReport' })

export const reportRowSchema = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    day: z.iso.date().nullable(),
    requested_by: z.string(),
    started_at: timeSchema,
    ended_at: timeSchema.nullable(),
    error: z.string().nullable(),
    verdict: z.enum(VERDICTS).nullable(),
    as_of: timeSchema.nullable(),
    discrepancies: counts.nullable(),
    not_checked: z.array(z.string()).nullable(),
  })
  .meta({ id: 'ReconciliationRun' })

export const statementRowSchema = z.object({
  id: z.string(),
  account: z.string(),
  format: z.enum(STATEMENT_FORMATS),
  from: timeSchema,
  to: timeSchema,
  lines: z.int(),
  handed_in_by: z.string(),
  handed_in_at: timeSchema,
})

/** Beside a body's other fields, within what a body may have. */
export const STATEMENT_TEXT_MAX = 60_000

const moment = z
  .union([z.iso.datetime(), z.iso.date()])
  .meta({ description: 'a moment, or a date: at `from` its beginning, at `to` its end (UTC)' })

export const statementBody = z.object({
  account: z.string().max(64).meta({ description: 'one that no provider is asked about, such as 1001' }),
  from: moment,
  to: moment,
  format: z.enum(STATEMENT_FORMATS),
  text: z.string().max(STATEMENT_TEXT_MAX).meta({
    description: 'CSV with the head id,time,direction,currency,amount,references, or objects of these fields',
  }),
})
