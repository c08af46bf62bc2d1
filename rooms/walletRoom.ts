// The `wallet` room: one per process (C3), holding every connected owner. A client reaches its own wallet only, because
// the wallet is derived from its token and never from what it sends. Requests are answered through the runtime's gate;
// changes are pushed by the feed. The room has no shared state: nothing of one wallet can reach another's client.

import { type AuthContext, type Client, CloseCode, type MessageContext, Room, ServerError } from '@colyseus/core'
import type { WalletService } from '../actors/wallet/service.ts'
import { assetCode, findAsset } from '../shared/assets.ts'
import { errorBody } from '../shared/errors.ts'
import { isWalletId, type UserId, type WalletId } from '../shared/ids.ts'
import { RULES } from '../shared/rules.ts'
import { WALLET_REQUESTS } from '../shared/walletMessages.ts'
import { authenticate, type Identified, type RoomIdentity } from './roomIdentity.ts'
import type { WalletFeed } from './walletFeed.ts'
import { balanceRows, decimal, historyRows, readMoney, receipt, refuse } from './walletReplies.ts'

/** What the composition root gives every wallet room of the process. */
export interface WalletRoomHost extends RoomIdentity {
  readonly wallets: WalletService
  readonly feed: WalletFeed
  readonly rateLimits: boolean
  /** The name under which an address outside is kept; null where the user has too many. */
  destinationOf(user: UserId, address: string): Promise<string | null>
  newRequestId(): string
}

/** Pause before a wallet that could not be read for its owner's arrival is read again. */
const GREET_AGAIN_MS = 500
/** Connections one wallet may have at a time. */
const MAX_SESSIONS_PER_WALLET = 16
/** Colyseus closes flooding and misbehaving clients with this: they get no seat back. */
const KICKED: number = CloseCode.WITH_ERROR

type WalletClient = Client<{ auth: Identified }>

let host: WalletRoomHost | null = null

/** Called once by the composition root, before the room is created. */
export function provideWalletHost(provided: WalletRoomHost): void {
  host = provided
}

function hosted(): WalletRoomHost {
  if (host === null) throw new Error('the wallet room has no host')
  return host
}

export class WalletRoom extends Room {
  override autoDispose = false
  override maxMessagesPerSecond = hosted().rateLimits ? RULES.walletMessagesPerSecond : Number.POSITIVE_INFINITY
  private readonly sessions = new Map<string, () => void>()
  private readonly perWallet = new Map<WalletId, number>()

  static override onAuth(token: string, _options: unknown, context: AuthContext): Promise<Identified> {
    return authenticate(hosted(), token, context)
  }

  override onCreate(): void {
    this.patchRate = null
    this.answer('balance', (client, _message, ctx) => this.balance(client, ctx))
    this.answer('transfer', (client, message, ctx) => this.transfer(client, message, ctx))
    this.answer('deposit', (client, message, ctx) => this.deposit(client, message, ctx))
    this.answer('history', (client, message, ctx) => this.history(client, message, ctx))
    this.answer('withdraw', (client, message, ctx) => this.withdraw(client, message, ctx))
    this.answer('convert', (client, message, ctx) => this.convert(client, message, ctx))
    // Anything else is answered, not punished; a flood is stopped by maxMessagesPerSecond.
    this.onMessage('*', (client: WalletClient) => client.send('error', errorBody('invalid_request')))
  }

  override onJoin(client: WalletClient): void {
    this.attach(client)
  }

  override onDrop(client: WalletClient, code: number): void {
    this.detach(client)
    if (code === KICKED) return
    this.allowReconnection(client, RULES.reconnectionSeconds).catch(() => {})
  }

  override onReconnect(client: WalletClient): void {
    this.attach(client)
  }

  override onLeave(client: WalletClient): void {
    this.detach(client)
  }

  /** Nothing a client sends ends the process. */
  override onUncaughtException(error: Error): void {
    hosted().failed(error)
  }

  private answer(
    type: string,
    handler: (client: WalletClient, message: unknown, ctx: MessageContext) => unknown,
  ): void {
    // Left to Colyseus, a request that failed would be answered as if it had gone well.
    const failed = (error: unknown, ctx: MessageContext): unknown => {
      hosted().failed(error)
      return refuse(ctx, 'internal')
    }
    this.onMessage(type, (client: WalletClient, message: unknown, ctx: MessageContext) => {
      try {
        if (client.auth !== undefined && hosted().isErased(client.auth.userId)) return refuse(ctx, 'unauthenticated')
        const outcome = handler(client, message, ctx)
        return outcome instanceof Promise ? outcome.catch((error: unknown) => failed(error, ctx)) : outcome
      } catch (error) {
        return failed(error, ctx)
      }
    })
  }

  private attach(client: WalletClient): void {
    const identified = client.auth
    if (identified === undefined) throw new ServerError(401, 'unauthenticated')
    const { walletId, userId } = identified
    if (hosted().isErased(userId)) throw new ServerError(401, 'unauthenticated')
    const count = this.perWallet.get(walletId) ?? 0
    if (count >= MAX_SESSIONS_PER_WALLET) throw new ServerError(429, 'rate_limited')
    this.perWallet.set(walletId, count + 1)
    const unsubscribe = hosted().feed.subscribe(walletId, {
      balance: (version, balances) => client.send('balance', { version, balances }),
      transactions: (transactions) => client.send('transaction', { transactions }),
      stale: () => this.greetAgain(client, walletId),
    })
    this.sessions.set(client.sessionId, () => {
      unsubscribe()
      const left = (this.perWallet.get(walletId) ?? 1) - 1
      if (left === 0) this.perWallet.delete(walletId)
      else this.perWallet.set(walletId, left)
    })
    this.greet(client, walletId).catch((error: unknown) => hosted().failed(error))
  }

