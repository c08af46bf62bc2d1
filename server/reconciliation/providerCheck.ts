// One account that a provider has the other side of: what the ledger moved on it against what the provider's statement
// says, and what of that is to be looked at.

import type { RecordId } from '../../shared/ids.ts'
import { messageOf } from '../dataSetError.ts'
import { type CheckResult, checked, type Discrepancy, notChecked } from './checks.ts'
import { MOST_ITEMS } from './limits.ts'
import { idOf, type Line, type Movement, ownReference, sumMinor } from './matching/items.ts'
import { nameOf, proposalOf, severityOf, textOf } from './matching/judgement.ts'
import { type Difference, type Match, matchAccount, shapeOf } from './matching/matchAccount.ts'
import { isCovered, type OpenStatement, type Period, type Statement } from './statements/port.ts'

/** What an account came to, per asset, up to the moment of the report: what differs is the sum of what did not match. */
export interface AccountSum {
  readonly asset: string
  readonly ledgerMinor: bigint
  readonly statementMinor: bigint
  readonly matchedMinor: bigint
}

export interface ProviderResult {
  readonly result: CheckResult
  readonly statement: string | null
  readonly covers: readonly Period[]
  readonly sums: readonly AccountSum[]
}

export interface ProviderAccount {
  readonly account: string
  /** Null: more than are matched at once. */
  readonly movements: readonly Movement[] | null
  readonly statements: readonly Statement[]
  readonly asOfMs: number
  readonly isPayable: (id: RecordId) => boolean
}

export async function checkProvider(asked: ProviderAccount): Promise<ProviderResult> {
  const { account, movements, statements, asOfMs } = asked
  const none = (reason: string, statement: string | null = null, covers: readonly Period[] = []): ProviderResult => {
    return { result: notChecked('provider', reason, account), statement, covers, sums: [] }
  }
  if (movements === null) return none(`more than ${MOST_ITEMS} movements: they are not matched at once`)
  const fromMs = movements.reduce((first, { atMs }) => Math.min(first, atMs), asOfMs)
  try {
    for (const statement of statements) {
      const opened = await statement.open(account, { fromMs, toMs: asOfMs })
      if (opened === null) continue
      const lines = await linesOf(opened)
      if (lines === null) return none(`more than ${MOST_ITEMS} lines: they are not matched at once`, statement.name)
      return compare(asked, movements, lines, statement, opened)
    }
  } catch (error) {
    return none(`its statement cannot be read: ${messageOf(error)}`)
  }
  return none('there is no statement of it')
}

async function linesOf(opened: OpenStatement): Promise<readonly Line[] | null> {
  const lines: Line[] = []
  for await (const page of opened.pages()) {
    for (const line of page) lines.push(line)
    if (lines.length > MOST_ITEMS) return null
  }
  return lines
}

function compare(
  { account, asOfMs, isPayable }: ProviderAccount,
  movements: readonly Movement[],
  lines: readonly Line[],
  statement: Statement,
  { covers, complete }: OpenStatement,
): ProviderResult {
  const terms = { asOfMs, lateness: statement.lateness, covers: (atMs: number) => isCovered(covers, atMs) }
  const { matches, differences } = matchAccount(movements, lines, terms)
  const found = differences
    .filter(({ class: kind }) => kind !== 'beyond')
    .map((difference) => discrepancyOf(account, difference, isPayable))
  const counts = countsOf(movements, lines, matches, differences)
  const result = checked('provider', counts, found, account)
  // Of a part nobody says anything: that part was not checked, and so the account was not.
  const gap = `its statement does not cover all of the time since its first movement (${counts.not_covered ?? 0} movements)`
  return {
    result: !complete && result.status === 'clean' ? { ...result, status: 'not_checked', reason: gap } : result,
    statement: statement.name,
    covers,
    sums: sumsOf(movements, lines, matches, asOfMs),
  }
}

function discrepancyOf(account: string, difference: Difference, isPayable: (id: RecordId) => boolean): Discrepancy {
  const { class: kind, asset, movements, lines, offMinor, ageMs, suggested } = difference
  return {
    id: nameOf(account, difference),
    check: 'provider',
    class: kind,
    severity: severityOf(difference),
    account,
    asset,
    direction: offMinor < 0n ? 'out' : 'in',
    amountMinor: offMinor < 0n ? -offMinor : offMinor,
    ageMs,
    records: movements.map(idOf),
    lines: lines.map(idOf),
    references: [...new Set([...movements, ...lines].flatMap(({ references }) => references))].sort(),
    text: textOf(difference),
    suggested: suggested === null ? null : ownReference(suggested),
    proposal: proposalOf(account, difference, isPayable),
  }
}

function countsOf(
  movements: readonly Movement[],
  lines: readonly Line[],
  matches: readonly Match[],
  differences: readonly Difference[],
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { movements: movements.length, lines: lines.length, matched: matches.length }
  const add = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  for (const match of matches) add(`matched ${shapeOf(match)}`)
  for (const { class: kind } of differences) add(kind)
  return counts
}

function sumsOf(
  movements: readonly Movement[],
  lines: readonly Line[],
  matches: readonly Match[],
  asOfMs: number,
): readonly AccountSum[] {
  const assets = [...new Set([...movements, ...lines].map(({ asset }) => asset))].sort()
  const matched = matches.flatMap(({ movements: booked }) => booked)
  return assets.map((asset) => {
    const of = <Item extends Movement | Line>(items: readonly Item[]): readonly Item[] =>
      items.filter((item) => item.asset === asset && item.atMs <= asOfMs)
    return {
      asset,
      ledgerMinor: sumMinor(of(movements)),
      statementMinor: sumMinor(of(lines)),
      matchedMinor: sumMinor(of(matched)),
    }
  })
}
