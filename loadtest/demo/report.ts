// What the demo found, as a table.

import { findAsset, formatAmount } from '../../shared/assets.ts'
import { isObject } from '../client/httpClient.ts'
import { add, type LedgerCheck, minorOf } from './ledgerCheck.ts'
import type { MatchFindings } from './matches.ts'
import type { Command, Player } from './player.ts'

export interface Crash {
  readonly atMs: number
  /** On the wall clock, which the ledger's times are of. */
  readonly atWallMs: number
  readonly unanswered: readonly Command[]
  readonly readyAfterMs: number
  readonly firstAnswerAfterMs: number
}

export interface Verdict {
  readonly auditCode: number | null
  /** The auditor's JSON. */
  readonly audit: unknown
  /** Every recording, played again against the result in the ledger. */
  readonly replays: { readonly code: number | null; readonly said: string }
  readonly stopCode: number | null
  readonly allConfirmed: boolean
}

interface Findings {
  readonly players: readonly Player[]
  readonly check: LedgerCheck
  readonly held: ReadonlyMap<string, bigint>
  readonly matches: MatchFindings
  readonly crash: Crash
  readonly verdict: Verdict
}

/** The table, and what is wrong: nothing where the demo went as it has to. */
export function report(findings: Findings): { readonly table: string; readonly problems: readonly string[] } {
  const { players, check, held, matches, crash, verdict } = findings
  const commands = players.flatMap((player) => player.commands)
  const accepted = commands.filter(({ outcome }) => outcome?.kind === 'accepted')
  const refused = commands.filter(({ outcome }) => outcome?.kind === 'refused')
  const before = check.carriedOutBefore(crash.atWallMs)
  const already = crash.unanswered.filter(
    ({ outcome }) => outcome?.kind === 'accepted' && before.has(outcome.transactionId),
  )
  const lost = check.lost + commands.length - accepted.length - refused.length
  const sends = commands.reduce((sum, command) => sum + command.sends, 0)
  const rows: [string, string][] = [
    ['players', count(players.length)],
    ['commands sent', `${count(commands.length)}  (${count(sends)} with those sent again)`],
    ['acknowledged', count(accepted.length)],
    ['refused', count(refused.length)],
    [
      'unanswered at the kill',
      `${count(crash.unanswered.length)}  (${count(already.length)} of them in the ledger already)`,
    ],
    ['lost', count(lost)],
    ['duplicated', count(check.duplicated)],
    ['transfers', `${count(check.confirmed)} confirmed, ${count(check.returned)} returned`],
    ['matches', `${count(matches.matches)} settled, ${count(matches.returns)} seats taken again after the kill`],
    ['recordings', verdict.replays.said],
    [
      'time to recover',
      `${seconds(crash.readyAfterMs)} from spawn to ready, ${seconds(crash.firstAnswerAfterMs)} to the first answer`,
    ],
    ['stopped by SIGTERM', `exit code ${verdict.stopCode}`],
    [
      'audit',
      verdict.auditCode === 0
        ? `passed, ${count(recordsOf(verdict.audit))} records`
        : `FAILED (exit code ${verdict.auditCode})`,
    ],
  ]
  const totals = totalsOf(accepted, held, verdict.audit)
  const problems = [
    lost === 0 ? '' : `${lost} commands lost`,
    check.duplicated === 0 ? '' : `${check.duplicated} commands carried out twice`,
    verdict.auditCode === 0 ? '' : 'the audit did not pass',
    verdict.replays.code === 0 ? '' : 'a recording does not give the result in the ledger',
    verdict.stopCode === 0 ? '' : 'the server did not stop cleanly',
    matches.isSettled ? '' : 'some matches were not settled',
    matches.heldCents === matches.dueCents ? '' : `players have ${matches.heldCents} cents, not ${matches.dueCents}`,
    verdict.allConfirmed ? '' : 'some transfers were not confirmed',
    ...totals.problems,
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  return { table: [...lines, '', ...totals.lines].join('\n'), problems: problems.filter((text) => text !== '') }
}

function totalsOf(
  accepted: readonly Command[],
  held: ReadonlyMap<string, bigint>,
  audit: unknown,
): { readonly lines: readonly string[]; readonly problems: readonly string[] } {
  const deposited = new Map<string, bigint>()
  for (const { type, currency, amount } of accepted)
    if (type === 'deposit') add(deposited, currency, minorOf(currency, amount))
  const transit = transitOf(audit)
  const lines = [
    `  ${'asset'.padEnd(6)}${['deposited', 'held by wallets', 'in transit'].map((title) => title.padStart(18)).join('')}`,
  ]
  const problems: string[] = []
  for (const [asset, sum] of deposited) {
    const inWallets = held.get(asset) ?? 0n
    const onTheWay = transit.get(asset) ?? 0n
    const cells = [sum, inWallets, onTheWay].map((minor) => shown(asset, minor).padStart(18))
    lines.push(`  ${asset.padEnd(6)}${cells.join('')}  ${sum === inWallets + onTheWay ? 'equal' : 'NOT EQUAL'}`)
    if (sum !== inWallets + onTheWay) problems.push(`${asset}: what was deposited is not what is there`)
  }
  return { lines, problems }
}

/** Per asset, what the auditor found in transit. */
function transitOf(audit: unknown): ReadonlyMap<string, bigint> {
  const summary = isObject(audit) && isObject(audit.summary) ? audit.summary : {}
  const assets = Array.isArray(summary.assets) ? summary.assets.filter(isObject) : []
  return new Map(assets.map(({ asset, transitMinor }) => [String(asset), BigInt(String(transitMinor))]))
}

function recordsOf(audit: unknown): number {
  return isObject(audit) && isObject(audit.summary) ? Number(audit.summary.records) : Number.NaN
}

function shown(asset: string, minor: bigint): string {
  const spec = findAsset(asset)
  return spec === null ? minor.toString() : formatAmount(minor, spec)
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
