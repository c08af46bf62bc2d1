// `npm run verify [-- --data DIR] [--json]`: audits a data set and says whether its ledger is sound: a data folder, with
// its server stopped, or, where NATS_URL and MONGO_URL are set and no folder is named, the data set there, servers running
// or not. With `--partition N`, `--from SEQ` or `--to SEQ` some records alone, beside a server as well. Exit code 0 when it
// is, 1 when an invariant is broken or data is damaged, 2 when nothing could be audited.

import { parseArgs } from 'node:util'
import { KINDS } from '../actors/kinds.ts'
import { auditServices, openAuditedServices } from './audit/cluster/clusterAudit.ts'
import { ReadingError } from './audit/cluster/readingError.ts'
import { auditDataSet, type DataSetReport } from './audit/dataset.ts'
import { type Audited, reportJson, reportText } from './audit/report.ts'
import { auditTarget, type Target } from './audit/target.ts'
import { type RangeRequest, rangeRequest, verifyRange } from './audit/verifyRange.ts'
import { ConfigError, type Environment } from './config.ts'
import { DataSetError, messageOf } from './dataSetError.ts'
import { lockDataFolder } from './journal/lock.ts'
import type { ChainReport } from './staff/chainCheck.ts'
import { chainText, checkAuditFile } from './staff/verifyAuditLog.ts'

const USAGE = 'usage: npm run verify [-- [--data DIR] [--json] [--partition N]... [--from SEQ] [--to SEQ]]'

interface Request {
  readonly target: Target
  readonly json: boolean
  /** Null: everything. */
  readonly range: RangeRequest | null
}

interface Opened {
  readonly audited: Audited
  audit(): DataSetReport | Promise<DataSetReport>
  /** Of the staff's audit log; null where there is none, or where the operator's tool is the one to ask. */
  auditLog(): ChainReport | null
  close(): void | Promise<void>
}

/** Throws, with a message of one line, where arguments or variables make no sense. */
function readRequest(args: readonly string[], env: Environment): Request {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
      partition: { type: 'string', multiple: true },
      from: { type: 'string' },
      to: { type: 'string' },
    },
    allowPositionals: false,
  })
  return { range: rangeRequest(values), target: auditTarget(values.data, env), json: values.json }
}

async function open(target: Target): Promise<Opened> {
  if (target.kind === 'folder') {
    const { folder } = target
    const lock = lockDataFolder(folder)
    return {
      audited: { folder },
      audit: () => auditDataSet(folder, KINDS),
      auditLog: () => checkAuditFile(folder),
      close: () => lock.release(),
    }
  }
  const opened = await openAuditedServices(target.services)
  return {
    audited: { dataSet: target.services.dataSet },
    audit: () => auditServices(opened, KINDS),
    auditLog: () => null,
    close: () => opened.close(),
  }
}

/** Answers the exit code. */
async function verify(args: readonly string[], env: Environment): Promise<number> {
  let request: Request
  let opened: Opened
  try {
    request = readRequest(args, env)
    if (request.range !== null) return await verifyRange(request.target, request.range, request.json)
    opened = await open(request.target)
  } catch (error) {
    const text = error instanceof ConfigError ? error.problems.join('; ') : messageOf(error)
    console.error(`Cannot verify: ${text}${error instanceof TypeError ? ` (${USAGE})` : ''}`)
    return 2
  }
  try {
    const report = await opened.audit()
    const staff = opened.auditLog()
    const line = staff === null ? null : chainText(staff)
    console.log(request.json ? reportJson(opened.audited, report, staff) : reportText(opened.audited, report, line))
    return report.violation === null && (staff?.broken ?? null) === null ? 0 : 1
  } catch (error) {
    if (!(error instanceof DataSetError || error instanceof ReadingError)) throw error
    console.error(`Cannot verify: ${error.message}`)
    return error instanceof ReadingError ? 2 : 1
  } finally {
    await opened.close()
  }
}

process.exitCode = await verify(process.argv.slice(2), process.env)
