// What staff needs of wallets (WalletStaffService): a wallet as its actor has it, lists of what is open, and orders.

import type { Answer } from '../actors/runtime/answers.ts'
import type { Operation } from '../actors/runtime/record.ts'
import type {
  AdjustmentPage,
  OrderOutcome,
  Refused,
  StaffOrder,
  WalletStaffService,
  WithdrawalPage,
} from '../actors/wallet/service.ts'
import type { WalletView } from '../actors/wallet/views.ts'
import type { ErrorCode } from '../shared/errors.ts'
import type { RecordId, UserId, WalletId } from '../shared/ids.ts'
import { payoutReference } from './reconciliation/matching/references.ts'
import { type SandboxMove, throughSandbox } from './sandbox/throughSandbox.ts'
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
    const { sandbox } = this.options
    const ask = (): Promise<Answer> => askWallet(this.options, walletId, order, key, requestId)
    if (order.kind !== 'withdrawal') return receiptOf(await ask(), 'confirmed')
    const { step, id } = order
    if (sandbox === null && (step === 'process' || step === 'complete')) return refused('wallet.sandbox_refused')
    const payout = step === 'complete' ? await this.payoutOf(walletId, id) : null
    if (sandbox === null || payout === null) return receiptOf(await ask(), 'confirmed')
    return receiptOf(await throughSandbox(sandbox, payout, ask), 'confirmed')
  }

  /** What the provider has to pay for it; null where it does not wait to be paid: the wallet says what is wrong then. */
  private async payoutOf(walletId: WalletId, id: RecordId): Promise<SandboxMove | null> {
    const inspected = await this.inspect(walletId)
    const open = inspected.kind === 'ok' ? inspected.view.withdrawals.find((one) => one.id === id) : undefined
    if (open?.status !== 'processing') return null
    const { asset, amountMinor, feeMinor } = open
    return {
      reference: payoutReference(walletId, id),
      direction: 'out',
      asset,
      amountMinor: amountMinor - feeMinor,
    }
  }
}
