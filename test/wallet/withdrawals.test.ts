// Withdrawals: every step from every state, what each moves, fees, limits by day and by level, and midnight.

import { expect } from 'chai'
import type { WalletCommand, WithdrawalStep } from '../../actors/wallet/commands.ts'
import { walletKind } from '../../actors/wallet/kind.ts'
import { withdrawalFeeMinor } from '../../actors/wallet/limits.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { outcomeOf, postingLines, WalletBench } from '../support/walletBench.ts'

const STAFF = 'u_staff' as UserId
const HOUR_MS = 3_600_000

const deposit = (amountMinor: bigint, asset = 'USD'): WalletCommand => ({
  ...{ kind: 'deposit', asset, amountMinor, provider: 'sandbox', reference: 'd' },
})
const withdraw = (amountMinor: bigint, asset = 'USD'): WalletCommand => ({
  ...{ kind: 'withdraw', asset, amountMinor, destination: 'dst_1' },
})
const step = (id: RecordId, name: WithdrawalStep): WalletCommand => ({
  ...{ kind: 'withdrawal', id, step: name, by: STAFF, note: 'because' },
})

/** Open, verified as far as can be, with 20,000.00 USD. */
function rich(level = 2): WalletBench {
  const bench = new WalletBench('w_alice')
  bench.must({ kind: 'open', userId: 'u_alice' as UserId })
  if (level > 0) bench.must({ kind: 'verify', level, by: STAFF })
  bench.must(deposit(1_000_000n))
  bench.must(deposit(1_000_000n))
  return bench
}

function ask(bench: WalletBench, amountMinor = 10_000n, asset = 'USD'): RecordId {
  const id = bench.nextRecordId
  bench.must(withdraw(amountMinor, asset))
  return id
}

