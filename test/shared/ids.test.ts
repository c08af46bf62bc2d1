// Ids as they may enter a record: record lines are assembled without escaping, so nothing else may pass.

import { expect } from 'chai'
import fc from 'fast-check'
import { isId, isUserId, isWalletId, parseRecordId, recordId, walletOf } from '../../shared/ids.ts'

const HOSTILE = [
  '',
  ' ',
  'w_ab"cd',
  'w_ab\\cd',
  'w_abcd\n',
  'w_ab cd',
  'w_äbcd',
  'w_abcd\u0000',
  `w_${'a'.repeat(200)}`,
]

describe('ids', () => {
  const wallets: readonly (readonly [text: string, valid: boolean])[] = [
    ['w_abcd', true],
    ['w_AZaz09_-', true],
    [`w_${'a'.repeat(40)}`, true],
    ['w_abc', false],
    [`w_${'a'.repeat(41)}`, false],
    ['u_abcd', false],
    ['W_abcd', false],
    ['abcd', false],
    ['w_ab.cd', false],
    ['w_ab/cd', false],
    ['w_ab:cd', false],
    ['w_abcd ', false],
  ]
  for (const [text, valid] of wallets) {
    it(`${JSON.stringify(text)} is ${valid ? 'a' : 'no'} wallet id`, () => expect(isWalletId(text)).to.equal(valid))
  }

  for (const text of HOSTILE) {
    it(`${JSON.stringify(text.slice(0, 20))} is no id of any sort`, () => {
      expect([isId(text), isUserId(text), isWalletId(text)]).to.deep.equal([false, false, false])
    })
  }

  it('every wallet and user id may stand in a record', () => {
    const tail = fc.stringMatching(/^[A-Za-z0-9_-]{4,40}$/)
    fc.assert(
      fc.property(tail, (text) => {
        const [user, wallet] = [`u_${text}`, `w_${text}`]
        if (!isUserId(user) || !isWalletId(wallet)) throw new Error('a valid id was refused')
        expect([isId(user), isId(wallet), walletOf(user)]).to.deep.equal([true, true, wallet])
        expect(JSON.stringify(wallet)).to.equal(`"${wallet}"`)
      }),
    )
  })

  it('a record id names its partition and seq, and is read back', () => {
    fc.assert(
      fc.property(fc.nat(9_999), fc.integer({ min: 1, max: 999_999_999_999_999 }), (partition, seq) => {
        expect(parseRecordId(recordId(partition, seq))).to.deep.equal({ partition, seq })
      }),
    )
  })

  const noRecords = [
    '',
    '1',
    '1-',
    '-1',
    '1-0',
    '01-1',
    '1-01',
    '1--1',
    '1-1 ',
    '1-1\n',
    '10000-1',
    '1-1e3',
    '1-1-1',
    '１-1',
  ]
  for (const text of noRecords) {
    it(`${JSON.stringify(text)} names no record`, () => expect(parseRecordId(text)).to.equal(null))
  }
})
