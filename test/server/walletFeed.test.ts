// What a wallet's owner is pushed: balances that were true, whole or not at all, and each transfer's news once it has some.

import { expect } from 'chai'
import type { Entry, Envelope, LogRecord } from '../../actors/runtime/record.ts'
import { WalletFeed } from '../../rooms/walletFeed.ts'
import type { BalanceRow, TransactionNews } from '../../rooms/walletNews.ts'
import type { WalletId } from '../../shared/ids.ts'

const WALLET = 'w_alice' as WalletId
const PARTITION = 3

function entry(code: string, amountMinor: bigint, balanceAfterMinor: bigint): Entry {
  return { account: `${code}:${WALLET}`, asset: 'USD', side: 'credit', amountMinor, balanceAfterMinor }
}

function record(seq: number, entries: readonly Entry[], outbox: readonly Envelope[] = []): LogRecord {
  return {
    seq,
    atMs: 1_767_225_600_000 + seq,
    actor: `wallet/${WALLET}`,
    cause: { kind: 'epoch' },
    outcome: { kind: 'accepted' },
    operation: 'transfer',
    events: [],
    entries,
    outbox,
    timers: [],
    reply: null,
  }
}

function envelopeOf(seq: number): Envelope {
  return {
    ...{ source: PARTITION, destination: 5, number: 1, seq, atMs: 0, from: `wallet/${WALLET}`, to: 'wallet/w_bobby' },
    ...{ name: 'receive', money: { asset: 'USD', amountMinor: 1n }, body: null },
  }
}

class Owner {
  readonly feed = new WalletFeed(0)
  readonly balances: (readonly [number, Readonly<Record<string, BalanceRow>>])[] = []
  readonly news: TransactionNews[] = []

  constructor() {
    this.feed.subscribe(WALLET, {
      balance: (version, rows) => this.balances.push([version, rows]),
      transactions: (rows) => this.news.push(...rows),
      stale: () => {},
    })
  }

  committed(...records: readonly LogRecord[]): void {
    for (const each of records) this.feed.committed(PARTITION, each)
  }

  seed(version: number, availableMinor: bigint, heldMinor: bigint): void {
    this.feed.seed(WALLET, version, [{ asset: 'USD', availableMinor, heldMinor, pendingMinor: 0n }])
  }

  /** Pushes are due at the next turn of the timers. */
  pushed(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve))
  }
}

describe('wallet feed', () => {
  it('a record heard before the wallet was read: the half it does not name comes from the read', async () => {
    const owner = new Owner()
    owner.committed(record(11, [entry('2001', 1n, 101n)]))
    owner.seed(10, 100n, 500n)
    await owner.pushed()
    expect(owner.balances).to.deep.equal([[11, { USD: { available: '1.01', held: '5.00' } }]])
  })

  it('until the wallet has been read, half a balance is not told', async () => {
    const owner = new Owner()
    owner.committed(record(11, [entry('2005', 1n, 7n)]))
    await owner.pushed()
    expect(owner.balances).to.deep.equal([])
    owner.seed(11, 93n, 7n)
    await owner.pushed()
    expect(owner.balances).to.deep.equal([[11, { USD: { available: '0.93', held: '0.07' } }]])
  })

  it('an asset the read does not name is one the wallet did not have', async () => {
    const owner = new Owner()
    owner.committed(record(11, [entry('2001', 5n, 5n)]))
    owner.feed.seed(WALLET, 10, [])
    await owner.pushed()
    expect(owner.balances).to.deep.equal([[11, { USD: { available: '0.05', held: '0.00' } }]])
  })

  it('a transfer confirmed before its news left is told once; later, with a line of its own', async () => {
    const owner = new Owner()
    owner.seed(10, 100n, 0n)
    owner.committed(record(11, [{ ...entry('2001', 1n, 99n), side: 'debit' }], [envelopeOf(11)]))
    owner.feed.delivered(envelopeOf(11))
    await owner.pushed()
    expect(owner.news.map(({ transaction_id, status }) => [transaction_id, status])).to.deep.equal([
      ['3-11', 'confirmed'],
    ])
    owner.committed(record(12, [{ ...entry('2001', 1n, 98n), side: 'debit' }], [envelopeOf(12)]))
    await owner.pushed()
    owner.feed.delivered(envelopeOf(12))
    await owner.pushed()
    expect(owner.news.slice(1).map(({ transaction_id, status }) => [transaction_id, status])).to.deep.equal([
      ['3-12', 'pending'],
      ['3-12', 'confirmed'],
    ])
  })
})
