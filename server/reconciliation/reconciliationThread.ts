// The thread of a reconciliation: reads everything, and hands back the report as its document.

import { serveThread } from '../jobs/jobThread.ts'
import type { JobResult } from '../jobs/port.ts'
import { DOCUMENT_TYPE, documentOf, summaryOf } from './document.ts'
import { withSources } from './openSources.ts'
import { reconcile } from './reconcile.ts'
import type { ReconciliationInput } from './reconciliationJob.ts'
import { alarmOf } from './report.ts'

function work({ target, production, request }: ReconciliationInput): Promise<JobResult> {
  return withSources(target, { production }, async (sources) => {
    const report = await reconcile(sources, request)
    const document = documentOf(report)
    return { summary: summaryOf(report), document, documentType: DOCUMENT_TYPE, alarm: alarmOf(report) }
  })
}

serveThread(work)
