// Reversals: what each kind of record is mirrored by, in full and in part; what is not reversed, and why; what becomes owed,
// and how what comes pays it first.

import { expect } from 'chai'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { walletKind } from '../../actors/wallet/kind.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { outcomeOf, postingLines, START_MS, WalletBench } from '../support/walletBench.ts'

const [OTTO, OLGA] = ['u_otto' as UserId, 'u_olga' as UserId]
const BOB = 'w_bobby' as WalletId
const FROM_BOB = { kind: 'receive', from: `wallet/${BOB}`, record: '7-12' as RecordId, memo: '' } as const

/** Open and verified, with nothing. */
function opened(): WalletBench {
  const bench = new WalletBench('w_alice')
  bench.must({ kind: 'open', userId: 'u_alice' as UserId })
  bench.must({ kind: 'verify', level: 2, by: OTTO })
  return bench
}

function done(bench: WalletBench, command: WalletCommand): RecordId {
  const id = bench.nextRecordId
  bench.must(command)
  return id
}

const deposit = (amountMinor: bigint, asset = 'USD') =>
  ({ kind: 'deposit', asset, amountMinor, provider: 'sandbox', reference: 'd' }) as const
const send = (amountMinor: bigint, asset = 'USD') => ({ kind: 'send', to: BOB, asset, amountMinor, memo: '' }) as const

function withdrawn(bench: WalletBench, amountMinor: bigint, through = ['approve', 'process', 'complete'] as const) {
  const id = done(bench, { kind: 'withdraw', asset: 'USD', amountMinor, destination: 'dst_1' })
  let last = id
  for (const step of through) last = done(bench, { kind: 'withdrawal', id, step, by: OTTO, note: '' })
  return { id, last }
}

/** An approved adjustment: the record of the money. */
function adjusted(bench: WalletBench, direction: 'credit' | 'debit', amountMinor: bigint, asset = 'USD'): RecordId {
  const more = { asset, amountMinor, account: '5003', reason: 'r', by: OTTO, role: 'operator' } as const
  const id = done(bench, { kind: 'propose', direction, ...more })
  return done(bench, { kind: 'adjust', id, verdict: 'approve', note: 'n', by: OLGA, role: 'operator' })
}

function proposed(bench: WalletBench, record: RecordId, amountMinor: bigint | null = null): RecordId {
  const plan = bench.plan(record, amountMinor)
  if (typeof plan === 'string') throw new Error(plan)
  return done(bench, { kind: 'reverse', plan, reason: 'wrong', by: OTTO, role: 'operator' })
}

const approve = (id: RecordId, by = OLGA) =>
  ({ kind: 'adjust', id, verdict: 'approve', note: 'seen', by, role: 'operator' }) as const

/** Proposes and approves: the decision that moved the money. */
function reversed(bench: WalletBench, record: RecordId, amountMinor: bigint | null = null) {
  return bench.must(approve(proposed(bench, record, amountMinor)))
}

const pocket = (bench: WalletBench, asset = 'USD') => {
  const { availableMinor = 0n, owedMinor = 0n } = bench.wallet.pockets.get(asset) ?? {}
  return { available: availableMinor, owed: owedMinor }
}

