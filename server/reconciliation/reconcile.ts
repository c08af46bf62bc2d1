// A whole reconciliation: the ledger against itself, the store against the ledger, the staff's audit log, and each
// provider's account against its statement. It reads; nothing is changed, and nothing put right by itself.

import { messageOf } from '../dataSetError.ts'
import type { ChainReport } from '../staff/chainCheck.ts'
import { brokenAt, type CheckResult, checked, notChecked } from './checks.ts'
import type { LedgerReading } from './ledger/ledgerReading.ts'
import { isProviderAccount } from './ledger/movements.ts'
import { checkProvider, type ProviderResult } from './providerCheck.ts'
import type { Report } from './report.ts'
import type { Statement } from './statements/port.ts'

export interface Sources {
  /** Reads the journal to where it ends, and the store. */
  ledger(): Promise<LedgerReading>
  /** Null where there is none. */
  auditLog(): Promise<ChainReport | null>
  /** Asked after the ledger was read: a provider that writes before we do then has all that we have. */
  statements(): Promise<readonly Statement[]>
  /** Accounts that have a statement though the ledger may have nothing on them. */
  stated(): Promise<readonly string[]>
  nowMs(): number
}

export interface ReconcileRequest {
  /** Null: the moment at which the ledger has been read. */
  readonly asOfMs: number | null
  /** Null: all. */
  readonly accounts: readonly string[] | null
}

/** Accounts of the chart that are looked for even where the ledger has nothing on them. */
const KNOWN = ['1001', '1002', '1003'] as const
const LEFT_OUT = 'left out of this run'

/** Rejects with DataSetError or ReadingError where the ledger cannot be read at all. */
export async function reconcile(sources: Sources, { asOfMs, accounts }: ReconcileRequest): Promise<Report> {
  const ledger = await sources.ledger()
  const madeAtMs = sources.nowMs()
  const asOf = Math.min(asOfMs ?? madeAtMs, madeAtMs)
  const audit = await auditLogResult(sources)
  const { providers, unused } = await providerResults(sources, ledger, asOf, accounts)
  return {
    dataSetId: ledger.dataSetId,
    asOfMs: asOf,
    madeAtMs,
    accountsAsked: accounts,
    positions: ledger.positions,
    records: ledger.records,
    beyondStore: ledger.beyondStore,
    assets: ledger.assets,
    checks: [...ledger.checks, audit, ...providers.map(({ result }) => result)],
    providers,
    unused,
  }
}

async function auditLogResult(sources: Sources): Promise<CheckResult> {
  try {
    const report = await sources.auditLog()
    if (report === null) return notChecked('audit_log', 'there is no audit log here')
    const { entries, broken } = report
    const found = broken === null ? [] : [brokenAt('audit_log', `entry ${broken.seq}`, broken.why)]
    return checked('audit_log', { entries }, found)
  } catch (error) {
    return notChecked('audit_log', `it cannot be read: ${messageOf(error)}`)
  }
}

async function providerResults(
  sources: Sources,
  { movements, claims, isWhole }: LedgerReading,
  asOfMs: number,
  asked: readonly string[] | null,
): Promise<{ readonly providers: readonly ProviderResult[]; readonly unused: readonly string[] }> {
  const statements = await sources.statements()
  const stated = await sources.stated()
  const names = new Set([...movements.accounts.keys(), ...stated, ...(asked ?? [])])
  const providers: ProviderResult[] = []
  for (const account of [...names].sort()) {
    const why = !isWhole ? 'the journal was not read to its end' : asked?.includes(account) === false ? LEFT_OUT : null
    if (why !== null) {
      providers.push({ result: notChecked('provider', why, account), statement: null, covers: [], sums: [] })
      continue
    }
    const own = movements.accounts.get(account)
    const isPayable = claims.isPayable.bind(claims)
    providers.push(
      await checkProvider({ account, movements: own === undefined ? [] : own, statements, asOfMs, isPayable }),
    )
  }
  const isUsed = (code: string): boolean => [...names].some((name) => name === code || name.startsWith(`${code}:`))
  return { providers, unused: KNOWN.filter((code) => !isUsed(code)) }
}

/** Whether a provider may have the other side of it. */
export function isReconcilable(account: string): boolean {
  return isProviderAccount(account) && /^100[123](:[A-Za-z0-9_.-]{1,32})?$/.test(account)
}
