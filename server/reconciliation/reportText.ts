// What `npm run reconcile` prints: every check with its outcome, then the most urgent of what was found.

import type { CheckResult } from './checks.ts'
import { discrepancyBody, nameOfCheck } from './document.ts'
import { allDiscrepancies, type Report, severityCounts, verdictOf } from './report.ts'

const SHOWN = 20

export function reportText(report: Report): string {
  const all = allDiscrepancies(report)
  const urgent = all.filter(({ severity }) => severity !== 'info')
  const { critical, warning, info } = severityCounts(all)
  const lines = [
    `data set       ${report.dataSetId}`,
    `as of          ${new Date(report.asOfMs).toISOString()}`,
    `records        ${report.records} in ${report.positions.length} partitions, ${report.beyondStore} not in the store yet`,
    ...report.checks.map(checkText),
    ...report.unused.map((account) => `account ${account}: no entry on it and no statement of it`),
    `${critical} critical, ${warning} warnings, ${info} explained by age or time`,
    ...urgent.slice(0, SHOWN).map(discrepancyText),
    ...(urgent.length > SHOWN ? [`… and ${urgent.length - SHOWN} more: --out FILE has all`] : []),
    VERDICTS[verdictOf(report)],
  ]
  return lines.join('\n')
}

const VERDICTS = {
  clean: 'CLEAN: everything was checked, and nothing differs',
  discrepancies: 'DISCREPANCIES',
  incomplete: 'INCOMPLETE: what was checked is clean; not everything was checked',
} as const

function checkText(result: CheckResult): string {
  const counts = Object.entries(result.counts).map(([name, count]) => `${count} ${name}`)
  const more = result.reason ?? counts.join(', ')
  return `${nameOfCheck(result).padEnd(24)} ${result.status.replace('_', ' ').padEnd(14)} ${more}`.trimEnd()
}

function discrepancyText(one: Parameters<typeof discrepancyBody>[0]): string {
  const { severity, class: kind, account, amount, currency, direction, records, lines, text } = discrepancyBody(one)
  const money = amount === null || currency === null ? '' : ` ${direction ?? ''} ${amount} ${currency}`
  const where = [...records, ...lines].join(' ')
  return `${severity} ${kind}${account === null ? '' : ` ${account}`}${money} ${where}: ${text}`.replace(/ {2,}/g, ' ')
}