describe('reversals: what mirrors what', () => {
  const rows: readonly (readonly [
    what: string,
    make: (bench: WalletBench) => RecordId,
    part: bigint | null,
    postings: readonly string[],
  ])[] = [
    [
      'a deposit',
      (bench) => done(bench, deposit(2_000n)),
      null,
      ['debit 2001:w_alice 2000 USD', 'credit 1002 2000 USD'],
    ],
    [
      'a part of a deposit',
      (bench) => done(bench, deposit(2_000n)),
      1n,
      ['debit 2001:w_alice 1 USD', 'credit 1002 1 USD'],
    ],
    [
      'a received transfer: back to who sent it',
      (bench) => done(bench, { ...FROM_BOB, asset: 'USDC', amountMinor: 70n }),
      null,
      ['debit 2001:w_alice 70 USDC', 'credit 2006 70 USDC'],
    ],
    [
      'a withdrawal that bounced: fee and all',
      (bench) => {
        bench.must(deposit(10_000n))
        return withdrawn(bench, 10_000n).last
      },
      null,
      ['credit 2001:w_alice 10000 USD', 'debit 1002 9750 USD', 'debit 4001 250 USD'],
    ],
    [
      'a part of one: that part of the fee, rounded up',
      (bench) => {
        bench.must(deposit(10_000n))
        return withdrawn(bench, 10_000n).last
      },
      333n,
      ['credit 2001:w_alice 333 USD', 'debit 1002 324 USD', 'debit 4001 9 USD'],
    ],
    [
      'a conversion, at its own rate and with its rounding',
      (bench) => {
        bench.must(deposit(1_000n))
        const rate = { numerator: 3n, denominator: 7n }
        const quote = { id: 'q', rate, expiresAtMs: START_MS + 1_000 }
        return done(bench, { kind: 'convert', from: 'USD', to: 'USDC', amountMinor: 10n, quote })
      },
      null,
      [
        ...['credit 2001:w_alice 10 USD', 'debit 2001:w_alice 42857 USDC'],
        ...['debit 3002 9 USD', 'debit 6001 1 USD', 'credit 3002 42857 USDC'],
      ],
    ],
    [
      'a part of it gives back a part, rounded down',
      (bench) => {
        bench.must(deposit(1_000n))
        const rate = { numerator: 3n, denominator: 7n }
        const quote = { id: 'q', rate, expiresAtMs: START_MS + 1_000 }
        return done(bench, { kind: 'convert', from: 'USD', to: 'USDC', amountMinor: 10n, quote })
      },
      3n,
      [
        ...['credit 2001:w_alice 3 USD', 'debit 2001:w_alice 12857 USDC'],
        ...['debit 3002 3 USD', 'credit 3002 12857 USDC'],
      ],
    ],
    [
      'credits that were bought',
      (bench) => {
        bench.must(deposit(1_000n))
        return done(bench, { kind: 'convert', from: 'USD', to: 'CREDIT', amountMinor: 500n, quote: null })
      },
      200n,
      [
        ...['credit 2001:w_alice 200 USD', 'debit 2001:w_alice 200 CREDIT'],
        ...['debit 4003 200 USD', 'credit 3002 200 CREDIT'],
      ],
    ],
    [
      'credits that were granted',
      (bench) => adjusted(bench, 'credit', 50n, 'CREDIT'),
      null,
      ['debit 2001:w_alice 50 CREDIT', 'credit 5003 50 CREDIT'],
    ],
    [
      'an adjustment in the owner’s favour',
      (bench) => adjusted(bench, 'credit', 900n),
      400n,
      ['debit 2001:w_alice 400 USD', 'credit 5003 400 USD'],
    ],
    [
      'an adjustment against the owner',
      (bench) => {
        bench.must(deposit(2_000n))
        return adjusted(bench, 'debit', 900n)
      },
      null,
      ['credit 2001:w_alice 900 USD', 'debit 5003 900 USD'],
    ],
    [
      'one that left something owed: what is still owed of it is paid by it',
      (bench) => adjusted(bench, 'debit', 900n),
      null,
      [
        ...['credit 2001:w_alice 900 USD', 'debit 5003 900 USD'],
        ...['debit 2001:w_alice 900 USD', 'credit 1004 900 USD'],
      ],
    ],
  ]
  for (const [what, make, part, postings] of rows) {
    it(what, () => {
      const bench = opened()
      const record = make(bench)
      const id = proposed(bench, record, part)
      expect(outcomeOf(bench.run(approve(id, OTTO))), 'a second person').to.equal('wallet.adjustment_own')
      const decision = bench.must(approve(id))
      expect(postingLines(decision)).to.deep.equal(postings)
      expect(decision.operation).to.equal('adjustment')
      expect(bench.wallet.reversed.get(record)).to.equal([...bench.records.keys()].at(-1))
    })
  }

  it('money that a wallet sent goes back to it by an envelope', () => {
    const bench = opened()
    const record = done(bench, { ...FROM_BOB, asset: 'USD', amountMinor: 700n })
    bench.must(send(600n))
    const decision = reversed(bench, record, 650n)
    expect(decision.outbox).to.deep.equal([
      { to: `wallet/${BOB}`, name: 'receive', money: { asset: 'USD', amountMinor: 650n }, body: null },
    ])
    expect(pocket(bench)).to.deep.equal({ available: 0n, owed: 550n })
  })

  it('a withdrawal’s line is that of the record that asked for it', () => {
    const bench = opened()
    bench.must(deposit(10_000n))
    const { id, last } = withdrawn(bench, 5_000n)
    const event = reversed(bench, last).events.find(({ kind }) => kind === 'reversed')
    expect(event).to.deep.include({ record: last, line: id, reason: 'wrong' })
    expect(event && walletKind.fateOf?.(event)).to.deep.equal({ record: id, fate: 'reversed' })
  })

  it('totals are of what stayed: a charged back deposit was none, a bounced withdrawal has not gone', () => {
    const bench = opened()
    const record = done(bench, deposit(10_000n))
    const { last } = withdrawn(bench, 5_000n)
    reversed(bench, last, 1_000n)
    expect(bench.wallet.pockets.get('USD')).to.deep.include({ depositedMinor: 10_000n, withdrawnMinor: 4_000n })
    reversed(bench, record, 7_000n)
    expect(bench.wallet.pockets.get('USD')).to.deep.include({ depositedMinor: 3_000n, availableMinor: 0n })
    expect(pocket(bench).owed).to.equal(1_000n)
  })
})