describe('withdrawals: steps', () => {
  const ways: Readonly<Record<string, readonly WithdrawalStep[]>> = {
    requested: [],
    reviewing: ['review'],
    approved: ['approve'],
    processing: ['approve', 'process'],
    completed: ['approve', 'process', 'complete'],
    rejected: ['reject'],
    failed: ['approve', 'fail'],
    cancelled: ['cancel'],
  }
  const OK = 'withdrawal_moved'
  const NO = 'wallet.withdrawal_state'
  const GONE = 'wallet.withdrawal_unknown'
  const table: Readonly<Record<WithdrawalStep, readonly string[]>> = {
    //        requested reviewing approved processing, and four that are over
    review: [OK, NO, NO, NO, GONE, GONE, GONE, GONE],
    approve: [OK, OK, NO, NO, GONE, GONE, GONE, GONE],
    reject: [OK, OK, NO, NO, GONE, GONE, GONE, GONE],
    cancel: [OK, OK, NO, NO, GONE, GONE, GONE, GONE],
    process: [NO, NO, OK, NO, GONE, GONE, GONE, GONE],
    complete: [NO, NO, NO, OK, GONE, GONE, GONE, GONE],
    fail: [NO, NO, OK, OK, GONE, GONE, GONE, GONE],
  }
  for (const [index, [state, way]] of Object.entries(ways).entries()) {
    for (const [name, outcomes] of Object.entries(table)) {
      it(`${name} while ${state}: ${outcomes[index]}`, () => {
        const bench = rich()
        const id = ask(bench)
        for (const each of way) bench.must(step(id, each))
        expect(outcomeOf(bench.run(step(id, name as WithdrawalStep)))).to.equal(outcomes[index]) // a key of the table
      })
    }
  }

  it('moves the money out of reach when it is asked for', () => {
    const bench = rich()
    expect(postingLines(bench.decide(withdraw(10_000n)))).to.deep.equal([
      'debit 2001:w_alice 10000 USD',
      'credit 2003:w_alice 10000 USD',
    ])
  })

  it('pays out what is left after the fee', () => {
    const bench = rich()
    const id = ask(bench)
    bench.must(step(id, 'approve'))
    bench.must(step(id, 'process'))
    expect(postingLines(bench.run(step(id, 'complete')))).to.deep.equal([
      'debit 2003:w_alice 9750 USD',
      'credit 1002 9750 USD',
      'debit 2003:w_alice 250 USD',
      'credit 4001 250 USD',
    ])
    expect(bench.wallet.pockets.get('USD')?.withdrawnMinor).to.equal(10_000n)
  })

  for (const [name, way] of [
    ['reject', []],
    ['cancel', []],
    ['fail', ['approve', 'process']],
  ] as const) {
    it(`${name} brings it all back`, () => {
      const bench = rich()
      const id = ask(bench)
      for (const each of way) bench.must(step(id, each))
      expect(postingLines(bench.run(step(id, name)))).to.deep.equal([
        'debit 2003:w_alice 10000 USD',
        'credit 2001:w_alice 10000 USD',
      ])
      expect(bench.balance('2001:w_alice')).to.equal(2_000_000n)
    })
  }

  it('a frozen wallet pays nothing out, but tells what has happened', () => {
    const outcomes: Readonly<Record<string, string>> = {}
    for (const [name, way] of [
      ['approve', []],
      ['cancel', []],
      ['process', ['approve']],
      ['review', []],
      ['reject', []],
      ['fail', ['approve']],
      ['complete', ['approve', 'process']],
    ] as const) {
      const bench = rich()
      const id = ask(bench)
      for (const each of way) bench.must(step(id, each))
      bench.must({ kind: 'freeze', reason: 'review' })
      Object.assign(outcomes, { [name]: outcomeOf(bench.run(step(id, name))) })
    }
    expect(outcomes).to.deep.equal({
      approve: 'wallet.frozen',
      cancel: 'wallet.frozen',
      process: 'wallet.frozen',
      review: 'withdrawal_moved',
      reject: 'withdrawal_moved',
      fail: 'withdrawal_moved',
      complete: 'withdrawal_moved',
    })
  })

  it('are shown in the order they were asked for, after a snapshot too', () => {
    const bench = rich()
    const ids: RecordId[] = []
    for (let seq = 0; seq < 14; seq++) {
      if (seq % RULES.withdrawalsPerDay === 0) bench.nowMs += 24 * HOUR_MS
      ids.push(ask(bench, 1_000n))
    }
    const copy = walletKind.decodeState(walletKind.encodeState(bench.wallet))
    expect(walletKind.view(copy, { kind: 'balance' }).withdrawals.map(({ id }) => id)).to.deep.equal(ids)
  })

  it('a wallet with money on its way out cannot be closed', () => {
    const bench = new WalletBench('w_alice')
    bench.must({ kind: 'open', userId: 'u_alice' as UserId })
    bench.must(deposit(1_000n))
    ask(bench, 1_000n)
    expect(outcomeOf(bench.run({ kind: 'close' }))).to.equal('wallet.not_empty')
  })
})

describe('withdrawals: fees', () => {
  for (const [asset, amountMinor, fee] of [
    ['USD', 1_000n, 70n],
    ['USD', 1_049n, 70n],
    ['USD', 1_050n, 71n],
    ['USD', 247_500n, 5_000n],
    ['USD', 500_000n, 5_000n],
    ['USDC', 10_000_000n, 0n],
  ] as const) {
    it(`${amountMinor} ${asset}: ${fee}`, () => expect(withdrawalFeeMinor(asset, amountMinor)).to.equal(fee))
  }
})

