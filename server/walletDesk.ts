// Implements what both wires need of wallets (WalletService) over the runtime and the store's reader: turns orders into
// commands, answers into receipts, and history rows into the transactions a client sees.

import type { Answer } from '../actors/runtime/answers.ts'
import type { Runtime } from '../actors/runtime/runtime.ts'
import type { WalletCommand } from '../actors/wallet/commands.ts'
import { convertible } from '../actors/wallet/decideConversion.ts'
import { withdrawalInputRefusal } from '../actors/wallet/limits.ts'
import type {
  ConversionOrder,
  ConversionOutcome,
  ConversionQuote,
  HistoryFilter,
  HistoryPage,
  LineChoice,
  Movement,
  OrderOutcome,
  Refused,
  StepOutcome,
  TransactionStatus,
  TransferOrder,
  WalletBalance,
  WalletService,
  WalletTransaction,
  WithdrawalOrder,
} from '../actors/wallet/service.ts'
import type { WalletView } from '../actors/wallet/views.ts'
import { type ErrorCode, ServiceError } from '../shared/errors.ts'
import type { RecordId, UserId, WalletId } from '../shared/ids.ts'
import { exchanged, priceOf, type Rates, rateBetween } from '../shared/rates.ts'
import type { Quotes } from './quotes.ts'
import { depositReference } from './reconciliation/matching/references.ts'
import type { SandboxProvider } from './sandbox/port.ts'
import { throughSandbox } from './sandbox/throughSandbox.ts'

export interface DeskOptions {
  readonly runtime: Pick<Runtime, 'submit' | 'read'>
  readonly history: WalletHistory
  readonly nowMs: () => number
  /** The sandbox provider gives money away: null in production. */
  readonly sandbox: SandboxProvider | null
  readonly rates: Rates
  readonly quotes: Quotes
  /** Called for each command with its outcome and how long its answer took. */
  readonly answered: (command: string, outcome: string, elapsedMs: number) => void
}

