// Implements what both wires need of wallets (WalletService) over the runtime and the store's reader: turns orders into
// commands, answers into receipts, and history rows into the transactions a client sees.

import type { Answer } from '../actors/runtime/answers.ts'
import type { Runtime } from '../actors/runtime/runtime.ts'
import type { WalletCommand, WalletView } from '../actors/wallet/commands.ts'
import type {
  HistoryFilter,
  HistoryPage,
  Movement,
  OrderOutcome,
  Refused,
  TransferOrder,
  WalletBalance,
  WalletService,
  WalletTransaction,
} from '../actors/wallet/service.ts'
import type { ErrorCode } from '../shared/errors.ts'
import type { RecordId, UserId, WalletId } from '../shared/ids.ts'

export interface DeskOptions {
  readonly runtime: Pick<Runtime, 'submit' | 'read'>
  readonly history: WalletHistory
  readonly nowMs: () => number
  /** The sandbox provider gives money away: never in production. */
  readonly sandbox: boolean
  /** Called for each command with its outcome and how long its answer took. */
  readonly answered: (command: string, outcome: string, elapsedMs: number) => void
}

/** The store's side of the desk. */
export interface WalletHistory {
  page(walletId: WalletId, filter: HistoryFilter): Promise<HistoryPage | ErrorCode>
  transaction(walletId: WalletId, record: RecordId): Promise<WalletTransaction | ErrorCode>
}

export class WalletDesk implements WalletService {
  private readonly options: DeskOptions

  constructor(options: DeskOptions) {
    this.options = options
  }

  async open(userId: UserId, walletId: WalletId): Promise<{ readonly kind: 'ok' } | Refused> {
    const answer = await this.ask(walletId, { kind: 'open', userId }, '', '')
    return answer.kind === 'done' ? { kind: 'ok' } : refused(answer.code)
  }

  async balance(walletId: WalletId): Promise<{ readonly kind: 'ok'; readonly balance: WalletBalance } | Refused> {
    const startedMs = performance.now()
    const answer = await this.options.runtime.read({ kind: 'wallet', id: walletId }, { kind: 'balance' })
    this.options.answered('balance', answer.kind === 'view' ? 'done' : answer.code, performance.now() - startedMs)
    if (answer.kind === 'refused') return refused(answer.code)
    const view = answer.view as WalletView // the wallet kind's view
    if (view.userId === null) return refused('wallet.not_open')
    return { kind: 'ok', balance: balanceOf(walletId, view.userId, view, answer.seq, this.options.nowMs()) }
  }

  transfer(walletId: WalletId, order: TransferOrder, key: string, requestId: string): Promise<OrderOutcome> {
    const { to, asset, amountMinor, memo } = order
    return new Promise((resolve) =>
      this.submit(walletId, { kind: 'send', to, asset, amountMinor, memo }, key, requestId, (answer) =>
        resolve(receiptOf(answer, 'pending')),
      ),
    )
  }

  async deposit(walletId: WalletId, order: Movement, key: string, requestId: string): Promise<OrderOutcome> {
    if (!this.options.sandbox) return refused('wallet.sandbox_refused')
    const command = { kind: 'deposit', ...order, provider: 'sandbox', reference: key } as const
    return receiptOf(await this.ask(walletId, command, key, requestId), 'confirmed')
  }

  async history(
    walletId: WalletId,
    filter: HistoryFilter,
  ): Promise<{ readonly kind: 'ok'; readonly page: HistoryPage } | Refused> {
    const page = await this.options.history.page(walletId, filter)
    return typeof page === 'string' ? refused(page) : { kind: 'ok', page }
  }

  async transaction(
    walletId: WalletId,
    record: RecordId,
  ): Promise<{ readonly kind: 'ok'; readonly transaction: WalletTransaction } | Refused> {
    const transaction = await this.options.history.transaction(walletId, record)
    return typeof transaction === 'string' ? refused(transaction) : { kind: 'ok', transaction }
  }

  private ask(walletId: WalletId, command: WalletCommand, key: string, requestId: string): Promise<Answer> {
    return new Promise((resolve) => this.submit(walletId, command, key, requestId, resolve))
  }

  private submit(
    walletId: WalletId,
    command: WalletCommand,
    key: string,
    requestId: string,
    reply: (answer: Answer) => void,
  ): void {
    const startedMs = performance.now()
    this.options.runtime.submit({ kind: 'wallet', id: walletId }, command, { key, requestId }, (answer) => {
      this.options.answered(command.kind, answer.kind === 'done' ? 'done' : answer.code, performance.now() - startedMs)
      reply(answer)
    })
  }
}

function refused(code: ErrorCode): Refused {
  return { kind: 'refused', code }
}

function receiptOf(answer: Answer, status: 'pending' | 'confirmed'): OrderOutcome {
  if (answer.kind === 'refused') return refused(answer.code)
  if (answer.recordId === null) return refused('internal')
  return {
    kind: 'ok',
    receipt: { transactionId: answer.recordId, status, position: `${answer.partition}:${answer.seq}` },
  }
}

function balanceOf(
  walletId: WalletId,
  userId: UserId,
  view: WalletView,
  version: number,
  asOfMs: number,
): WalletBalance {
  const isLocked = view.status === 'frozen' || view.status === 'closed'
  return {
    walletId,
    userId,
    assets: view.assets.map((asset) => ({ ...asset, withdrawnMinor: 0n, prizesWonMinor: 0n })),
    isLocked,
    lockReason: isLocked ? view.lockReason || view.status : null,
    version,
    asOfMs,
  }
}
