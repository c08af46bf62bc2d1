// What a run has to say, and its verdict: `clean` only where every check was made and nothing was found. What was not
// checked is said by name, with the reason.

import type { AssetFigures } from '../proof/trialBalance.ts'
import type { CheckResult, Discrepancy } from './checks.ts'
import type { PartitionReach } from './ledger/ledgerReading.ts'
import { MOST_NAMED } from './limits.ts'
import { compareText } from './matching/items.ts'
import type { Severity } from './matching/judgement.ts'
import type { ProviderResult } from './providerCheck.ts'

export const VERDICTS = ['clean', 'discrepancies', 'incomplete'] as const
export type Verdict = (typeof VERDICTS)[number]

export interface Report {
  readonly dataSetId: string
  /** Of the providers' side: what is after it is not judged. The ledger's own side is as of its positions. */
  readonly asOfMs: number
  readonly madeAtMs: number
  readonly accountsAsked: readonly string[] | null
  readonly positions: readonly PartitionReach[]
  readonly records: number
  readonly beyondStore: number
  readonly assets: readonly AssetFigures[]
  readonly checks: readonly CheckResult[]
  readonly providers: readonly ProviderResult[]
  /** Accounts without an entry and without a statement. */
  readonly unused: readonly string[]
}

export type SeverityCounts = Readonly<Record<Severity, number>>

export function verdictOf({ checks }: Pick<Report, 'checks'>): Verdict {
  if (checks.some(({ status }) => status === 'discrepancies')) return 'discrepancies'
  return checks.some(({ status }) => status === 'not_checked') ? 'incomplete' : 'clean'
}

export function severityCounts(discrepancies: readonly Discrepancy[]): SeverityCounts {
  const counts = { critical: 0, warning: 0, info: 0 }
  for (const { severity } of discrepancies) counts[severity]++
  return counts
}

const URGENCY: readonly Severity[] = ['critical', 'warning', 'info']

/** Of all checks, the most urgent first and the oldest of them. */
export function allDiscrepancies({ checks }: Pick<Report, 'checks'>): readonly Discrepancy[] {
  return checks
    .flatMap(({ discrepancies }) => discrepancies)
    .sort(
      (a, b) =>
        URGENCY.indexOf(a.severity) - URGENCY.indexOf(b.severity) ||
        (b.ageMs ?? Number.MAX_SAFE_INTEGER) - (a.ageMs ?? Number.MAX_SAFE_INTEGER) ||
        compareText(a.id, b.id),
    )
}

/** The part that is named; the others are only counted. */
export function namedOf(discrepancies: readonly Discrepancy[]): readonly Discrepancy[] {
  return discrepancies.slice(0, MOST_NAMED)
}

/** A line for people: what an alarm says. Null where there is nothing to say. */
export function alarmOf(report: Report): { readonly severity: 'warning' | 'critical'; readonly text: string } | null {
  const counts = severityCounts(allDiscrepancies(report))
  const missed = report.checks.filter(({ status }) => status === 'not_checked').length
  if (counts.critical + counts.warning + missed === 0) return null
  const parts = [`${counts.critical} critical and ${counts.warning} other discrepancies`]
  if (missed > 0) parts.push(`${missed} checks were not made`)
  return { severity: counts.critical > 0 ? 'critical' : 'warning', text: parts.join('; ') }
}
