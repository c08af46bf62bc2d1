// What a difference means to those who work it: how urgent it is, and what could be done. Nothing here is carried out by
// itself: a proposal is what staff may put to the adjustments desk, where a second person decides (RULES, four eyes).

import type { RecordId, WalletId } from '../../../shared/ids.ts'
import { CRITICAL_AGE_MS, CRITICAL_FROM_MINOR } from '../limits.ts'
import { idOf, ownReference } from './items.ts'
import type { Difference } from './matchAccount.ts'
import { payoutOf, walletOfReference } from './references.ts'

export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export function severityOf({ class: kind, asset, offMinor, ageMs }: Difference): Severity {
  if (kind === 'late' || kind === 'not_covered' || kind === 'beyond') return 'info'
  if (ageMs >= CRITICAL_AGE_MS) return 'critical'
  const from = Object.hasOwn(CRITICAL_FROM_MINOR, asset) ? (CRITICAL_FROM_MINOR[asset] ?? 0n) : 0n
  return (offMinor < 0n ? -offMinor : offMinor) >= from ? 'critical' : 'warning'
}

export type Proposal =
  /** For `POST /admin/wallets/{wallet}/adjustments`. */
  | {
      readonly kind: 'adjustment'
      /** Null: whose it is has to be found out first. */
      readonly wallet: WalletId | null
      readonly direction: 'credit' | 'debit'
      readonly account: string
      readonly asset: string
      readonly amountMinor: bigint
      /** Names what it puts right: with it the next run counts the adjustment to the same group. */
      readonly reason: string
    }
  /** The provider has paid: for `POST /admin/wallets/{wallet}/withdrawals/{id}/complete`. */
  | { readonly kind: 'withdrawal'; readonly wallet: WalletId; readonly id: RecordId; readonly step: 'complete' }

/** `isOpen`: whether this withdrawal waits to be completed. Null where there is nothing to be done yet. */
export function proposalOf(
  account: string,
  difference: Difference,
  isOpen: (id: RecordId) => boolean,
): Proposal | null {
  const { class: kind, asset, movements, lines, offMinor } = difference
  if (severityOf(difference) === 'info') return null
  const [item] = [...lines, ...movements]
  if (item === undefined || offMinor === 0n) return null
  const wallet = walletOf(difference)
  const id = lines.flatMap(({ references }) => references.map(payoutOf)).find((one) => one !== null) ?? null
  if (kind === 'missing_in_ledger' && wallet !== null && id !== null && isOpen(id))
    return { kind: 'withdrawal', wallet, id, step: 'complete' }
  return {
    kind: 'adjustment',
    wallet,
    // The owner of a wallet is owed what the account has more, and the other way round.
    direction: offMinor > 0n ? 'credit' : 'debit',
    account,
    asset,
    amountMinor: offMinor < 0n ? -offMinor : offMinor,
    reason: `reconciles ${ownReference(item)}`,
  }
}

/** The one wallet that all of it names; null where there are several, or none. */
function walletOf({ movements, lines }: Difference): WalletId | null {
  const named = lines.flatMap(({ references }) => references.map(walletOfReference))
  const wallets = new Set([...movements.map(({ wallet }) => wallet), ...named].filter((one) => one !== null))
  const [only] = wallets
  return wallets.size === 1 && only !== undefined ? only : null
}

const WHAT: Readonly<Record<Difference['class'], string>> = {
  late: 'one side has it and the other may still follow',
  missing_at_provider: 'the ledger has it, the statement has not',
  missing_in_ledger: 'the statement has it, the ledger has not',
  amount_differs: 'both have it, with different amounts',
  duplicate_at_provider: 'the statement has it once more than the ledger',
  not_covered: 'no statement says anything of that time',
  beyond: 'after the moment of the report',
}

export function textOf({ class: kind, suggested }: Difference): string {
  const hint = suggested === null ? '' : `; ${ownReference(suggested)} has the same amount, and no name in common`
  return `${WHAT[kind]}${hint}`
}

/** What a reason of an adjustment says that it puts right; null where it says nothing of it. */
export function reconciledBy(reason: string): string | null {
  return /^reconciles ((?:record|line):[A-Za-z0-9_.:-]{1,100})(?:$| )/.exec(reason)?.[1] ?? null
}

/** The same difference has the same name from run to run. */
export function nameOf(account: string, { class: kind, movements, lines }: Difference): string {
  const [item] = [...lines, ...movements]
  return `${account}/${kind}/${item === undefined ? '' : `${item.side}:${idOf(item)}`}`
}
