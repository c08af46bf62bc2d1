// Live wallets: turns durable records into pushes for the wallet's owner (A4: from the record, never from live state),
// gathered per wallet and sent at most once per interval. The first change after a pause goes out at once. What became of
// a transfer before its news left is told as one line.

import { RETURN_ENVELOPE } from '../actors/runtime/actor.ts'
import type { Entry, Envelope, LogRecord } from '../actors/runtime/record.ts'
import { accountCode, accountSubject } from '../shared/accounts.ts'
import { type PartitionId, parseRecordId, recordId, type WalletId } from '../shared/ids.ts'
import { actorKey } from '../shared/partition.ts'
import type { LocalFeed } from './feeds.ts'
import {
  type BalanceRow,
  balanceRow,
  type KnownBalance,
  newsOf,
  settledBy,
  type TransactionNews,
} from './walletNews.ts'

/** One connection that wants to hear of one wallet. */
export interface Listener {
  balance(version: number, balances: Readonly<Record<string, BalanceRow>>): void
  transactions(news: readonly TransactionNews[]): void
  /** News may have been missed: the wallet is to be read again. */
  stale(): void
}

/** A line that waits for the next push, with the record it tells of. */
interface Waiting {
  readonly partition: PartitionId
  readonly seq: number
  readonly news: TransactionNews
}

/** News kept for one wallet between two pushes; beyond it the oldest are dropped: the history has them (A5). */
const MAX_NEWS = 200

interface Subscription {
  readonly walletId: WalletId
  readonly listeners: Set<Listener>
  readonly balances: Map<string, KnownBalance>
  /** The balances have been read: an asset that is not among them is one the wallet does not have. */
  seeded: boolean
  readonly changed: Set<string>
  version: number
  news: Waiting[]
  sentAtMs: number
}

export class WalletFeed implements LocalFeed {
  private readonly subscriptions = new Map<string, Subscription>()
  private readonly dirty = new Set<Subscription>()
  private readonly intervalMs: number
  private timer: NodeJS.Timeout | null = null

  /** Told when the first connection begins to want an actor, and when the last one ends. */
  onInterest: (actor: string, wanted: boolean) => void = () => {}

  /** `intervalMs`: the least time between two pushes to one wallet. */
  constructor(intervalMs: number) {
    this.intervalMs = intervalMs
  }

  /** From now on the listener hears of every change. `seed` then gives the balances that changes are relative to. */
  subscribe(walletId: WalletId, listener: Listener): () => void {
    const actor = actorKey('wallet', walletId)
    let subscription = this.subscriptions.get(actor)
    if (subscription === undefined) {
      subscription = {
        walletId,
        listeners: new Set(),
        balances: new Map(),
        changed: new Set(),
        seeded: false,
        version: 0,
        news: [],
        sentAtMs: 0,
      }
      this.subscriptions.set(actor, subscription)
      this.onInterest(actor, true)
    }
    const joined = subscription
    joined.listeners.add(listener)
    return () => {
      joined.listeners.delete(listener)
      if (joined.listeners.size > 0 || this.subscriptions.get(actor) !== joined) return
      this.subscriptions.delete(actor)
      this.onInterest(actor, false)
    }
  }

  /** Has the wallets of these actors read again. */
  refresh(isStale: (actor: string) => boolean): void {
    for (const [actor, { listeners }] of this.subscriptions) {
      if (isStale(actor)) for (const listener of listeners) listener.stale()
    }
  }

  /** Balances as of `version`, from a read. Ignored where newer records have been heard already. */
  seed(
    walletId: WalletId,
    version: number,
    assets: readonly { asset: string; availableMinor: bigint; heldMinor: bigint; pendingMinor: bigint }[],
  ): void {
    const subscription = this.subscriptions.get(actorKey('wallet', walletId))
    if (subscription === undefined) return
    const newer = version >= subscription.version
    for (const { asset, availableMinor: available, heldMinor: held, pendingMinor: pending } of assets) {
      const known = subscription.balances.get(asset)
      // What no record has named since stands as it was read.
      if (known === undefined || newer) subscription.balances.set(asset, { available, held, pending })
      else {
        known.available ??= available
        known.held ??= held
        known.pending ??= pending
      }
    }
    // What the read does not name the wallet did not have.
    for (const known of subscription.balances.values()) {
      known.available ??= 0n
      known.held ??= 0n
      known.pending ??= 0n
    }
    subscription.seeded = true
    if (subscription.changed.size > 0) this.touch(subscription)
    subscription.version = Math.max(subscription.version, version)
  }

  get listening(): number {
    return this.subscriptions.size
  }

