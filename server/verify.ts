// `npm run verify [-- --data DIR] [--json]`: audits a data folder offline and says whether its ledger is sound. Exit code
// 0 when it is, 1 when an invariant is broken or a file is damaged, 2 when there was nothing it could audit.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { KINDS } from '../actors/kinds.ts'
import { auditDataSet } from './audit/dataset.ts'
import { reportJson, reportText } from './audit/report.ts'
import { DataSetError, messageOf } from './dataSetError.ts'
import { lockDataFolder } from './journal/lock.ts'

const USAGE = 'usage: npm run verify [-- [--data DIR] [--json]]'

interface Request {
  readonly folder: string
  readonly json: boolean
}

/** Throws, with a message of one line, where the arguments make no sense. */
function readRequest(args: readonly string[], dataDir: string): Request {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: false,
  })
  const folder = resolve(values.data ?? dataDir)
  const remedy = 'Name a data folder with --data DIR or DATA_DIR'
  // Asked before the folder is locked, which would make it.
  if (!existsSync(folder)) throw new DataSetError(folder, 'no such folder', remedy)
  if (!existsSync(join(folder, 'journal.db')))
    throw new DataSetError(folder, 'no data set is here (journal.db)', remedy)
  return { folder, json: values.json }
}

/** Answers the exit code. */
function verify(args: readonly string[], dataDir: string): number {
  let request: Request
  let lock: ReturnType<typeof lockDataFolder>
  try {
    request = readRequest(args, dataDir)
    lock = lockDataFolder(request.folder)
  } catch (error) {
    console.error(`Cannot verify: ${messageOf(error)}${error instanceof TypeError ? ` (${USAGE})` : ''}`)
    return 2
  }
  const { folder, json } = request
  try {
    const report = auditDataSet(folder, KINDS)
    console.log(json ? reportJson(folder, report) : reportText(folder, report))
    return report.violation === null ? 0 : 1
  } catch (error) {
    if (!(error instanceof DataSetError)) throw error
    console.error(`Cannot verify: ${error.message}`)
    return 1
  } finally {
    lock.release()
  }
}

process.exitCode = verify(process.argv.slice(2), process.env.DATA_DIR ?? './data')
