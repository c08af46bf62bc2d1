// Rates: exact fractions between texts, and the two roundings that end in minor units.

import { expect } from 'chai'
import fc from 'fast-check'
import { findAsset } from '../../shared/assets.ts'
import {
  DEFAULT_PRICES,
  exchanged,
  fixedRates,
  parsePrice,
  parseRate,
  priceOf,
  type Rate,
  rateBetween,
  rateDecimal,
  rateText,
} from '../../shared/rates.ts'

const asset = (code: string) => {
  const found = findAsset(code)
  if (found === null) throw new Error(code)
  return found
}
const rate = (text: string): Rate => parseRate(text) ?? { numerator: 0n, denominator: 1n }

describe('rates', () => {
  const prices: readonly (readonly [text: string, fraction: string | null])[] = [
    ['1', '1/1'],
    ['0.01', '1/100'],
    ['1.0003', '10003/10000'],
    ['999999999999.999999999999', '999999999999999999999999/1000000000000'],
    ['0', null],
    ['0.000', null],
    ['-1', null],
    ['1e3', null],
    ['01', null],
    ['.5', null],
    ['1.', null],
    ['0.0000000000001', null],
    ['', null],
  ]
  for (const [text, fraction] of prices) {
    it(`price ${JSON.stringify(text)}: ${fraction ?? 'none'}`, () => {
      const parsed = parsePrice(text)
      expect(parsed === null ? null : rateText(parsed)).to.equal(fraction)
    })
  }

  const between: readonly (readonly [from: string, to: string, fraction: string | null, decimal: string])[] = [
    ['USD', 'CREDIT', '100/1', '100'],
    ['CREDIT', 'USD', '1/100', '0.01'],
    ['USDC', 'USDT', '1/1', '1'],
    ['USD', 'GOLD', null, ''],
    ['GOLD', 'USD', null, ''],
  ]
  for (const [from, to, fraction, decimal] of between) {
    it(`${from} to ${to}: ${fraction ?? 'no price'}`, () => {
      const found = rateBetween(fixedRates(DEFAULT_PRICES), from, to)
      expect(found === null ? null : rateText(found)).to.equal(fraction)
      if (found !== null) expect(rateDecimal(found)).to.equal(decimal)
    })
  }

  it('a third is cut off, and nothing is padded', () => {
    expect(rateDecimal(rate('1/3'))).to.equal('0.333333333333')
    expect(rateDecimal(rate('5/2'))).to.equal('2.5')
  })

  const exchanges: readonly (readonly [
    minor: bigint,
    from: string,
    to: string,
    fraction: string,
    received: bigint,
    cost: bigint,
    roundedUp: boolean,
  ])[] = [
    [1_00n, 'USD', 'CREDIT', '100/1', 100n, 1_00n, false],
    [1_000_001n, 'USDC', 'USD', '1/1', 1_00n, 1_000_000n, false],
    [9_999n, 'USDC', 'USD', '1/1', 0n, 0n, false],
    [1n, 'USD', 'USDC', '99995/100000', 9_999n, 1n, true],
    [1_000_000n, 'USDC', 'USD', '9999/10000', 99n, 990_100n, true],
  ]
  for (const [minor, from, to, fraction, received, cost, roundedUp] of exchanges) {
    it(`${minor} of ${from} at ${fraction} buys ${received} of ${to} for ${cost}`, () => {
      const got = exchanged(minor, asset(from), asset(to), rate(fraction))
      expect(got).to.equal(received)
      expect(priceOf(got, asset(from), asset(to), rate(fraction))).to.deep.equal({ cost, roundedUp })
    })
  }

  it('nobody pays more than they offered, nor less than what they get is worth', () => {
    const code = fc.constantFrom('USD', 'USDC', 'USDT', 'CREDIT')
    const some = fc.bigInt({ min: 1n, max: 10n ** 9n })
    fc.assert(
      fc.property(code, code, some, some, some, (from, to, minor, numerator, denominator) => {
        const [paid, bought] = [asset(from), asset(to)]
        const at = { numerator, denominator }
        const received = exchanged(minor, paid, bought, at)
        const { cost } = priceOf(received, paid, bought, at)
        expect(cost <= minor).to.equal(true)
        // The least that buys it: it does, and a minor unit less does not.
        expect(exchanged(cost, paid, bought, at)).to.equal(received)
        if (received > 0n) expect(exchanged(cost - 1n, paid, bought, at) < received).to.equal(true)
      }),
    )
  })
})
