// What a wallet may stake, and what its matches pay it.

import { expect } from 'chai'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { walletKind } from '../../actors/wallet/kind.ts'
import { planReversal } from '../../actors/wallet/reversalPlan.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { fixedRates } from '../../shared/rates.ts'
import { WalletBench } from '../support/walletBench.ts'

const BY = 'u_staff' as UserId

const stake = (amountMinor: bigint, asset = 'USD'): WalletCommand => ({
  ...{ kind: 'stake', match: 'm_1', seat: 1, asset, amountMinor },
})
const paid = (kind: 'prize' | 'refund', amountMinor: bigint): WalletCommand => ({
  ...{ kind, asset: 'USD', amountMinor, from: 'match/m_1', record: '5-9' as RecordId },
})

/** Open, with 2,000 USD and 100 USDC. */
function opened(level = 0): WalletBench {
  const bench = new WalletBench('w_alice')
  bench.must({ kind: 'open', userId: 'u_alice' as UserId })
  bench.must({ kind: 'deposit', asset: 'USD', amountMinor: 200_000n, provider: 'sandbox', reference: 'd' })
  bench.must({ kind: 'deposit', asset: 'USDC', amountMinor: 100_000_000n, provider: 'sandbox', reference: 'e' })
  if (level > 0) bench.must({ kind: 'verify', level, by: BY })
  return bench
}

const told = (bench: WalletBench, command: WalletCommand): string => {
  const decision = bench.run(command)
  return decision.kind === 'rejected' ? decision.code : decision.events.map(({ kind }) => kind).join(' ')
}

describe('wallet: stakes', () => {
  const table: readonly (readonly [level: number, command: WalletCommand, answer: string])[] = [
    [0, stake(500n), 'staked'],
    [0, stake(501n), 'wallet.stake_kyc'],
    [0, stake(5_000_000n, 'USDC'), 'staked'],
    [0, stake(5_000_001n, 'USDC'), 'wallet.stake_kyc'],
    [0, stake(1n, 'CREDIT'), 'wallet.insufficient_funds'],
    [1, stake(501n), 'staked'],
    [1, stake(100_000n), 'staked'],
    [1, stake(100_001n), 'wallet.above_maximum'],
    [1, stake(101_000_000n, 'USDC'), 'wallet.insufficient_funds'],
    [1, stake(1n, `NFT:137:0x${'ab'.repeat(20)}:1`), 'wallet.not_stakable'],
    [1, stake(1n, 'toString'), 'wallet.not_stakable'],
  ]
  for (const [level, command, answer] of table) {
    const { amountMinor, asset } = command as WalletCommand & { kind: 'stake' }
    it(`level ${level}: ${amountMinor} ${asset} → ${answer}`, () => {
      const bench = opened(level)
      expect(told(bench, command)).to.equal(answer)
    })
  }

  it('of what nobody has priced an unverified owner stakes nothing', () => {
    const bench = opened()
    bench.rates = fixedRates({})
    expect(told(bench, stake(1n))).to.equal('wallet.stake_kyc')
  })

  it('goes to the match in an envelope that names the seat', () => {
    const bench = opened()
    const decision = bench.must(stake(500n))
    expect(decision).to.deep.include({ operation: 'entry_fee', reply: { status: 'pending' } })
    expect(decision.outbox).to.deep.equal([
      { to: 'match/m_1', name: 'stake', money: { asset: 'USD', amountMinor: 500n }, body: { seat: 1 } },
    ])
    expect([bench.balance(bench.account.available), bench.balance('2006')]).to.deep.equal([199_500n, 500n])
  })

  it('is refused while something is owed, and the key stays free', () => {
    const bench = opened(1)
    const debt = { kind: 'propose', direction: 'debit', asset: 'USD', account: '3001', amountMinor: 201_000n } as const
    const id = bench.nextRecordId
    bench.must({ ...debt, reason: 'r', by: BY, role: 'admin' })
    bench.must({ kind: 'adjust', id, verdict: 'approve', note: '', by: 'u_b' as UserId, role: 'admin' })
    expect(bench.decide(stake(5n))).to.deep.equal({ kind: 'rejected', code: 'wallet.owes', remembered: false })
  })

  it('prizes are counted, refunds are not, and both pay what is owed first', () => {
    const bench = opened(1)
    bench.must(stake(500n))
    const decision = bench.must(paid('prize', 975n))
    expect(decision.operation).to.equal('prize_payout')
    expect(bench.must(paid('refund', 500n)).operation).to.equal('refund')
    const [usd] = walletKind.view(bench.wallet, { kind: 'balance' }).assets
    expect(usd).to.deep.include({ asset: 'USD', availableMinor: 200_975n, prizesMinor: 975n })
    const stored = JSON.parse(JSON.stringify(walletKind.encodeState(bench.wallet)))
    expect(walletKind.decodeState(stored)).to.deep.equal(bench.wallet)
    const id = bench.nextRecordId
    const debt = { kind: 'propose', direction: 'debit', asset: 'USD', account: '3001', amountMinor: 201_000n } as const
    bench.must({ ...debt, reason: 'r', by: BY, role: 'admin' })
    bench.must({ kind: 'adjust', id, verdict: 'approve', note: '', by: 'u_b' as UserId, role: 'admin' })
    expect(told(bench, paid('prize', 40n))).to.equal('prize repaid')
    expect(bench.balance(bench.account.available)).to.equal(15n)
  })

  it('neither a stake nor what a match paid is reversed: it is the match’s to correct', () => {
    const bench = opened(1)
    for (const command of [stake(500n), paid('prize', 975n), paid('refund', 500n)]) {
      const id = bench.nextRecordId
      bench.must(command)
      const record = bench.records.get(id)
      if (record === undefined) throw new Error('no record')
      expect(planReversal({ walletId: bench.id, partition: 3, record }, null)).to.equal('wallet.not_reversible')
    }
  })
})
