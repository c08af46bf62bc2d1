// Adjustments: four eyes, limits by role, a week and no longer, and a receivable where the money is not there any more.

import { expect } from 'chai'
import type { AdjustingRole, WalletCommand } from '../../actors/wallet/commands.ts'
import { walletKind } from '../../actors/wallet/kind.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { fixedRates } from '../../shared/rates.ts'
import { RULES } from '../../shared/rules.ts'
import { outcomeOf, postingLines, START_MS, WalletBench } from '../support/walletBench.ts'

const [OTTO, OLGA] = ['u_otto' as UserId, 'u_olga' as UserId]
const WEEK_MS = RULES.adjustmentDays * 24 * 3_600_000

type Propose = Extract<WalletCommand, { kind: 'propose' }>

const proposal = (more: Partial<Propose> = {}): Propose => ({
  ...{ kind: 'propose', direction: 'credit', asset: 'USD', amountMinor: 5_000n, account: '5003' },
  ...{ reason: 'lost match', by: OTTO, role: 'operator' },
  ...more,
})
const verdict = (id: RecordId, by: UserId, what: 'approve' | 'reject' = 'approve', role: AdjustingRole = 'operator') =>
  ({ kind: 'adjust', id, verdict: what, note: 'seen', by, role }) as const

/** Open, with 20.00 USD. */
function opened(): WalletBench {
  const bench = new WalletBench('w_alice')
  bench.must({ kind: 'open', userId: 'u_alice' as UserId })
  bench.must({ kind: 'deposit', asset: 'USD', amountMinor: 2_000n, provider: 'sandbox', reference: 'd' })
  return bench
}

function propose(bench: WalletBench, more: Partial<Propose> = {}): RecordId {
  const id = bench.nextRecordId
  bench.must(proposal(more))
  return id
}

