// The chart of accounts (DESIGN §4): classes, sides, owners, and the names that belong to it.

import { expect } from 'chai'
import {
  accountCode,
  accountSpec,
  accountSubject,
  CHART,
  growsByDebit,
  IN_TRANSIT,
  isAccountOf,
  isOwned,
} from '../../shared/accounts.ts'

describe('accounts', () => {
  const chart: readonly (readonly [code: string, kind: string, side: 'debit' | 'credit', owners: string])[] = [
    ['1001', 'asset', 'debit', ''],
    ['1002', 'asset', 'debit', ''],
    ['1003', 'asset', 'debit', ''],
    ['1004', 'asset', 'debit', ''],
    ['2001', 'liability', 'credit', 'wallet'],
    ['2002', 'liability', 'credit', 'match tournament'],
    ['2003', 'liability', 'credit', 'wallet'],
    ['2004', 'liability', 'credit', ''],
    ['2005', 'liability', 'credit', 'wallet'],
    ['2006', 'liability', 'credit', ''],
    ['2007', 'liability', 'credit', 'wallet match tournament nft'],
    ['3001', 'equity', 'credit', ''],
    ['3002', 'equity', 'credit', ''],
    ['4001', 'revenue', 'credit', ''],
    ['4002', 'revenue', 'credit', ''],
    ['4003', 'revenue', 'credit', ''],
    ['5001', 'expense', 'debit', ''],
    ['5003', 'expense', 'debit', ''],
    ['5004', 'expense', 'debit', ''],
    ['6001', 'expense', 'debit', ''],
  ]

  it('is complete', () => expect([...CHART.keys()]).to.deep.equal(chart.map(([code]) => code)))

  for (const [code, kind, side, owners] of chart) {
    it(`${code} is ${kind}, grows by ${side}, owned by ${owners || 'no actor'}`, () => {
      for (const name of [code, `${code}:w_abcd`]) {
        const spec = accountSpec(name)
        if (spec === null) throw new Error(`${name} is not in the chart`)
        expect(spec.class).to.equal(kind)
        expect(growsByDebit(spec)).to.equal(side === 'debit')
        expect(isOwned(spec)).to.equal(owners !== '')
        expect(spec.owners.join(' ')).to.equal(owners)
      }
    })
  }

  const strangers = [
    '',
    '2',
    '200',
    '20011',
    '2001w_abcd',
    '9999',
    '2000',
    '2O01',
    '２００１',
    '-001',
    ' 2001',
    '2001 :x',
    '1e3:',
  ]
  for (const name of strangers) {
    it(`${JSON.stringify(name)} is not in the chart`, () => expect(accountSpec(name)).to.equal(null))
  }

  it('a name splits at its first colon', () => {
    expect([accountCode('2001:w_ab'), accountSubject('2001:w_ab')]).to.deep.equal(['2001', 'w_ab'])
    expect([accountCode('1003:a:b'), accountSubject('1003:a:b')]).to.deep.equal(['1003', 'a:b'])
    expect([accountCode(IN_TRANSIT), accountSubject(IN_TRANSIT)]).to.deep.equal(['2006', ''])
  })

  it('belongs to exactly one subject (M3)', () => {
    expect(isAccountOf('2001:w_abcd', 'w_abcd')).to.equal(true)
    for (const [name, subject] of [
      ['2001:w_abcd', 'w_abc'],
      ['2001:w_abcd', 'bcd'],
      ['2001:xw_abcd', 'w_abcd'],
      ['2001', 'w_abcd'],
      ['2001:', 'w_abcd'],
    ] as const) {
      expect(isAccountOf(name, subject), `${name} of ${subject}`).to.equal(false)
    }
  })
})