describe('reversals: what is not reversed', () => {
  const rows: readonly (readonly [what: string, make: (bench: WalletBench) => RecordId, code: string])[] = [
    [
      'a record that moved nothing',
      (bench) => done(bench, { kind: 'verify', level: 1, by: OTTO }),
      'wallet.reversal_moved_nothing',
    ],
    [
      'a step of a withdrawal that moved nothing',
      (bench) => withdrawn(bench, 2_000n, ['approve'] as never).last,
      'wallet.reversal_moved_nothing',
    ],
    ['an open withdrawal', (bench) => withdrawn(bench, 2_000n, [] as never).id, 'wallet.reversal_of_request'],
    [
      'the record that asked for one that was paid out',
      (bench) => withdrawn(bench, 2_000n).id,
      'wallet.reversal_of_request',
    ],
    [
      'a withdrawal that came back',
      (bench) => withdrawn(bench, 2_000n, ['reject'] as never).last,
      'wallet.not_reversible',
    ],
    ['what the wallet sent', (bench) => done(bench, send(1n)), 'wallet.reversal_of_sending'],
    [
      'what came back to it',
      (bench) =>
        done(bench, {
          ...{ kind: 'returned', asset: 'USD', amountMinor: 1n, code: 'wallet.closed' },
          ...{ original: '3-1' as RecordId, from: `wallet/${BOB}` },
        }),
      'wallet.not_reversible',
    ],
    [
      'what a match paid',
      (bench) => done(bench, { ...FROM_BOB, from: 'match/m_1', asset: 'USD', amountMinor: 5n }),
      'wallet.not_reversible',
    ],
    ['a hold', (bench) => done(bench, hold('a')), 'wallet.reversal_of_hold'],
    [
      'its release',
      (bench) => {
        bench.must(hold('a'))
        return done(bench, { kind: 'release', name: 'a' })
      },
      'wallet.reversal_of_hold',
    ],
    [
      'its capture',
      (bench) => {
        bench.must(hold('a'))
        return done(bench, { kind: 'capture', name: 'a', amountMinor: 1n, to: BOB, releaseRest: true })
      },
      'wallet.reversal_of_sending',
    ],
    [
      'a reversal',
      (bench) => {
        reversed(bench, done(bench, deposit(500n)))
        return [...bench.records.keys()].at(-1) ?? ('' as RecordId)
      },
      'wallet.reversal_of_reversal',
    ],
    ['a proposal', (bench) => proposed(bench, done(bench, deposit(500n))), 'wallet.reversal_moved_nothing'],
  ]
  const hold = (name: string): WalletCommand => ({
    ...{ kind: 'hold', name, asset: 'USD', amountMinor: 50n, expiresAtMs: START_MS + 1_000 },
  })
  for (const [what, make, code] of rows) {
    it(`${what}: ${code}`, () => {
      const bench = opened()
      bench.must(deposit(10_000n))
      expect(bench.plan(make(bench))).to.equal(code)
    })
  }

  it('more than the record moved, or too little of a conversion to be anything', () => {
    const bench = opened()
    const record = done(bench, deposit(500n))
    expect(bench.plan(record, 501n)).to.equal('wallet.reversal_exceeds')
    const bought = done(bench, { kind: 'convert', from: 'USD', to: 'CREDIT', amountMinor: 10n, quote: null })
    bench.rates = { usd: () => ({ numerator: 1n, denominator: 1n }) }
    expect(bench.plan(bought, 11n)).to.equal('wallet.reversal_exceeds')
    const dear = done(bench, { kind: 'convert', from: 'USD', to: 'CREDIT', amountMinor: 100n, quote: null })
    expect(bench.plan(dear, 99n)).to.equal('wallet.below_minimum')
  })

  it('an adjustment of a version that did not count what it left owed', () => {
    const bench = opened()
    const id = adjusted(bench, 'debit', 900n)
    const record = bench.records.get(id)
    if (record === undefined) throw new Error('no record')
    const [ended] = record.events
    const old = { ...record, events: [(ended as readonly string[]).slice(0, 7)] }
    bench.records.set(id, old)
    expect(bench.plan(id)).to.equal('wallet.not_reversible')
  })

  it('the same record twice, or while a proposal is open', () => {
    const bench = opened()
    const record = done(bench, deposit(500n))
    const plan = bench.plan(record, 1n)
    if (typeof plan === 'string') throw new Error(plan)
    const again = { kind: 'reverse', plan, reason: 'again', by: OLGA, role: 'operator' } as const
    const first = proposed(bench, record, 2n)
    expect(outcomeOf(bench.run(again))).to.equal('wallet.reversal_open')
    bench.must({ ...approve(first), verdict: 'reject' })
    const second = proposed(bench, record, 2n)
    bench.must(approve(second))
    expect(outcomeOf(bench.run(again))).to.equal('wallet.reversal_done')
    expect(outcomeOf(bench.run(approve(second)))).to.equal('wallet.adjustment_unknown')
  })

  it('after a week, above the limit of a role, or more of one wallet than are remembered', () => {
    const bench = opened()
    const record = done(bench, deposit(500_000n))
    const plan = bench.plan(record)
    if (typeof plan === 'string') throw new Error(plan)
    const order = { kind: 'reverse', plan, reason: 'r', by: OTTO } as const
    expect(outcomeOf(bench.run({ ...order, role: 'operator' }))).to.equal('wallet.adjustment_too_large')
    const id = done(bench, { ...order, role: 'admin' })
    expect(outcomeOf(bench.run(approve(id)))).to.equal('wallet.adjustment_too_large')
    bench.nowMs += RULES.adjustmentDays * 24 * 3_600_000
    expect(outcomeOf(bench.run({ ...approve(id), role: 'admin' }))).to.equal('wallet.adjustment_expired')
    bench.must({ kind: 'lapse', id })
    bench.wallet.reversed = new Map(
      Array.from({ length: RULES.maxReversalsPerWallet }, (_, index) => [`3-${index + 900}` as RecordId, record]),
    )
    expect(outcomeOf(bench.run({ ...order, role: 'admin' }))).to.equal('wallet.too_many_reversals')
  })
})

