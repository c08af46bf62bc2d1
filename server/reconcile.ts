// `npm run reconcile [-- …]`: the ledger against itself, its store and its providers' statements, of a data folder or of
// the services of a cluster, servers running or not. Exit code 0 when all is clean, 1 when there are discrepancies, 2 when
// not everything was checked, or nothing could be.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ReadingError } from './audit/cluster/readingError.ts'
import { auditTarget } from './audit/target.ts'
import { runProgram, UsageError } from './commandLine.ts'
import type { Environment } from './config.ts'
import { messageOf } from './dataSetError.ts'
import { documentOf } from './reconciliation/document.ts'
import { type SourceOptions, withSources } from './reconciliation/openSources.ts'
import { isReconcilable, reconcile } from './reconciliation/reconcile.ts'
import { verdictOf } from './reconciliation/report.ts'
import { reportText } from './reconciliation/reportText.ts'
import { fileStatement, type HandedIn } from './reconciliation/statements/fileStatement.ts'
import { readStatement } from './reconciliation/statements/statementText.ts'

const USAGE = `usage: npm run reconcile [-- [--data DIR] [--as-of TIME] [--out FILE]
                          [--statement FILE --account ACCOUNT --from TIME --to TIME]]`

const OPTIONS = {
  data: { type: 'string' },
  'as-of': { type: 'string' },
  out: { type: 'string' },
  statement: { type: 'string' },
  account: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
} as const

const EXIT_CODES = { clean: 0, discrepancies: 1, incomplete: 2 } as const

/** Answers the exit code. */
async function run(args: readonly string[], env: Environment): Promise<number> {
  const { values } = parseArgs({ args: [...args], allowPositionals: false, options: OPTIONS })
  const { data, out, statement, account, from, to } = values
  const asOf = values['as-of']
  const asOfMs = asOf === undefined ? null : momentOf(asOf, '--as-of')
  if (out !== undefined && existsSync(out)) throw new UsageError(`${out} is there already`)
  const given = givenStatement({ statement, account, from, to })
  const options: SourceOptions = {
    production: env.NODE_ENV === 'production',
    ...(given === null ? {} : { given: { account: given.account, statement: fileStatement(onlyOf(given)) } }),
  }
  const report = await withSources(auditTarget(data, env), options, (sources) =>
    reconcile(sources, { asOfMs, accounts: null }),
  )
  if (out !== undefined) writeFileSync(out, documentOf(report), { flag: 'wx' })
  console.log(reportText(report))
  return EXIT_CODES[verdictOf(report)]
}

interface GivenOptions {
  readonly statement: string | undefined
  readonly account: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
}

/** Null where none is named. A line that is not of the form is a mistake in the words. */
function givenStatement({ statement, account, from, to }: GivenOptions): HandedIn | null {
  if (statement === undefined) {
    if (account ?? from ?? to) throw new UsageError('--account, --from and --to say what --statement FILE is of')
    return null
  }
  if (account === undefined || !isReconcilable(account)) throw new UsageError('--account takes one such as 1001')
  const period = { fromMs: momentOf(from, '--from'), toMs: momentOf(to, '--to') }
  if (period.fromMs > period.toMs) throw new UsageError('--from is after --to')
  let text: string
  try {
    text = readFileSync(statement, 'utf8')
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
  const given: HandedIn = { account, ...period, format: statement.endsWith('.csv') ? 'csv' : 'ndjson', text }
  const read = readStatement(text, given.format, period)
  if (read.kind === 'refused') throw new UsageError(`${statement}, line ${read.line}: ${read.why}`)
  return given
}

function onlyOf(given: HandedIn) {
  return async function* (account: string): AsyncGenerator<HandedIn> {
    if (account === given.account) yield given
  }
}

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/

function momentOf(text: string | undefined, option: string): number {
  const atMs = text !== undefined && MOMENT.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(atMs)) throw new UsageError(`${option} takes a time such as 2026-11-30 or 2026-11-30T23:59:59Z`)
  return atMs
}

await runProgram({ usage: USAGE, expects: [ReadingError], run })
