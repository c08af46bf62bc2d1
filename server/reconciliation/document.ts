// The stored form of a report: newline-delimited JSON. The first line is the report, then comes a line for each
// discrepancy that it names, the most urgent first. Money is decimal strings, as at every wire.

import { accountSpec } from '../../shared/accounts.ts'
import { findAsset, formatAmount } from '../../shared/assets.ts'
import type { JsonObject } from '../jobs/port.ts'
import { CHECKS, type CheckResult, type Discrepancy } from './checks.ts'
import type { Proposal } from './matching/judgement.ts'
import { allDiscrepancies, namedOf, type Report, severityCounts, verdictOf } from './report.ts'

export const REPORT_FORMAT = 'leetgaming reconciliation 1'
export const DOCUMENT_TYPE = 'application/x-ndjson'

/** Small enough for a list of runs. */
export function summaryOf(report: Report): JsonObject {
  const all = allDiscrepancies(report)
  return {
    verdict: verdictOf(report),
    as_of: timeOf(report.asOfMs),
    discrepancies: { ...severityCounts(all) },
    not_checked: report.checks.filter(({ status }) => status === 'not_checked').map(nameOfCheck),
  }
}

export function documentOf(report: Report): Uint8Array {
  const all = allDiscrepancies(report)
  const named = namedOf(all)
  const lines = [headOf(report, all.length - named.length), ...named.map(discrepancyBody)]
  return Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`, 'utf8')
}

export function headOf(report: Report, leftOut: number) {
  const all = allDiscrepancies(report)
  return {
    format: REPORT_FORMAT,
    data_set: report.dataSetId,
    verdict: verdictOf(report),
    as_of: timeOf(report.asOfMs),
    made_at: timeOf(report.madeAtMs),
    accounts_asked: report.accountsAsked === null ? null : [...report.accountsAsked],
    discrepancies: severityCounts(all),
    left_out: leftOut,
    checks: report.checks.map(checkBody),
    providers: report.providers.map(({ result, statement, covers, sums }) => ({
      account: result.account ?? '',
      statement,
      covers: covers.map(({ fromMs, toMs }) => ({ from: timeOf(fromMs), to: timeOf(toMs) })),
      sums: sums.map(({ asset, ledgerMinor, statementMinor, matchedMinor }) => ({
        currency: asset,
        ledger: amountOf(ledgerMinor, asset),
        statement: amountOf(statementMinor, asset),
        matched: amountOf(matchedMinor, asset),
        off: amountOf(statementMinor - ledgerMinor, asset),
      })),
    })),
    unused_accounts: [...report.unused],
    balances: report.assets.map(({ asset, debits, credits, accounts }) => ({
      currency: asset,
      debits: amountOf(debits, asset),
      credits: amountOf(credits, asset),
      accounts: accounts.map(([account, minor]) => ({
        account,
        title: accountSpec(account)?.title ?? '',
        balance: amountOf(minor, asset),
      })),
    })),
    records: report.records,
    beyond_store: report.beyondStore,
    positions: report.positions.map(({ partition, seq, head }) => ({ partition, seq, head })),
  }
}

export function discrepancyBody(one: Discrepancy) {
  const { asset, amountMinor, ageMs, class: kind } = one
  return {
    id: one.id,
    check: one.check,
    class: kind,
    severity: one.severity,
    account: one.account,
    currency: asset,
    direction: one.direction,
    amount: amountMinor === null || asset === null ? null : amountOf(amountMinor, asset),
    age_seconds: ageMs === null ? null : Math.floor(ageMs / 1000),
    records: [...one.records],
    lines: [...one.lines],
    references: [...one.references],
    text: one.text,
    suggested: one.suggested,
    proposal: one.proposal === null ? null : proposalBody(one.proposal),
  }
}

export function nameOfCheck({ check, account }: Pick<CheckResult, 'check' | 'account'>): string {
  return account === null ? check : `${check} ${account}`
}

function checkBody(result: CheckResult) {
  const { check, account, status, reason, counts, discrepancies } = result
  return {
    check,
    account,
    what: CHECKS[check],
    status,
    reason,
    counts: { ...counts },
    discrepancies: severityCounts(discrepancies),
  }
}

function proposalBody(proposal: Proposal) {
  if (proposal.kind === 'withdrawal') {
    const { kind, wallet, id, step } = proposal
    return { kind, wallet_id: wallet, withdrawal: id, step }
  }
  const { kind, wallet, direction, account, asset, amountMinor, reason } = proposal
  return { kind, wallet_id: wallet, direction, account, currency: asset, amount: amountOf(amountMinor, asset), reason }
}

function amountOf(minor: bigint, asset: string): string {
  const spec = findAsset(asset)
  return spec === null ? minor.toString() : formatAmount(minor, spec)
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString()
}