describe('reversals: what is owed', () => {
  /** 20.00 of 50.00 were left when all of it was charged back: 30.00 are owed. */
  function owing(): WalletBench {
    const bench = opened()
    const record = done(bench, deposit(5_000n))
    bench.must({ kind: 'hold', name: 'h', asset: 'USD', amountMinor: 1_000n, expiresAtMs: START_MS + 1_000 })
    withdrawn(bench, 1_000n, [] as never)
    bench.must(send(1_000n))
    expect(postingLines(reversed(bench, record))).to.deep.equal([
      ...['debit 2001:w_alice 2000 USD', 'debit 1004 3000 USD', 'credit 1002 5000 USD'],
    ])
    expect(bench.wallet.pockets.get('USD'), 'held and pending are not touched').to.deep.include({
      ...{ availableMinor: 0n, owedMinor: 3_000n, heldMinor: 1_000n, pendingMinor: 1_000n },
    })
    return bench
  }
  const withdrawal = (bench: WalletBench): RecordId => [...bench.wallet.withdrawals.keys()][0] ?? ('' as RecordId)

  const ways: readonly (readonly [what: string, command: (bench: WalletBench) => WalletCommand, left: bigint])[] = [
    ['a deposit', () => deposit(500n), 2_500n],
    ['a transfer', () => ({ ...FROM_BOB, asset: 'USD', amountMinor: 1_000n }), 2_000n],
    ['a released hold', () => ({ kind: 'release', name: 'h' }), 2_000n],
    [
      'the rest of a captured one',
      () => ({ kind: 'capture', name: 'h', amountMinor: 400n, to: BOB, releaseRest: true }),
      2_400n,
    ],
    [
      'a withdrawal that comes back',
      (bench) => ({ kind: 'withdrawal', id: withdrawal(bench), step: 'reject', by: OTTO, note: '' }),
      2_000n,
    ],
    [
      'money that its receiver refused',
      () => ({
        ...{ kind: 'returned', asset: 'USD', amountMinor: 1_000n, code: 'wallet.closed' },
        ...{ original: '3-9' as RecordId, from: `wallet/${BOB}` },
      }),
      2_000n,
    ],
  ]
  for (const [what, command, left] of ways) {
    it(`${what} pays it first`, () => {
      const bench = owing()
      const decision = bench.must(command(bench))
      expect(decision.events.at(-1)).to.deep.equal({ kind: 'repaid', asset: 'USD', amountMinor: 3_000n - left })
      expect(postingLines(decision).slice(-2)).to.deep.equal([
        ...[`debit 2001:w_alice ${3_000n - left} USD`, `credit 1004 ${3_000n - left} USD`],
      ])
      expect(pocket(bench)).to.deep.equal({ available: 0n, owed: left })
      expect(bench.balance('1004')).to.equal(left)
    })
  }

  it('a conversion into what is owed pays it, and what is left over is available', () => {
    const bench = owing()
    bench.must(deposit(100_000_000n, 'USDC'))
    bench.must({ kind: 'convert', from: 'USDC', to: 'USD', amountMinor: 40_000_000n, quote: null })
    expect(pocket(bench)).to.deep.equal({ available: 1_000n, owed: 0n })
    expect(bench.balance('1004')).to.equal(0n)
  })

  it('staff forgives it by an adjustment in the owner’s favour', () => {
    const bench = owing()
    adjusted(bench, 'credit', 3_000n)
    expect(pocket(bench)).to.deep.equal({ available: 0n, owed: 0n })
  })

  it('nothing leaves in that asset meanwhile, and the wallet is not closed; in others it does', () => {
    const bench = owing()
    bench.must({ ...FROM_BOB, asset: 'USDC', amountMinor: 20_000_000n })
    const refused: readonly WalletCommand[] = [
      send(1n),
      { kind: 'hold', name: 'x', asset: 'USD', amountMinor: 1n, expiresAtMs: START_MS + 1_000 },
      { kind: 'withdraw', asset: 'USD', amountMinor: 1_000n, destination: 'dst_1' },
      { kind: 'convert', from: 'USD', to: 'USDC', amountMinor: 1n, quote: null },
      { kind: 'close' },
    ]
    for (const command of refused) expect(outcomeOf(bench.run(command)), command.kind).to.equal('wallet.owes')
    bench.must(send(1n, 'USDC'))
  })

  it('a reversal in the owner’s favour pays it as well', () => {
    const bench = opened()
    bench.must(deposit(100_000n))
    const { last } = withdrawn(bench, 90_000n)
    const record = done(bench, deposit(2_000n))
    bench.must(send(11_500n))
    reversed(bench, record)
    expect(pocket(bench)).to.deep.equal({ available: 0n, owed: 1_500n })
    reversed(bench, last)
    expect(pocket(bench)).to.deep.equal({ available: 88_500n, owed: 0n })
  })

  it('a snapshot keeps what is owed, what was reversed, and what waits', () => {
    const bench = owing()
    const record = done(bench, { ...FROM_BOB, asset: 'USDC', amountMinor: 5n })
    proposed(bench, record)
    const text = JSON.stringify(walletKind.encodeState(bench.wallet))
    const copy = walletKind.decodeState(JSON.parse(text))
    expect(JSON.stringify(walletKind.encodeState(copy))).to.equal(text)
    expect(walletKind.view(copy, { kind: 'balance' })).to.deep.equal(walletKind.view(bench.wallet, { kind: 'balance' }))
  })
})