describe('adjustments', () => {
  it('a proposal moves nothing, and wakes up when its time is over', () => {
    const decision = opened().run(proposal())
    expect(postingLines(decision)).to.deep.equal([])
    expect(decision).to.deep.include({
      timers: [{ kind: 'set', name: 'adjustment:3-3', dueMs: START_MS + WEEK_MS, body: '3-3' }],
    })
  })

  const rows: readonly (readonly [what: string, more: Partial<Propose>, postings: readonly string[], after: bigint])[] =
    [
      ['money in', {}, ['debit 5003 5000 USD', 'credit 2001:w_alice 5000 USD'], 7_000n],
      [
        'money out',
        { direction: 'debit', amountMinor: 1_500n, account: '1002' },
        ['debit 2001:w_alice 1500 USD', 'credit 1002 1500 USD'],
        500n,
      ],
      [
        'more out than there is: the rest is owed',
        { direction: 'debit' },
        ['debit 2001:w_alice 2000 USD', 'credit 5003 2000 USD', 'debit 1004 3000 USD', 'credit 5003 3000 USD'],
        0n,
      ],
      [
        'out of what is not there at all: all of it is owed',
        { direction: 'debit', asset: 'USDC', amountMinor: 7n },
        ['debit 1004 7 USDC', 'credit 5003 7 USDC'],
        2_000n,
      ],
      ['credits given', { asset: 'CREDIT' }, ['debit 5003 5000 CREDIT', 'credit 2001:w_alice 5000 CREDIT'], 2_000n],
    ]
  for (const [what, more, postings, after] of rows) {
    it(`${what}, once somebody else approves`, () => {
      const bench = opened()
      const id = propose(bench, more)
      expect(outcomeOf(bench.run(verdict(id, OTTO)))).to.equal('wallet.adjustment_own')
      const decision = bench.run(verdict(id, OLGA))
      expect(postingLines(decision)).to.deep.equal(postings)
      expect(decision).to.deep.include({ timers: [{ kind: 'cancel', name: `adjustment:${id}` }] })
      expect(bench.wallet.pockets.get('USD')?.availableMinor).to.equal(after)
      expect(outcomeOf(bench.run(verdict(id, OLGA))), 'once').to.equal('wallet.adjustment_unknown')
    })
  }

  it('the record of the money has both persons and both reasons to be found by', () => {
    const bench = opened()
    const id = propose(bench)
    const decision = bench.must(verdict(id, OLGA))
    expect(decision.events[0]).to.deep.include({ id, proposedBy: OTTO, by: OLGA, note: 'seen', movedMinor: 5_000n })
  })

  it('whoever proposed may take it back', () => {
    const bench = opened()
    const id = propose(bench)
    expect(postingLines(bench.must(verdict(id, OTTO, 'reject')))).to.deep.equal([])
    expect(bench.wallet.adjustments.size).to.equal(0)
  })

  for (const [role, most] of Object.entries(RULES.adjustmentMostCents)) {
    it(`${role}: ${most} cents at most, to propose and to approve`, () => {
      const bench = opened()
      const as = role as AdjustingRole // a key of the table
      const tooLarge = bench.run(proposal({ role: as, amountMinor: most + 1n }))
      expect(outcomeOf(tooLarge)).to.equal('wallet.adjustment_too_large')
      const id = propose(bench, { role: 'admin', amountMinor: most })
      expect(outcomeOf(bench.run(verdict(id, OLGA, 'approve', as)))).to.equal('adjustment_ended')
      if (as === 'admin') return
      const larger = propose(bench, { role: 'admin', amountMinor: most + 1n })
      expect(outcomeOf(bench.run(verdict(larger, OLGA, 'approve', as)))).to.equal('wallet.adjustment_too_large')
      expect(outcomeOf(bench.run(verdict(larger, OLGA, 'reject', as))), 'to reject').to.equal('adjustment_ended')
    })
  }

  it('what nobody has priced is too much for anybody', () => {
    const bench = opened()
    bench.rates = fixedRates({})
    expect(outcomeOf(bench.run(proposal({ asset: 'CREDIT', role: 'admin' })))).to.equal('wallet.adjustment_too_large')
  })

  for (const direction of ['credit', 'debit'] as const) {
    it(`there is one of an NFT, and no ${direction} of it, whatever somebody says it is worth`, () => {
      const nft = `NFT:1:0x${'a'.repeat(40)}:1`
      const bench = opened()
      bench.rates = { usd: () => ({ numerator: 1n, denominator: 1n }) }
      const asked = proposal({ asset: nft, amountMinor: 1n, role: 'admin', direction })
      expect(outcomeOf(bench.run(asked))).to.equal('wallet.not_adjustable')
    })
  }

  for (const account of ['2001:w_alice', '2006', '1004', '4001', '', '9999']) {
    it(`is not booked against ${JSON.stringify(account)}`, () => {
      expect(outcomeOf(opened().run(proposal({ account })))).to.equal('wallet.adjustment_account')
    })
  }

  it('lasts a week: approved no more, taken away by its timer', () => {
    const bench = opened()
    const id = propose(bench)
    bench.nowMs = START_MS + WEEK_MS
    expect(outcomeOf(bench.run(verdict(id, OLGA)))).to.equal('wallet.adjustment_expired')
    expect(bench.must({ kind: 'lapse', id }).events[0]).to.deep.include({ end: 'lapsed', by: null, movedMinor: 0n })
    expect(bench.wallet.adjustments.size).to.equal(0)
  })

  it('a timer that comes after the end does nothing', () => {
    const bench = opened()
    const id = propose(bench)
    bench.must(verdict(id, OLGA))
    expect(outcomeOf(bench.run({ kind: 'lapse', id }))).to.equal('nothing')
  })

  it('reaches a frozen wallet; an open one cannot be closed over it', () => {
    const bench = opened()
    const id = propose(bench, { direction: 'debit', amountMinor: 2_000n })
    bench.must({ kind: 'freeze', reason: 'review' })
    expect(outcomeOf(bench.run(verdict(id, OLGA)))).to.equal('adjustment_ended')
    bench.must({ kind: 'unfreeze' })
    const other = propose(bench)
    expect(outcomeOf(bench.run({ kind: 'close' }))).to.equal('wallet.not_empty')
    bench.must(verdict(other, OLGA, 'reject'))
    expect(outcomeOf(bench.run({ kind: 'close' }))).to.equal('closed')
  })

  it('so many wait on one wallet and no more', () => {
    const bench = opened()
    for (let count = 0; count < RULES.maxOpenAdjustmentsPerWallet; count++) propose(bench)
    expect(outcomeOf(bench.run(proposal()))).to.equal('wallet.too_many_adjustments')
    const copy = walletKind.decodeState(walletKind.encodeState(bench.wallet))
    expect(walletKind.view(copy, { kind: 'balance' })).to.deep.equal(walletKind.view(bench.wallet, { kind: 'balance' }))
  })
})