/** The store's side of the desk. */
export interface WalletHistory {
  page(walletId: WalletId, filter: HistoryFilter): Promise<HistoryPage | ErrorCode>
  transaction(walletId: WalletId, record: RecordId, line: LineChoice): Promise<WalletTransaction | ErrorCode>
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
      submit(this.options, walletId, { kind: 'send', to, asset, amountMinor, memo }, key, requestId, (answer) =>
        resolve(receiptOf(answer, 'pending')),
      ),
    )
  }

  async deposit(walletId: WalletId, order: Movement, key: string, requestId: string): Promise<OrderOutcome> {
    const { sandbox } = this.options
    if (sandbox === null) return refused('wallet.sandbox_refused')
    const command = { kind: 'deposit', ...order, provider: 'sandbox', reference: key } as const
    const ask = (): Promise<Answer> => this.ask(walletId, command, key, requestId)
    const taken = { reference: depositReference(walletId, key), direction: 'in', ...order } as const
    return receiptOf(await throughSandbox(sandbox, taken, ask), 'confirmed')
  }

  async withdraw(walletId: WalletId, order: WithdrawalOrder, key: string, requestId: string): Promise<OrderOutcome> {
    // Nobody but the sandbox pays out yet.
    if (this.options.sandbox === null) return refused('wallet.sandbox_refused')
    const { asset, amountMinor } = order
    const refusal = withdrawalInputRefusal(asset, amountMinor)
    if (refusal !== null) return refused(refusal)
    try {
      const destination = await order.destination()
      if (destination === null) return refused('wallet.too_many_destinations')
      const command = { kind: 'withdraw', asset, amountMinor, destination } as const
      return receiptOf(await this.ask(walletId, command, key, requestId), 'pending')
    } catch (error) {
      if (error instanceof ServiceError) return refused(error.code)
      throw error
    }
  }

  async cancelWithdrawal(
    walletId: WalletId,
    id: RecordId,
    by: UserId,
    key: string,
    requestId: string,
  ): Promise<StepOutcome> {
    const command = { kind: 'withdrawal', id, step: 'cancel', by, note: '' } as const
    const answer = await this.ask(walletId, command, key, requestId)
    const outcome = receiptOf(answer, 'cancelled')
    if (outcome.kind === 'refused' || answer.kind === 'refused') return refused(codeOf(outcome, answer))
    const { asset, amount_minor: amount } = answer.reply as { asset: string; amount_minor: string } // of decideWithdrawalStep
    return {
      kind: 'ok',
      receipt: { ...outcome.receipt, transactionId: id },
      moved: { asset, amountMinor: BigInt(amount) },
    }
  }

  async quote(
    walletId: WalletId,
    order: Omit<ConversionOrder, 'quote'>,
  ): Promise<{ readonly kind: 'ok'; readonly quote: ConversionQuote } | Refused> {
    const { rates, quotes } = this.options
    const rate = rateBetween(rates, order.from, order.to)
    const assets = convertible(order.from, order.to)
    if (rate === null || assets === null) return refused('wallet.not_convertible')
    const receivedMinor = exchanged(order.amountMinor, assets.from, assets.to, rate)
    if (receivedMinor === 0n) return refused('wallet.below_minimum')
    const { cost: paidMinor } = priceOf(receivedMinor, assets.from, assets.to, rate)
    const { token: quote, expiresAtMs } = await quotes.issue({ walletId, ...order, rate })
    return { kind: 'ok', quote: { quote, rate, paidMinor, receivedMinor, expiresAtMs } }
  }

  async convert(
    walletId: WalletId,
    order: ConversionOrder,
    key: string,
    requestId: string,
  ): Promise<ConversionOutcome> {
    const { from, to, amountMinor } = order
    const quote = order.quote === null ? null : await this.options.quotes.read(order.quote, { walletId, ...order })
    if (quote === 'invalid') return refused('wallet.quote_invalid')
    const answer = await this.ask(walletId, { kind: 'convert', from, to, amountMinor, quote }, key, requestId)
    const outcome = receiptOf(answer, 'confirmed')
    if (outcome.kind === 'refused' || answer.kind === 'refused') return refused(codeOf(outcome, answer))
    const reply = answer.reply as { paid_minor: string; received_minor: string } // of decideConvert
    return { ...outcome, paidMinor: BigInt(reply.paid_minor), receivedMinor: BigInt(reply.received_minor) }
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
    line: LineChoice,
  ): Promise<{ readonly kind: 'ok'; readonly transaction: WalletTransaction } | Refused> {
    const transaction = await this.options.history.transaction(walletId, record, line)
    return typeof transaction === 'string' ? refused(transaction) : { kind: 'ok', transaction }
  }

  private ask(walletId: WalletId, command: WalletCommand, key: string, requestId: string): Promise<Answer> {
    return askWallet(this.options, walletId, command, key, requestId)
  }
}

/** What asking a wallet's actor needs. */
export type Asking = Pick<DeskOptions, 'runtime' | 'answered'>

export function askWallet(
  asking: Asking,
  walletId: WalletId,
  command: WalletCommand,
  key: string,
  requestId: string,
): Promise<Answer> {
  return new Promise((resolve) => submit(asking, walletId, command, key, requestId, resolve))
}

function submit(
  { runtime, answered }: Asking,
  walletId: WalletId,
  command: WalletCommand,
  key: string,
  requestId: string,
  reply: (answer: Answer) => void,
): void {
  const startedMs = performance.now()
  runtime.submit({ kind: 'wallet', id: walletId }, command, { key, requestId }, (answer) => {
    answered(command.kind, answer.kind === 'done' ? 'done' : answer.code, performance.now() - startedMs)
    reply(answer)
  })
}

export function refused(code: ErrorCode): Refused {
  return { kind: 'refused', code }
}

/** Of the one of them that refuses. */
function codeOf(outcome: OrderOutcome, answer: Answer): ErrorCode {
  if (outcome.kind === 'refused') return outcome.code
  return answer.kind === 'refused' ? answer.code : 'internal'
}

export function receiptOf(answer: Answer, status: TransactionStatus): OrderOutcome {
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
    assets: view.assets.map(({ prizesMinor, ...asset }) => ({ ...asset, prizesWonMinor: prizesMinor })),
    isLocked,
    lockReason: isLocked ? view.lockReason || view.status : null,
    version,
    asOfMs,
  }
}
