// Conversions: what is paid and what is got, to the minor unit; quotes, used once and in time; what cannot become what.

import { expect } from 'chai'
import type { Quote, WalletCommand } from '../../actors/wallet/commands.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { DEFAULT_PRICES, fixedRates } from '../../shared/rates.ts'
import { RULES } from '../../shared/rules.ts'
import { outcomeOf, postingLines, START_MS, WalletBench } from '../support/walletBench.ts'

function bench(prices: Readonly<Record<string, string>> = {}): WalletBench {
  const made = new WalletBench('w_alice')
  made.rates = fixedRates({ ...DEFAULT_PRICES, ...prices })
  made.must({ kind: 'open', userId: 'u_alice' as UserId })
  made.must({ kind: 'deposit', asset: 'USD', amountMinor: 100_000n, provider: 'sandbox', reference: 'd1' })
  made.must({ kind: 'deposit', asset: 'USDC', amountMinor: 900_000_000n, provider: 'sandbox', reference: 'd2' })
  return made
}

function convert(from: string, to: string, amountMinor: bigint, quote: Quote | null = null): WalletCommand {
  return { kind: 'convert', from, to, amountMinor, quote }
}

const quoted = (id: string, numerator: bigint, expiresAtMs = START_MS + 30_000): Quote => ({
  ...{ id, rate: { numerator, denominator: 1n }, expiresAtMs },
})

describe('conversions', () => {
  const rows: readonly {
    readonly what: string
    readonly prices?: Readonly<Record<string, string>>
    readonly command: WalletCommand
    readonly postings: readonly string[]
  }[] = [
    {
      what: 'dollars into a stablecoin, through the conversion position of each',
      command: convert('USD', 'USDC', 1_234n),
      postings: [
        'debit 2001:w_alice 1234 USD',
        'credit 3002 1234 USD',
        'debit 3002 12340000 USDC',
        'credit 2001:w_alice 12340000 USDC',
      ],
    },
    {
      what: 'what buys no whole cent stays',
      command: convert('USDC', 'USD', 1_009_999n),
      postings: [
        'debit 2001:w_alice 1000000 USDC',
        'credit 3002 1000000 USDC',
        'debit 3002 100 USD',
        'credit 2001:w_alice 100 USD',
      ],
    },
    {
      what: 'credits are sold',
      command: convert('USD', 'CREDIT', 500n),
      postings: [
        'debit 2001:w_alice 500 USD',
        'credit 4003 500 USD',
        'debit 3002 500 CREDIT',
        'credit 2001:w_alice 500 CREDIT',
      ],
    },
    {
      what: 'a price that had to be rounded up leaves its minor unit with 6001',
      prices: { USDC: '0.9999' },
      command: convert('USDC', 'USD', 1_000_000n),
      postings: [
        'debit 2001:w_alice 990100 USDC',
        'credit 3002 990099 USDC',
        'credit 6001 1 USDC',
        'debit 3002 99 USD',
        'credit 2001:w_alice 99 USD',
      ],
    },
    {
      what: 'where the minor unit is all the price, all of it',
      prices: { USDC: '1.00005' },
      command: convert('USD', 'USDC', 1n),
      postings: [
        'debit 2001:w_alice 1 USD',
        'credit 6001 1 USD',
        'debit 3002 9999 USDC',
        'credit 2001:w_alice 9999 USDC',
      ],
    },
    {
      what: 'the quoted rate, not that of the moment',
      command: convert('USD', 'CREDIT', 500n, quoted('q1', 300n)),
      postings: [
        'debit 2001:w_alice 500 USD',
        'credit 4003 500 USD',
        'debit 3002 1500 CREDIT',
        'credit 2001:w_alice 1500 CREDIT',
      ],
    },
  ]
  for (const { what, prices, command, postings } of rows) {
    it(what, () => expect(postingLines(bench(prices).run(command))).to.deep.equal(postings))
  }

  for (const [what, command, code, remembered] of [
    ['an asset into itself', convert('USD', 'USD', 100n), 'wallet.not_convertible', false],
    ['credits into money', convert('CREDIT', 'USD', 100n), 'wallet.not_convertible', false],
    ['money into what nobody registered', convert('USD', 'GOLD', 100n), 'wallet.not_convertible', false],
    ['money into an NFT', convert('USD', `NFT:1:0x${'a'.repeat(40)}:1`, 100n), 'wallet.not_convertible', false],
    ['less than buys anything', convert('USDC', 'USD', 9_999n), 'wallet.below_minimum', false],
    ['more than there is', convert('USD', 'USDC', 100_001n), 'wallet.insufficient_funds', true],
    [
      'a quote that has run out',
      convert('USD', 'CREDIT', 500n, quoted('q1', 300n, START_MS)),
      'wallet.quote_expired',
      true,
    ],
  ] as const) {
    it(`${what}: ${code}`, () => {
      const decision = bench().run(command)
      expect(outcomeOf(decision)).to.equal(code)
      expect(decision).to.deep.include({ remembered })
    })
  }

  it('more than a wallet can hold of the other asset', () => {
    const made = new WalletBench('w_alice')
    made.must({ kind: 'open', userId: 'u_alice' as UserId })
    const huge = { kind: 'receive', asset: 'USD', amountMinor: 10n ** 15n, from: 'wallet/w_bobby', memo: '' } as const
    made.must({ ...huge, record: '1-1' as RecordId })
    expect(outcomeOf(made.run(convert('USD', 'USDC', 10n ** 15n)))).to.equal('wallet.balance_limit')
  })

  it('a quote is used once, and forgotten when it could not be used any more', () => {
    const made = bench()
    made.must(convert('USD', 'CREDIT', 500n, quoted('q1', 300n)))
    expect(outcomeOf(made.run(convert('USD', 'CREDIT', 500n, quoted('q1', 300n))))).to.equal('wallet.quote_used')
    made.nowMs += 31_000
    made.must(convert('USD', 'CREDIT', 500n, quoted('q2', 300n, made.nowMs + 1)))
    expect([...made.wallet.quotes.keys()]).to.deep.equal(['q2'])
    expect(outcomeOf(made.run(convert('USD', 'CREDIT', 500n, quoted('q1', 300n))))).to.equal('wallet.quote_expired')
  })

  it('quotes in use have a bound', () => {
    const made = bench()
    for (let count = 0; count < RULES.maxUsedQuotes; count++)
      made.must(convert('USD', 'CREDIT', 1n, quoted(`q${count}`, 100n)))
    const decision = made.run(convert('USD', 'CREDIT', 1n, quoted('more', 100n)))
    expect(outcomeOf(decision)).to.equal('overloaded')
    expect(decision).to.deep.include({ remembered: false })
  })
})
