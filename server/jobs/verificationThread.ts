// The thread of a verification. What it finds is the run's result, and an alarm; that it could not read is a failure.

import { KINDS } from '../../actors/kinds.ts'
import { auditServices, openAuditedServices } from '../audit/cluster/clusterAudit.ts'
import { auditDataSet, type DataSetReport } from '../audit/dataset.ts'
import { auditRange, RANGE_LEAVES_OUT, type RangeReport } from '../audit/rangeAudit.ts'
import { type Audited, reportJson } from '../audit/report.ts'
import type { Target } from '../audit/target.ts'
import { LEDGER_END, type Violation } from '../audit/violation.ts'
import { DataSetError } from '../dataSetError.ts'
import { openSource } from '../proof/source.ts'
import { serveThread } from './jobThread.ts'
import type { JobResult, JsonObject } from './port.ts'
import type { VerificationInput, VerifiedRange } from './verification.ts'

async function verify({ target, range }: VerificationInput): Promise<JobResult> {
  return range === null ? verifyAll(target) : verifyRange(target, range)
}

async function verifyAll(target: Target): Promise<JobResult> {
  let report: DataSetReport
  try {
    report = await auditOf(target)
  } catch (error) {
    // What is damaged beyond reading is a finding as well.
    if (error instanceof DataSetError) return resultOf({ scope: 'all' }, damage(error.message), null)
    throw error
  }
  const { records, batches, partitions } = report.summary
  const projected = report.store === null ? null : { ...report.store }
  const figures = { scope: 'all', partitions: partitions.length, records, batches, store: projected, not_checked: [] }
  return resultOf(figures, report.violation, reportJson(namedBy(target), report))
}

async function auditOf(target: Target): Promise<DataSetReport> {
  if (target.kind === 'folder') return auditDataSet(target.folder, KINDS, 'running')
  const opened = await openAuditedServices(target.services)
  try {
    return await auditServices(opened, KINDS)
  } finally {
    await opened.close()
  }
}

async function verifyRange(target: Target, { partitions, ...range }: VerifiedRange): Promise<JobResult> {
  const scope = { scope: 'range', from_seq: range.fromSeq, to_seq: range.toSeq }
  const opened = await openSource(target)
  if (opened.kind === 'refused') return resultOf(scope, damage(opened.why), null)
  const source = opened.value
  const reports: RangeReport[] = []
  try {
    for (const partition of partitions ?? Array(source.partitions).keys()) {
      const report = await auditRange(source, partition, range)
      reports.push(report)
      if (report.violation !== null) break
    }
  } finally {
    await source.close()
  }
  const records = reports.reduce((sum, report) => sum + report.records, 0)
  const figures = { ...scope, partitions: reports.length, records, not_checked: [...RANGE_LEAVES_OUT] }
  const violation = reports.at(-1)?.violation ?? null
  const document = { ...scope, partitions: reports, not_checked: RANGE_LEAVES_OUT, sound: violation === null }
  return resultOf(figures, violation, JSON.stringify(document, null, 2))
}

function resultOf(figures: JsonObject, violation: Violation | null, document: string | null): JobResult {
  const found = violation === null ? null : { ...violation }
  const text = violation === null ? '' : `broken ${violation.invariant} at ${violation.at}: ${violation.message}`
  return {
    summary: { sound: violation === null, violation: found, ...figures },
    document: document === null ? null : Buffer.from(`${document}\n`, 'utf8'),
    documentType: document === null ? null : 'application/json; charset=utf-8',
    alarm: violation === null ? null : { severity: 'critical', text },
  }
}

function damage(message: string): Violation {
  return { invariant: 'J3', at: LEDGER_END, message, part: 'journal' }
}

function namedBy(target: Target): Audited {
  return target.kind === 'folder' ? { folder: target.folder } : { dataSet: target.services.dataSet }
}

serveThread(verify)