  wants(actor: string): boolean {
    return this.subscriptions.has(actor)
  }

  committed(partition: PartitionId, record: LogRecord): void {
    const subscription = this.subscriptions.get(record.actor)
    if (subscription === undefined || record.entries.length === 0) return
    // From another process it may come after what was read later.
    const isNewer = record.seq > subscription.version
    if (isNewer) subscription.version = record.seq
    if (record.operation === 'refund' || record.operation === 'withdrawal') this.tellSettled(subscription, record)
    for (const entry of record.entries) this.note(subscription, partition, record, entry, isNewer)
    this.touch(subscription)
  }

  heard(partition: PartitionId, record: LogRecord): void {
    this.committed(partition, record)
  }

  delivered(envelope: Envelope): void {
    // A return that arrived is its receiver's news, not a transaction of the one that refused.
    if (envelope.name === RETURN_ENVELOPE) return
    const subscription = this.subscriptions.get(envelope.from)
    if (subscription === undefined) return
    const { source: partition, seq } = envelope
    const waiting = subscription.news.find((line) => line.seq === seq && line.partition === partition)
    if (waiting?.news.status === 'pending') waiting.news.status = 'confirmed'
    else this.tell(subscription, partition, seq, { transaction_id: recordId(partition, seq), status: 'confirmed' })
    this.touch(subscription)
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.subscriptions.clear()
    this.dirty.clear()
  }

  private note(
    subscription: Subscription,
    partition: PartitionId,
    record: LogRecord,
    entry: Entry,
    isNewer: boolean,
  ): void {
    if (accountSubject(entry.account) !== subscription.walletId) return
    if (isNewer) this.noteBalance(subscription, entry)
    if (accountCode(entry.account) !== '2001') return
    this.tell(subscription, partition, record.seq, newsOf(partition, record, entry))
  }

  private tellSettled(subscription: Subscription, record: LogRecord): void {
    const settled = settledBy(record)
    if (settled === null) return
    const { id, status } = settled
    const { partition: home, seq } = parseRecordId(id) ?? { partition: -1, seq: -1 }
    this.tell(subscription, home, seq, { transaction_id: id, status })
  }

  private noteBalance(subscription: Subscription, entry: Entry): void {
    const code = accountCode(entry.account)
    let balance = subscription.balances.get(entry.asset)
    if (balance === undefined) {
      // An asset the wallet did not have when it was read; before that, one half may be unknown.
      const half = subscription.seeded ? 0n : undefined
      balance = { available: half, held: half, pending: half }
      subscription.balances.set(entry.asset, balance)
    }
    subscription.changed.add(entry.asset)
    if (code === '2003') balance.pending = entry.balanceAfterMinor
    if (code === '2005') balance.held = entry.balanceAfterMinor
    if (code === '2001') balance.available = entry.balanceAfterMinor
  }

  private tell(subscription: Subscription, partition: PartitionId, seq: number, news: TransactionNews): void {
    if (subscription.news.length >= MAX_NEWS) subscription.news.shift()
    subscription.news.push({ partition, seq, news })
  }

  private touch(subscription: Subscription): void {
    this.dirty.add(subscription)
    this.timer ??= setTimeout(
      () => this.flush(),
      this.intervalMs === 0 || this.idle(subscription) ? 0 : this.intervalMs,
    )
  }

  private idle(subscription: Subscription): boolean {
    return Date.now() - subscription.sentAtMs >= this.intervalMs
  }

  private flush(): void {
    this.timer = null
    const nowMs = Date.now()
    for (const subscription of this.dirty) {
      if (nowMs - subscription.sentAtMs < this.intervalMs) continue
      this.dirty.delete(subscription)
      subscription.sentAtMs = nowMs
      send(subscription)
    }
    if (this.dirty.size > 0) this.timer = setTimeout(() => this.flush(), Math.max(1, this.intervalMs / 2))
  }
}

function send(subscription: Subscription): void {
  if (subscription.changed.size > 0) {
    const rows: Record<string, BalanceRow> = {}
    for (const asset of subscription.changed) {
      const row = balanceRow(asset, subscription.balances.get(asset))
      // Half a balance is not told: it waits for the wallet to be read.
      if (row === null) continue
      rows[asset] = row
      subscription.changed.delete(asset)
    }
    if (Object.keys(rows).length > 0)
      for (const listener of subscription.listeners) listener.balance(subscription.version, rows)
  }
  if (subscription.news.length > 0) {
    const news = subscription.news.map((line) => line.news)
    subscription.news = []
    for (const listener of subscription.listeners) listener.transactions(news)
  }
}
