// `npm run import -- --from EXPORT --data DIR`: makes a data folder from what `npm run export` wrote (docs/ledger.md,
// "Export"). The folder must not be there, or be empty. Exit code 0 when it is made, 1 when the export is damaged, and
// nothing is left then, 2 when it could not be tried.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runProgram, UsageError } from './commandLine.ts'
import type { Environment } from './config.ts'
import { importLedger } from './export/importLedger.ts'
import { refuse } from './proof/commandFiles.ts'

const USAGE = 'usage: npm run import -- --from EXPORT --data DIR'

/** Answers the exit code. */
async function run(args: readonly string[], _env: Environment): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { from: { type: 'string' }, data: { type: 'string' } } })
  const { from, data } = values
  if (from === undefined || from === '') throw new UsageError('--from takes an export')
  if (data === undefined || data === '') throw new UsageError('--data takes a new folder')
  const made = await importLedger(resolve(from), resolve(data))
  if (made.kind === 'refused') return refuse(`${from}: ${made.why}`)
  const { records, dataSetId, partitions } = made.value
  console.log(`${data}: ${records} records in ${partitions.length} partitions of data set ${dataSetId}`)
  console.log(
    `Start with PARTITIONS=${partitions.length}; the store is made from it then. Check it with npm run verify.`,
  )
  return 0
}

await runProgram({ usage: USAGE, expects: [], run })
