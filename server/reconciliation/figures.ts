// The newest reconciliation as figures: what it found by severity, and its verdict. When it was made is told of every job.

import type { JobDesk } from '../jobs/jobDesk.ts'
import type { JobRun } from '../jobs/port.ts'
import type { Metrics } from '../metrics.ts'
import { SEVERITIES } from './matching/judgement.ts'
import { VERDICTS } from './report.ts'

export function watchReconciliation(metrics: Pick<Metrics, 'watchEach'>, jobs: Pick<JobDesk, 'status'>): void {
  const last = (): JobRun | null => jobs.status().find(({ kind }) => kind === 'reconciliation')?.lastDone ?? null
  metrics.watchEach('leet_reconciliation_discrepancies', 'Discrepancies of the newest reconciliation', 'severity', () =>
    discrepanciesOf(last()),
  )
  metrics.watchEach('leet_reconciliation_verdict', 'Verdict of the newest reconciliation: 1', 'verdict', () => {
    const run = last()
    return run === null ? {} : Object.fromEntries(VERDICTS.map((name) => [name, run.summary?.verdict === name ? 1 : 0]))
  })
}

/** Empty where none was made yet: nothing found and not looked are two things. */
function discrepanciesOf(run: JobRun | null): Readonly<Record<string, number>> {
  const told = run?.summary?.discrepancies
  if (typeof told !== 'object' || told === null) return {}
  const counts = new Map<string, unknown>(Object.entries(told))
  return Object.fromEntries(SEVERITIES.map((severity) => [severity, Number(counts.get(severity) ?? 0)]))
}
