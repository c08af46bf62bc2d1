// How urgent a difference is, and what is proposed, as tables.

import { expect } from 'chai'
import type { Direction, Line, Movement } from '../../server/reconciliation/matching/items.ts'
import { proposalOf, reconciledBy, severityOf } from '../../server/reconciliation/matching/judgement.ts'
import type { Difference } from '../../server/reconciliation/matching/matchAccount.ts'
import { payoutOf, walletOfReference } from '../../server/reconciliation/matching/references.ts'
import { line, movement, WALLET } from './items.ts'

const HOUR_MS = 60 * 60 * 1000
const difference = (
  kind: Difference['class'],
  offMinor: bigint,
  ageHours: number,
  more: { readonly movements?: readonly Movement[]; readonly lines?: readonly Line[]; readonly asset?: string } = {},
): Difference => ({
  ...{ class: kind, asset: 'USD', movements: [], lines: [], suggested: null, ...more },
  offMinor,
  ageMs: ageHours * HOUR_MS,
})

describe('reconciliation: judgement', () => {
  for (const [what, one, severity] of [
    ['late is explained', difference('late', 10n ** 9n, 100), 'info'],
    ['no statement says anything of it', difference('not_covered', 10n ** 9n, 100), 'info'],
    ['small and of today', difference('missing_at_provider', -99_999n, 23), 'warning'],
    ['a thousand dollars', difference('missing_at_provider', -100_000n, 0), 'critical'],
    ['small and a day old', difference('missing_in_ledger', 1n, 24), 'critical'],
    ['charged twice, small', difference('duplicate_at_provider', 500n, 0), 'warning'],
    ['a cent off', difference('amount_differs', 1n, 0), 'warning'],
    ['a thousand USDC', difference('amount_differs', 10n ** 9n, 0, { asset: 'USDC' }), 'critical'],
    ['something that nobody priced', difference('missing_in_ledger', 1n, 0, { asset: 'CREDIT' }), 'critical'],
  ] as const) {
    it(`${what}: ${severity}`, () => expect(severityOf(one)).to.equal(severity))
  }

  const dep = movement(1, 'deposit:w_alice:k', 500)
  const stated = (direction: Direction, references: string): Line =>
    line('x', references, direction === 'in' ? 500 : -500)
  const adjustment = { kind: 'adjustment', account: '1002', asset: 'USD', amountMinor: 500n }
  for (const [what, one, proposal] of [
    ['nothing for what is late', difference('late', 500n, 0, { lines: [stated('in', '')] }), null],
    [
      'taken back what the provider never had',
      difference('missing_at_provider', -500n, 1, { movements: [dep] }),
      { ...adjustment, wallet: WALLET, direction: 'debit', reason: 'reconciles record:0-1' },
    ],
    [
      'credited what the provider took',
      difference('missing_in_ledger', 500n, 1, { lines: [stated('in', 'deposit:w_alice:k')] }),
      { ...adjustment, wallet: WALLET, direction: 'credit', reason: 'reconciles line:x' },
    ],
    [
      'whose it is, is found out first',
      difference('missing_in_ledger', 500n, 1, { lines: [stated('in', 'invoice-7')] }),
      { ...adjustment, wallet: null, direction: 'credit', reason: 'reconciles line:x' },
    ],
    [
      'completed what was paid and waits for it',
      difference('missing_in_ledger', -500n, 1, { lines: [stated('out', 'payout:w_alice:0-7')] }),
      { kind: 'withdrawal', wallet: WALLET, id: '0-7', step: 'complete' },
    ],
    [
      'taken from its owner what was paid and is not open',
      difference('missing_in_ledger', -500n, 1, { lines: [stated('out', 'payout:w_alice:0-8')] }),
      { ...adjustment, wallet: WALLET, direction: 'debit', reason: 'reconciles line:x' },
    ],
  ] as const) {
    it(`proposes: ${what}`, () => expect(proposalOf('1002', one, (id) => id === '0-7')).to.deep.equal(proposal))
  }

  it('reads out of a reason what an adjustment puts right, and out of nothing else', () => {
    expect(reconciledBy('reconciles record:3-18')).to.equal('record:3-18')
    expect(reconciledBy('reconciles line:sbx_a-b as the bank says')).to.equal('line:sbx_a-b')
    for (const reason of [
      '',
      'goodwill',
      'reconciles',
      'reconciles x:1',
      'he reconciles line:x',
      'reconciles line:x,y',
    ])
      expect(reconciledBy(reason), reason).to.equal(null)
  })

  it('reads wallets and withdrawals out of references of ours alone', () => {
    expect(walletOfReference('deposit:w_alice:a:b c')).to.equal('w_alice')
    expect(payoutOf('payout:w_alice:3-18')).to.equal('3-18')
    for (const reference of ['payout:w_alice:x', 'deposit:w_alice:3-18', 'payout:3-18', ''])
      expect(payoutOf(reference), reference).to.equal(null)
    for (const reference of ['deposit:u_alice:k', 'deposit:w_a:k', 'invoice-7', 'record:3-18'])
      expect(walletOfReference(reference), reference).to.equal(null)
  })
})
