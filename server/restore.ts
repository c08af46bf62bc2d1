// `npm run restore -- --from BACKUP --data DIR`: a data folder from what `npm run backup` made (docs/operations.md, "Backup
// and restore"), whole or as it was at a moment. The folder must not be there, or be empty. Exit code 0 when it is made, 1
// when the backup is damaged or the moment refused, and nothing is written then, 2 when it could not be tried.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checkedBackup } from './backup/checkedBackup.ts'
import { SECRET_FILE } from './backup/dataFiles.ts'
import { restoreBackup } from './backup/restoreBackup.ts'
import { runProgram, UsageError } from './commandLine.ts'
import type { Environment } from './config.ts'
import { momentArgument } from './export/momentArgument.ts'
import { refuse } from './proof/commandFiles.ts'
import { systemClock } from './system.ts'

const USAGE = `usage: npm run restore -- --from BACKUP --data DIR [--as-of TIME]
       npm run restore -- --from BACKUP --check`

/** Answers the exit code. */
async function run(args: readonly string[], _env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      from: { type: 'string' },
      data: { type: 'string' },
      'as-of': { type: 'string' },
      check: { type: 'boolean', default: false },
    },
  })
  const { from, data, check } = values
  if (from === undefined || from === '') throw new UsageError('--from takes a backup')
  const asOfMs = momentArgument(values['as-of'])
  if (check) {
    if (data !== undefined || asOfMs !== null) throw new UsageError('--check reads the backup alone')
    return checkOnly(from)
  }
  if (data === undefined || data === '') throw new UsageError('--data takes a new folder')
  const order = { from: resolve(from), data: resolve(data), asOfMs, nowMs: systemClock.nowMs() }
  const made = await restoreBackup(order)
  if (made.kind === 'refused') return refuse(`${from}: ${made.why}`)
  const { backup, records, leftOut } = made.value
  const without = leftOut === 0 ? '' : `, without ${leftOut} whose batches or causes reach beyond it`
  const through = asOfMs === null ? backup.journalAt : `${new Date(asOfMs).toISOString()}${without}`
  console.log(`${data}: ${records} records of data set ${backup.dataSetId} through ${through}`)
  if (!backup.files.some(({ name }) => name === SECRET_FILE))
    console.log(`${SECRET_FILE} is not in it: give the server the secret it had, or second factors end`)
  console.log(`Check it with npm run verify, then start with PARTITIONS=${backup.partitions.length}.`)
  return 0
}

function checkOnly(from: string): number {
  const checked = checkedBackup(resolve(from))
  if (checked.kind === 'refused') return refuse(`${from}: ${checked.why}`)
  const { files, records, journalAt } = checked.value
  console.log(`${from}: ${files.length} files as the manifest says, ${records} records through ${journalAt}`)
  return 0
}

await runProgram({ usage: USAGE, expects: [], run })