  private detach(client: WalletClient): void {
    this.sessions.get(client.sessionId)?.()
    this.sessions.delete(client.sessionId)
  }

  private async greet(client: WalletClient, walletId: WalletId): Promise<void> {
    const outcome = await hosted().wallets.balance(walletId)
    if (outcome.kind === 'refused') {
      // Until the wallet has been read, its pushes wait.
      const again = outcome.code === 'unavailable' || outcome.code === 'overloaded'
      if (again) setTimeout(() => this.greetAgain(client, walletId), GREET_AGAIN_MS)
      return
    }
    const { version, assets } = outcome.balance
    hosted().feed.seed(walletId, version, assets)
    client.send('balance', { version, balances: balanceRows(assets) })
  }

  private greetAgain(client: WalletClient, walletId: WalletId): void {
    if (!this.sessions.has(client.sessionId)) return
    this.greet(client, walletId).catch((error: unknown) => hosted().failed(error))
  }

  private async balance(client: WalletClient, ctx: MessageContext): Promise<unknown> {
    const walletId = walletOf(client)
    const outcome = await hosted().wallets.balance(walletId)
    if (outcome.kind === 'refused') return refuse(ctx, outcome.code)
    const { version, assets, isLocked } = outcome.balance
    return { wallet_id: walletId, balances: balanceRows(assets), version, is_locked: isLocked }
  }

  private transfer(client: WalletClient, message: unknown, ctx: MessageContext): unknown {
    const parsed = WALLET_REQUESTS.transfer.safeParse(message)
    if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
    const { to, currency, amount, key, memo } = parsed.data
    const money = readMoney(currency, amount)
    if (typeof money === 'string') return refuse(ctx, money)
    if (!isWalletId(to)) return refuse(ctx, 'wallet.unknown_recipient')
    const order = { ...money, to, memo: memo ?? '' }
    return hosted()
      .wallets.transfer(walletOf(client), order, key, hosted().newRequestId())
      .then((outcome) => receipt(outcome, ctx))
  }

  private async deposit(client: WalletClient, message: unknown, ctx: MessageContext): Promise<unknown> {
    const parsed = WALLET_REQUESTS.deposit.safeParse(message)
    if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
    const money = readMoney(parsed.data.currency, parsed.data.amount)
    if (typeof money === 'string') return refuse(ctx, money)
    return receipt(
      await hosted().wallets.deposit(walletOf(client), money, parsed.data.key, hosted().newRequestId()),
      ctx,
    )
  }

  private async withdraw(client: WalletClient, message: unknown, ctx: MessageContext): Promise<unknown> {
    const parsed = WALLET_REQUESTS.withdraw.safeParse(message)
    if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
    const { currency, amount, to_address: address, key } = parsed.data
    const money = readMoney(currency, amount)
    if (typeof money === 'string') return refuse(ctx, money)
    const { userId, walletId } = identifiedOf(client)
    const order = { ...money, destination: () => hosted().destinationOf(userId, address) }
    return receipt(await hosted().wallets.withdraw(walletId, order, key, hosted().newRequestId()), ctx)
  }

  private async convert(client: WalletClient, message: unknown, ctx: MessageContext): Promise<unknown> {
    const parsed = WALLET_REQUESTS.convert.safeParse(message)
    if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
    const { from, to, amount, quote = null, key } = parsed.data
    const money = readMoney(from, amount)
    if (typeof money === 'string') return refuse(ctx, money)
    if (findAsset(assetCode(to)) === null) return refuse(ctx, 'asset.unknown')
    const order = { from, to, amountMinor: money.amountMinor, quote }
    const outcome = await hosted().wallets.convert(walletOf(client), order, key, hosted().newRequestId())
    if (outcome.kind === 'refused') return refuse(ctx, outcome.code)
    const { paidMinor, receivedMinor } = outcome
    const { transactionId, status, position } = outcome.receipt
    const [paid, received] = [decimal(paidMinor, from), decimal(receivedMinor, to)]
    return { transaction_id: transactionId, status, position, paid, received }
  }

  private async history(client: WalletClient, message: unknown, ctx: MessageContext): Promise<unknown> {
    const parsed = WALLET_REQUESTS.history.safeParse(message)
    if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
    const { limit = 20, offset = 0, currency } = parsed.data ?? {}
    const filter = {
      currency: currency === undefined ? null : assetCode(currency),
      assetType: null,
      entryType: null,
      type: null,
      status: null,
      fromMs: null,
      toMs: null,
      sortBy: 'created_at',
      sortOrder: 'desc',
      limit,
      offset,
      position: null,
    } as const
    const outcome = await hosted().wallets.history(walletOf(client), filter)
    return outcome.kind === 'refused' ? refuse(ctx, outcome.code) : historyRows(outcome.page)
  }
}

function identifiedOf(client: WalletClient): Identified {
  if (client.auth === undefined) throw new Error('a client without identity')
  return client.auth
}

function walletOf(client: WalletClient): WalletId {
  return identifiedOf(client).walletId
}
