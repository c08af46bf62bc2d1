// What wallets have open, from their events alone: withdrawals that have not come to their end, and holds. Held against
// what their accounts 2003 and 2005 stand at: entries and events are two accounts of the same thing (A3).

import type { WalletEvent, WithdrawalStatus } from '../../../actors/wallet/commands.ts'
import { accountSpec } from '../../../shared/accounts.ts'
import type { RecordId, WalletId } from '../../../shared/ids.ts'
import type { Audit, AuditWatcher } from '../../audit/audit.ts'
import type { PartitionLog } from '../../audit/partitionLog.ts'
import type { RecordLine } from '../../audit/recordLine.ts'
import { brokenAt, type CheckName, type CheckResult, checked } from '../checks.ts'
import { eventsOf, walletOf } from './movements.ts'

interface Claim {
  readonly wallet: WalletId
  readonly asset: string
  minor: bigint
  status: WithdrawalStatus | 'held'
}

const OVER: ReadonlySet<string> = new Set(['completed', 'rejected', 'failed', 'cancelled'])
/** Events of these records, and of no others, open or end a claim. */
const OPERATIONS: ReadonlySet<string> = new Set(['withdrawal', 'refund', 'hold', 'release', 'transfer', 'none'])

export class Claims implements AuditWatcher {
  private readonly withdrawals = new Map<RecordId, Claim>()
  /** By wallet and name. */
  private readonly holds = new Map<string, Claim>()

  before(): void {}

  after(_audit: Audit, _log: PartitionLog, record: RecordLine): void {
    const wallet = OPERATIONS.has(record.operation) ? walletOf(record.actor) : null
    if (wallet === null || record.events.isEmpty) return
    // A transfer between wallets opens nothing: only a capture does, and it takes from `2005`.
    const isPlain = record.operation === 'transfer' && !record.entries.some(({ account }) => account.startsWith('2005'))
    if (isPlain) return
    for (const event of eventsOf(record)) this.note(wallet, event)
  }

  batch(): void {}

  end(): void {}

  /** Whether this withdrawal waits to be completed. */
  isPayable(id: RecordId): boolean {
    return this.withdrawals.get(id)?.status === 'processing'
  }

  results(audit: Audit): readonly CheckResult[] {
    return [
      resultOf('withdrawals', '2003', [...this.withdrawals.values()], audit),
      resultOf('holds', '2005', [...this.holds.values()], audit),
    ]
  }

  private note(wallet: WalletId, event: WalletEvent): void {
    switch (event.kind) {
      case 'withdrawal_requested': {
        const { id, asset, amountMinor } = event
        this.withdrawals.set(id, { wallet, asset, minor: amountMinor, status: 'requested' })
        return
      }
      case 'withdrawal_moved': {
        const claim = this.withdrawals.get(event.id)
        if (OVER.has(event.to)) this.withdrawals.delete(event.id)
        else if (claim !== undefined) claim.status = event.to
        return
      }
      case 'held': {
        const { name, asset, amountMinor } = event
        this.holds.set(`${wallet} ${name}`, { wallet, asset, minor: amountMinor, status: 'held' })
        return
      }
      case 'captured':
      case 'released': {
        const key = `${wallet} ${event.name}`
        const claim = this.holds.get(key)
        if (claim === undefined) return
        claim.minor -= event.amountMinor
        if (claim.minor === 0n) this.holds.delete(key)
        return
      }
      default:
        return
    }
  }
}

function resultOf(check: CheckName, code: string, claims: readonly Claim[], audit: Audit): CheckResult {
  const open = new Map<string, bigint>()
  for (const { wallet, asset, minor } of claims) {
    const name = `${code}:${wallet} ${asset}`
    open.set(name, (open.get(name) ?? 0n) + minor)
  }
  const found = []
  for (const { account, asset, partition, minor } of audit.ownedBalances()) {
    if (accountSpec(account)?.code !== code) continue
    const name = `${account} ${asset}`
    const claimed = open.get(name) ?? 0n
    open.delete(name)
    if (claimed !== minor)
      found.push(brokenAt(check, `${partition}:${account}`, `${name} holds ${minor}, ${claimed} are open`))
  }
  for (const [name, minor] of open)
    if (minor !== 0n) found.push(brokenAt(check, name, `${minor} are open, and there is no such account`))
  return checked(check, { open: claims.length }, found)
}
