// The journal read once, from its first record to where it ends when it is read, by the same checker as `npm run verify`,
// with everything beside it that a reconciliation asks of the ledger.

import { findAsset, formatAmount } from '../../../shared/assets.ts'
import { Audit, type AuditWatcher } from '../../audit/audit.ts'
import type { Violation } from '../../audit/violation.ts'
import { type AssetFigures, trialBalance } from '../../proof/trialBalance.ts'
import { brokenAt, type CheckName, type CheckResult, checked, type Discrepancy, notChecked } from '../checks.ts'
import { TRANSIT_CRITICAL_MS, TRANSIT_LATE_MS } from '../limits.ts'
import type { Severity } from '../matching/judgement.ts'
import { Claims } from './claims.ts'
import { Movements } from './movements.ts'
import type { StoreSide } from './storeSide.ts'

export interface PartitionReach {
  readonly partition: number
  readonly seq: number
  readonly head: string
}

export interface LedgerReading {
  readonly dataSetId: string
  readonly positions: readonly PartitionReach[]
  readonly records: number
  /** Records that the store did not have yet. */
  readonly beyondStore: number
  readonly assets: readonly AssetFigures[]
  readonly movements: Movements
  readonly claims: Claims
  readonly checks: readonly CheckResult[]
  /** Whether all of the journal was read: else nothing can be compared with it. */
  readonly isWhole: boolean
}

/** Feeds an audit every batch; answers damage that it cannot name itself. */
export type Feed = (audit: Audit) => Promise<Violation | null>

export interface ReadingParts {
  readonly dataSetId: string
  readonly partitions: number
  readonly store: StoreSide
  /** Beside the store's: folds of the journal against itself. */
  readonly watchers: readonly AuditWatcher[]
  readonly feed: Feed
  /** Of the report's ages. */
  readonly nowMs: number
}

export async function readLedger(parts: ReadingParts): Promise<LedgerReading> {
  const { dataSetId, partitions, store, nowMs } = parts
  const movements = new Movements()
  const claims = new Claims()
  const audit = new Audit({ partitions, watchers: [...store.watchers, ...parts.watchers, movements, claims] })
  const damage = (await parts.feed(audit)) ?? audit.violation
  const violation = damage ?? audit.finish().violation
  const isWhole = damage === null
  return {
    dataSetId,
    positions: audit.logs.filter(({ seq }) => seq > 0).map(({ partition, seq, head }) => ({ partition, seq, head })),
    records: audit.records,
    beyondStore: store.beyond,
    assets: trialBalance(audit),
    movements,
    claims,
    checks: [
      ...journalChecks(audit, violation, isWhole, nowMs),
      // Where the audit ended early, nobody asked the others for their last word.
      ...(violation === null ? [...claims.results(audit), ...store.results(nowMs)] : behind(store, nowMs)),
    ],
    isWhole,
  }
}

const JOURNAL_CHECKS = ['chain', 'entries', 'trial_balance', 'transit'] as const
const UNREAD = 'the journal contradicts itself: nothing behind its first fault can be trusted'

function journalChecks(audit: Audit, violation: Violation | null, isWhole: boolean, nowMs: number): CheckResult[] {
  const counts = { records: audit.records, partitions: audit.logs.filter(({ seq }) => seq > 0).length }
  const guilty = violation === null ? null : checkOf(violation)
  return JOURNAL_CHECKS.map((check) => {
    if (violation !== null && check === guilty) {
      const { invariant, at, message } = violation
      return checked(check, counts, [brokenAt(check, at, `${invariant}: ${message}`)])
    }
    if (!isWhole || (violation !== null && (check === 'transit' || check === 'trial_balance')))
      return notChecked(check, UNREAD)
    return check === 'transit' ? transitResult(audit, nowMs) : checked(check, counts)
  })
}

function checkOf({ invariant, at }: Violation): CheckName {
  if (invariant.startsWith('J') || invariant === 'A7') return 'chain'
  if (invariant === 'M4') return 'transit'
  return invariant === 'M2' && !/^\d/.test(at) ? 'trial_balance' : 'entries'
}

/** What of the store differed is said; that nothing did means nothing where the journal ended early. */
function behind(store: StoreSide, nowMs: number): readonly CheckResult[] {
  const claims = (['withdrawals', 'holds'] as const).map((check) => notChecked(check, UNREAD))
  const stored = store.results(nowMs)
  return [...claims, ...stored.map((one) => (one.status === 'discrepancies' ? one : notChecked(one.check, UNREAD)))]
}

// M4: the audit has found the sums equal; what is left to say is how long envelopes have been under way.
function transitResult(audit: Audit, nowMs: number): CheckResult {
  const found: Discrepancy[] = []
  let undelivered = 0
  for (const lane of audit.allLanes()) {
    for (const { seq, atMs, from, to, name, money } of lane.waiting()) {
      undelivered++
      const ageMs = nowMs - atMs
      const shown = money === null ? 'no money' : textOf(money.amountMinor, money.asset)
      found.push({
        ...brokenAt('transit', `${lane.source}:${seq}`, `${name} from ${from} to ${to} with ${shown} is not delivered`),
        id: `transit/${lane.source}:${seq}/${to}`,
        class: 'in_transit',
        severity: severityOf(ageMs),
        asset: money?.asset ?? null,
        amountMinor: money?.amountMinor ?? null,
        ageMs,
      })
    }
  }
  for (const [asset, minor] of audit.parkedMoney.rows()) {
    if (minor === 0n) continue
    const text = `${textOf(minor, asset)} lies in parked envelopes`
    found.push({ ...brokenAt('transit', `parked ${asset}`, text), asset, amountMinor: minor })
  }
  return checked('transit', { undelivered, parked: audit.parked }, found)
}

function severityOf(ageMs: number): Severity {
  if (ageMs < TRANSIT_LATE_MS) return 'info'
  return ageMs < TRANSIT_CRITICAL_MS ? 'warning' : 'critical'
}

function textOf(minor: bigint, asset: string): string {
  const spec = findAsset(asset)
  return `${spec === null ? minor : formatAmount(minor, spec)} ${asset}`
}
