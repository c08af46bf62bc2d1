// What staff needs of wallets (WalletStaffService): a wallet as its actor has it, lists of what is open, and orders.

import type { Operation } from '../actors/runtime/record.ts'
import type { WalletCommand } from '../actors/wallet/commands.ts'
import { planReversal, reversibleAmount } from '../actors/wallet/reversalPlan.ts'
import type {
  AdjustmentPage,
  OrderOutcome,
  Refused,
  ReversalOrder,
  StaffOrder,
  WalletStaffService,
  WithdrawalPage,
} from '../actors/wallet/service.ts'
import type { WalletView } from '../actors/wallet/views.ts'
import { findAsset, parseAmount } from '../shared/assets.ts'
import type { ErrorCode } from '../shared/errors.ts'
import { parseRecordId, type RecordId, type UserId, type WalletId } from '../shared/ids.ts'
import type { LedgerDesk } from './ledger/ledgerDesk.ts'
import { askWallet, type DeskOptions, receiptOf, refused } from './walletDesk.ts'

/** The store's side of the desk. */
export interface OpenRecordsReader {
  /** What of an operation has not come to its end, after the record given. */
  open(operation: Operation, after: RecordId | null, limit: number): Promise<OpenRecords | ErrorCode>
}

export interface OpenRecords {
  readonly rows: readonly { readonly id: RecordId; readonly walletId: WalletId }[]
  /** What to go on after; null at the end. */
  readonly next: RecordId | null
}

export interface StaffDeskOptions extends Pick<DeskOptions, 'runtime' | 'answered' | 'sandbox' | 'nowMs'> {
  readonly history: OpenRecordsReader
  /** Waits until the store has what is durable now in the partitions that serve here, for `limitMs` at most (S1). */
  readonly catchUp: (limitMs: number) => Promise<void>
  /** Where a record that is to be reversed is read. */
  readonly ledger: Pick<LedgerDesk, 'ask'>
}

const WAIT_MS = 1_000

export class StaffDesk implements WalletStaffService {
  private readonly options: StaffDeskOptions

  constructor(options: StaffDeskOptions) {
    this.options = options
  }

  async inspect(
    walletId: WalletId,
  ): Promise<{ readonly kind: 'ok'; readonly view: WalletView; readonly version: number } | Refused> {
    const answer = await this.options.runtime.read({ kind: 'wallet', id: walletId }, { kind: 'balance' })
    if (answer.kind === 'refused') return refused(answer.code)
    const view = answer.view as WalletView // the wallet kind's view
    return view.status === 'unopened' ? refused('wallet.not_open') : { kind: 'ok', view, version: answer.seq }
  }

  async openWithdrawals(
    after: RecordId | null,
    limit: number,
  ): Promise<{ readonly kind: 'ok'; readonly page: WithdrawalPage } | Refused> {
    return this.listOpen('withdrawal', after, limit, (view) => view.withdrawals)
  }

  async openAdjustments(
    after: RecordId | null,
    limit: number,
  ): Promise<{ readonly kind: 'ok'; readonly page: AdjustmentPage } | Refused> {
    return this.listOpen('adjustment', after, limit, (view) => view.adjustments)
  }

  // As they are now: the store is behind, and what has ended since is left out.
  private async listOpen<Row extends { readonly id: RecordId }>(
    operation: Operation,
    after: RecordId | null,
    limit: number,
    pick: (view: WalletView) => readonly Row[],
  ) {
    const { history, catchUp, nowMs } = this.options
    await catchUp(WAIT_MS)
    const asOfMs = nowMs()
    const found = await history.open(operation, after, limit)
    if (typeof found === 'string') return refused(found)
    const rows: (Row & { readonly walletId: WalletId; readonly userId: UserId | null })[] = []
    for (const { id, walletId } of found.rows) {
      const inspected = await this.inspect(walletId)
      if (inspected.kind === 'refused') return inspected
      const open = pick(inspected.view).find((one) => one.id === id)
      if (open !== undefined) rows.push({ ...open, walletId, userId: inspected.view.userId })
    }
    return { kind: 'ok', page: { rows, next: found.next, asOfMs } } as const
  }

  async order(walletId: WalletId, order: StaffOrder, key: string, requestId: string): Promise<OrderOutcome> {
    const pays = order.kind === 'withdrawal' && (order.step === 'process' || order.step === 'complete')
    if (pays && !this.options.sandbox) return refused('wallet.sandbox_refused')
    const command = order.kind === 'reverse' ? await this.planned(walletId, order) : order
    if (typeof command === 'string') return refused(command)
    return receiptOf(await askWallet(this.options, walletId, command, key, requestId), 'confirmed')
  }

  /** The record says what would be mirrored; approval reads nothing again, for a record never changes (M8). */
  private async planned(
    walletId: WalletId,
    { record: id, amount, ...more }: ReversalOrder,
  ): Promise<WalletCommand | ErrorCode> {
    const place = parseRecordId(id)
    if (place === null) return 'not_found'
    const answer = await this.options.ledger.ask({ kind: 'record', ...place })
    if (answer.kind === 'refused') return answer.code
    const recorded = { walletId, partition: place.partition, record: answer.found.record }
    const whole = reversibleAmount(recorded)
    if (typeof whole === 'string') return whole
    const part = amount === null ? null : minorOf(amount, whole.asset)
    if (typeof part === 'string') return part
    const plan = planReversal(recorded, part)
    return typeof plan === 'string' ? plan : { ...more, plan }
  }
}

function minorOf(amount: string, code: string): bigint | ErrorCode {
  const asset = findAsset(code)
  if (asset === null) return 'asset.unknown'
  const parsed = parseAmount(amount, asset)
  return parsed.kind === 'amount' ? parsed.minor : `amount.${parsed.reason}`
}
