// M1: the one way between decimal strings and minor units. Every row is something a client has sent or will.

import { expect } from 'chai'
import fc from 'fast-check'
import {
  ASSETS,
  type AssetSpec,
  assetCode,
  findAsset,
  formatAmount,
  isNft,
  MAX_AMOUNT_MINOR,
  parseAmount,
} from '../../shared/assets.ts'

const NFT_CODE = `NFT:137:0x${'ab'.repeat(20)}:42`

function asset(code: string): AssetSpec {
  const found = findAsset(code)
  if (found === null) throw new Error(`no asset ${code}`)
  return found
}

describe('assets: amounts', () => {
  const accepted: readonly (readonly [text: string, code: string, minor: bigint])[] = [
    ['12.34', 'USD', 1234n],
    ['12.3', 'USD', 1230n],
    ['12', 'USD', 1200n],
    ['0.01', 'USD', 1n],
    ['0.10', 'USD', 10n],
    ['0.000001', 'USDC', 1n],
    ['1.5', 'USDT', 1_500_000n],
    ['10000000000000', 'USD', MAX_AMOUNT_MINOR],
    ['1000000000', 'USDC', MAX_AMOUNT_MINOR],
    ['7', 'CREDIT', 7n],
    ['1000000000000000', 'CREDIT', MAX_AMOUNT_MINOR],
    ['1', NFT_CODE, 1n],
  ]
  for (const [text, code, minor] of accepted) {
    it(`"${text}" ${code.slice(0, 6)} is ${minor}`, () => {
      expect(parseAmount(text, asset(code))).to.deep.equal({ kind: 'amount', minor })
    })
  }

  const refused: readonly (readonly [text: string, code: string, reason: string])[] = [
    ['', 'USD', 'malformed'],
    ['1e3', 'USD', 'malformed'],
    ['1E3', 'USD', 'malformed'],
    ['0x10', 'USD', 'malformed'],
    ['0b11', 'USD', 'malformed'],
    ['NaN', 'USD', 'malformed'],
    ['Infinity', 'USD', 'malformed'],
    ['-1', 'USD', 'malformed'],
    ['-0', 'USD', 'malformed'],
    ['+1', 'USD', 'malformed'],
    ['−1', 'USD', 'malformed'],
    ['01', 'USD', 'malformed'],
    ['00', 'USD', 'malformed'],
    ['00.5', 'USD', 'malformed'],
    ['.5', 'USD', 'malformed'],
    ['5.', 'USD', 'malformed'],
    ['.', 'USD', 'malformed'],
    ['1.2.3', 'USD', 'malformed'],
    ['1,000', 'USD', 'malformed'],
    ['1_000', 'USD', 'malformed'],
    ['1 000', 'USD', 'malformed'],
    [' 1', 'USD', 'malformed'],
    ['1 ', 'USD', 'malformed'],
    ['1\n', 'USD', 'malformed'],
    ['\t1', 'USD', 'malformed'],
    ['1\u0000', 'USD', 'malformed'],
    ['\ufeff1', 'USD', 'malformed'],
    ['１２', 'USD', 'malformed'],
    ['١٢', 'USD', 'malformed'],
    ['1٫5', 'USD', 'malformed'],
    ['½', 'USD', 'malformed'],
    ['$1', 'USD', 'malformed'],
    ['1 USD', 'USD', 'malformed'],
    ['1n', 'USD', 'malformed'],
    ['null', 'USD', 'malformed'],
    ['9'.repeat(32), 'USD', 'too_large'],
    ['9'.repeat(100_000), 'USD', 'malformed'],
    [`0.${'0'.repeat(31)}`, 'USD', 'too_precise'],
    ['0', 'USD', 'not_positive'],
    ['0.00', 'USD', 'not_positive'],
    ['0', 'CREDIT', 'not_positive'],
    ['0.001', 'USD', 'too_precise'],
    ['12.340', 'USD', 'too_precise'],
    ['0.0000001', 'USDC', 'too_precise'],
    ['1.0', 'CREDIT', 'too_precise'],
    ['1.0', NFT_CODE, 'too_precise'],
    ['10000000000000.01', 'USD', 'too_large'],
    ['1000000000.000001', 'USDC', 'too_large'],
    ['1000000000000001', 'CREDIT', 'too_large'],
    ['9'.repeat(31), 'USD', 'too_large'],
  ]
  for (const [text, code, reason] of refused) {
    const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 12)}… (${text.length})` : text)
    it(`${shown} ${code.slice(0, 6)} is ${reason}`, () => {
      expect(parseAmount(text, asset(code))).to.deep.equal({ kind: 'invalid', reason })
    })
  }

  const formatted: readonly (readonly [minor: bigint, code: string, text: string])[] = [
    [0n, 'USD', '0.00'],
    [1n, 'USD', '0.01'],
    [99n, 'USD', '0.99'],
    [100n, 'USD', '1.00'],
    [123_456n, 'USD', '1234.56'],
    [-5n, 'USD', '-0.05'],
    [-123_456n, 'USD', '-1234.56'],
    [1n, 'USDC', '0.000001'],
    [1_000_000n, 'USDT', '1.000000'],
    [0n, 'CREDIT', '0'],
    [7n, 'CREDIT', '7'],
    [-7n, 'CREDIT', '-7'],
    [2n ** 63n - 1n, 'USD', '92233720368547758.07'],
  ]
  for (const [minor, code, text] of formatted) {
    it(`${minor} ${code} is written "${text}"`, () => expect(formatAmount(minor, asset(code))).to.equal(text))
  }

  const anyAsset = fc.constantFrom(...Object.values(ASSETS))
  const anyMinor = fc.bigInt({ min: 1n, max: MAX_AMOUNT_MINOR })

  it('reads back what it wrote, whatever the amount and the asset', () => {
    fc.assert(
      fc.property(anyAsset, anyMinor, (spec, minor) => {
        expect(parseAmount(formatAmount(minor, spec), spec)).to.deep.equal({ kind: 'amount', minor })
      }),
    )
  })

  it('there is one of an NFT', () => {
    expect(parseAmount('1', asset(NFT_CODE))).to.deep.equal({ kind: 'amount', minor: 1n })
    expect(parseAmount('2', asset(NFT_CODE))).to.deep.equal({ kind: 'invalid', reason: 'too_large' })
  })

  it('never rounds: what it reads is exactly what was written, or it refuses', () => {
    const digits = fc.stringMatching(/^[0-9]{1,20}$/)
    fc.assert(
      fc.property(anyAsset, digits, fc.option(digits, { nil: '' }), (spec, whole, fraction) => {
        const parsed = parseAmount(fraction === '' ? whole : `${whole}.${fraction}`, spec)
        if (parsed.kind === 'invalid') return
        expect(parsed.minor * 10n ** BigInt(fraction.length)).to.equal(
          BigInt(whole + fraction) * 10n ** BigInt(spec.exponent),
        )
      }),
    )
  })

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(anyAsset, fc.string({ unit: 'binary', maxLength: 40 }), (spec, text) => {
        expect(parseAmount(text, spec).kind).to.be.oneOf(['amount', 'invalid'])
      }),
    )
  })
})

describe('assets: the registry', () => {
  const known: readonly (readonly [code: string, exponent: number, type: string])[] = [
    ['USD', 2, 'fiat'],
    ['USDC', 6, 'crypto'],
    ['USDT', 6, 'crypto'],
    ['CREDIT', 0, 'token'],
    [NFT_CODE, 0, 'nft'],
    [`NFT:1:0x${'00'.repeat(20)}:0`, 0, 'nft'],
    [`NFT:4294967295:0x${'9f'.repeat(20)}:${'9'.repeat(78)}`, 0, 'nft'],
  ]
  for (const [code, exponent, type] of known) {
    it(`${code.slice(0, 12)} has ${exponent} decimals`, () =>
      expect(findAsset(code)).to.deep.equal({ code, exponent, type }))
  }

  const unknown = [
    '',
    'usd',
    'USD ',
    'EUR',
    'BTC',
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'NFT',
    'NFT:1:0x1234:1',
    `NFT:1:${'ab'.repeat(20)}:1`,
    `NFT:1:0x${'ab'.repeat(20)}:`,
    `NFT:1:0x${'ab'.repeat(20)}:1:2`,
    `NFT:1:0x${'ab'.repeat(20)}:-1`,
    `NFT:1:0x${'ab'.repeat(20)}:1\n`,
    `NFT:x:0x${'ab'.repeat(20)}:1`,
    `NFT:1:0x${'gg'.repeat(20)}:1`,
    `NFT:1:0x${'ab'.repeat(20)}:${'9'.repeat(79)}`,
    'NFT:1:0x"],"en":[:1',
    // One NFT has one code: other spellings of a code above are none.
    `NFT:137:0x${'aB'.repeat(20)}:42`,
    `NFT:137:0x${'AB'.repeat(20)}:42`,
    `NFT:137:0X${'ab'.repeat(20)}:42`,
    `nft:137:0x${'ab'.repeat(20)}:42`,
    `NFT:0137:0x${'ab'.repeat(20)}:42`,
    `NFT:0:0x${'ab'.repeat(20)}:42`,
    `NFT:137:0x${'ab'.repeat(20)}:042`,
    `NFT:137:0x${'ab'.repeat(20)}:00`,
  ]
  for (const code of unknown) it(`${JSON.stringify(code)} is no asset`, () => expect(findAsset(code)).to.equal(null))
})

describe('assets: as they are written outside', () => {
  const spellings = ['ab'.repeat(20), 'AB'.repeat(20), 'aB'.repeat(20), 'Ab'.repeat(20)]
  for (const contract of spellings) {
    const text = `NFT:137:0x${contract}:42`
    it(`${text} is one and the same token`, () => expect(assetCode(text)).to.equal(NFT_CODE))
  }

  const others = ['usd', 'nft:137', `nft:137:0x${'ab'.repeat(20)}:42`, `NFT:137:0X${'ab'.repeat(20)}:42`]
  for (const text of [...others, `NFT:0137:0x${'AB'.repeat(20)}:42`, `NFT:137:0x${'AB'.repeat(20)}:042`, 'NFT', ''])
    it(`${JSON.stringify(text)} is no asset`, () => expect(findAsset(assetCode(text))).to.equal(null))

  it('tells NFTs from the rest', () => {
    expect(isNft(NFT_CODE)).to.equal(true)
    for (const code of [...Object.keys(ASSETS), 'NFT']) expect(isNft(code), code).to.equal(false)
  })
})
