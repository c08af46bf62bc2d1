// What staff needs of wallets (WalletStaffService): a wallet as its actor has it, lists of what is open, and orders.

import type { Answer } from '../actors/runtime/answers.ts'
import type { Operation } from '../actors/runtime/record.ts'
import type { WalletCommand } from '../actors/wallet/commands.ts'
import { planReversal, reversibleAmount } from '../actors/wallet/reversalPlan.ts'
import type {
  AdjustmentPage,
  HoldPage,
  HoldQuery,
  Inspected,
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
  readonly ledger: LedgerDesk
  /** Waits until the store has what is durable now in the partitions that serve here, for `limitMs` at most (S1). */
  readonly catchUp: (limitMs: number) => Promise<void>
}

const WAIT_MS = 1_000
/** Holds looked at for one page: more than it shows, where only those of one asset are wanted. */
const HOLDS_LOOKED_AT = 100

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
    const { wallets, unreadable } = await this.inspectAll(found.rows.map(({ walletId }) => walletId))
    const rows: (Row & { readonly walletId: WalletId; readonly userId: UserId | null })[] = []
    for (const { id, walletId } of found.rows) {
      const view = wallets.get(walletId)?.view
      const open = view === undefined ? undefined : pick(view).find((one) => one.id === id)
      if (open !== undefined) rows.push({ ...open, walletId, userId: view?.userId ?? null })
    }
    return { kind: 'ok', page: { rows, next: found.next, unreadable, asOfMs } } as const
  }

  // The store knows which there are and when they end; what is left of each, its wallet says.
  async openHolds(query: HoldQuery): Promise<{ readonly kind: 'ok'; readonly page: HoldPage } | Refused> {
    const { asset, limit, ...wanted } = query
    const asOfMs = this.options.nowMs()
    const found = await this.options.ledger.ask({ kind: 'holds', ...wanted, limit: HOLDS_LOOKED_AT })
    if (found.kind === 'refused') return refused(found.code)
    const { wallets, unreadable } = await this.inspectAll(found.rows.map(({ walletId }) => walletId))
    const rows: HoldPage['rows'][number][] = []
    for (const place of found.rows) {
      const view = wallets.get(place.walletId)?.view
      const hold = view?.holds.find(({ name, expiresAtMs }) => {
        return name === place.name && expiresAtMs === place.expiresAtMs
      })
      if (view === undefined || hold === undefined || (asset !== null && hold.asset !== asset)) continue
      rows.push({ ...hold, walletId: place.walletId, userId: view.userId })
      const isLast = place === found.rows.at(-1) && found.next === null
      if (rows.length === limit) return { kind: 'ok', page: { rows, next: isLast ? null : place, unreadable, asOfMs } }
    }
    return { kind: 'ok', page: { rows, next: found.next, unreadable, asOfMs } }
  }

  async inspectAll(walletIds: readonly WalletId[]): Promise<Inspected> {
    const wallets = new Map<WalletId, { view: WalletView; version: number }>()
    const unreadable: WalletId[] = []
    // Together: those of a partition that nobody serves are waited for once.
    await Promise.all(
      [...new Set(walletIds)].map(async (walletId) => {
        const inspected = await this.inspect(walletId)
        if (inspected.kind === 'ok') wallets.set(walletId, inspected)
        else if (inspected.code !== 'wallet.not_open') unreadable.push(walletId)
      }),
    )
    return { wallets, unreadable: unreadable.sort() }
  }

  async order(walletId: WalletId, order: StaffOrder, key: string, requestId: string): Promise<OrderOutcome> {
    const command = order.kind === 'reverse' ? await this.planned(walletId, order) : order
    if (typeof command === 'string') return refused(command)
    const { sandbox } = this.options
    const ask = (): Promise<Answer> => askWallet(this.options, walletId, command, key, requestId)
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