describe('withdrawals: limits', () => {
  const refused = (bench: WalletBench, command: WalletCommand): string => outcomeOf(bench.run(command))

  for (const [what, command, code] of [
    ['less than 10', withdraw(999n), 'wallet.below_minimum'],
    ['more than 5,000', withdraw(500_001n), 'wallet.above_maximum'],
    ['credits', withdraw(1_000n, 'CREDIT'), 'wallet.not_withdrawable'],
    ['what nobody registered', withdraw(1_000n, 'GOLD'), 'wallet.not_withdrawable'],
  ] as const) {
    it(`${what}: ${code}, and the key stays free`, () => {
      const decision = rich().run(command)
      expect(outcomeOf(decision)).to.equal(code)
      expect(decision).to.deep.include({ remembered: false })
    })
  }

  it('more than there is', () => {
    const bench = rich()
    expect(refused(bench, withdraw(10_000_000n, 'USDC'))).to.equal('wallet.insufficient_funds')
  })

  it('three a day, whatever became of them, and again after midnight UTC', () => {
    const bench = rich()
    bench.nowMs += 24 * HOUR_MS - 1 // the last millisecond of the day
    for (let count = 0; count < RULES.withdrawalsPerDay; count++) bench.must(step(ask(bench), 'cancel'))
    expect(refused(bench, withdraw(10_000n))).to.equal('wallet.withdrawal_limit')
    bench.nowMs += 1
    expect(refused(bench, withdraw(10_000n))).to.equal('withdrawal_requested')
  })

  it('10,000 a day over all assets, at what they are worth', () => {
    const bench = rich()
    bench.nowMs += 24 * HOUR_MS
    bench.must(deposit(5_000_000_000n, 'USDC'))
    ask(bench, 500_000n)
    ask(bench, 4_000_000_000n, 'USDC')
    expect(refused(bench, withdraw(100_001n))).to.equal('wallet.withdrawal_limit')
    expect(refused(bench, withdraw(100_000n))).to.equal('withdrawal_requested')
  })

  it('what came back on the same day can be asked for again, what came back later opens nothing', () => {
    const bench = rich()
    const first = ask(bench, 500_000n)
    ask(bench, 500_000n)
    expect(refused(bench, withdraw(1_000n))).to.equal('wallet.withdrawal_limit')
    bench.must(step(first, 'reject'))
    const third = ask(bench, 500_000n)
    bench.nowMs += 24 * HOUR_MS
    ask(bench, 500_000n)
    ask(bench, 500_000n)
    bench.must(step(third, 'reject'))
    expect(refused(bench, withdraw(1_000n))).to.equal('wallet.withdrawal_limit')
  })

  for (const [level, most] of RULES.kycCentsPerDay.entries()) {
    it(`level ${level}: ${most} cents a day`, () => {
      const bench = rich(level)
      let left = most
      for (; left > 500_000n; left -= 500_000n) ask(bench, 500_000n)
      if (level < 2) expect(refused(bench, withdraw(left + 1n))).to.equal('wallet.kyc_limit')
      expect(refused(bench, withdraw(left))).to.equal('withdrawal_requested')
      if (level < 2) expect(refused(bench, withdraw(1_000n))).to.equal('wallet.kyc_limit')
    })
  }

  it('level 0: nothing any more once 1,000 would have left in total', () => {
    const bench = rich(0)
    for (let day = 0; day < 9; day++) {
      const id = ask(bench)
      for (const name of ['approve', 'process', 'complete'] as const) bench.must(step(id, name))
      bench.nowMs += 24 * HOUR_MS
    }
    expect(refused(bench, withdraw(10_000n))).to.equal('wallet.kyc_required')
    ask(bench, 9_000n)
    bench.must({ kind: 'verify', level: 1, by: STAFF })
    ask(bench, 90_000n)
  })

  it('open ones have a bound', () => {
    const bench = rich()
    for (let count = 0; count < RULES.maxOpenWithdrawalsPerWallet; count++) {
      if (count % RULES.withdrawalsPerDay === 0) bench.nowMs += 24 * HOUR_MS
      ask(bench, 1_000n)
    }
    bench.nowMs += 24 * HOUR_MS
    expect(refused(bench, withdraw(1_000n))).to.equal('wallet.too_many_withdrawals')
  })
})

describe('deposits: limits', () => {
  it('five a day, and again after midnight UTC', () => {
    const bench = new WalletBench('w_alice')
    bench.must({ kind: 'open', userId: 'u_alice' as UserId })
    bench.nowMs += 24 * HOUR_MS - 1
    for (let count = 0; count < RULES.depositsPerDay; count++) bench.must(deposit(500n))
    const decision = bench.run(deposit(500n))
    expect(outcomeOf(decision)).to.equal('wallet.deposit_limit')
    expect(decision, 'depends on what was before: remembered').to.deep.include({ remembered: true })
    bench.nowMs += 1
    expect(outcomeOf(bench.run(deposit(500n)))).to.equal('deposited')
  })

  it('20,000 a day over all assets', () => {
    const bench = rich()
    expect(outcomeOf(bench.run(deposit(500n)))).to.equal('wallet.deposit_limit')
    expect(outcomeOf(bench.run(deposit(5_000_000n, 'USDC')))).to.equal('wallet.deposit_limit')
  })
})
