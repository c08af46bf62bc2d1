// Random lives of a wallet: whatever is asked of it in whatever order, its state is the fold of its events (A3), its
// balances are what the postings add up to (M2, M3), and nothing is ever below zero (M5).

import { expect } from 'chai'
import fc from 'fast-check'
import { LedgerRuleError } from '../../actors/runtime/books.ts'
import type { Json } from '../../actors/runtime/record.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { walletKind } from '../../actors/wallet/kind.ts'
import type { Wallet } from '../../actors/wallet/state.ts'
import { MAX_BALANCE_MINOR } from '../../shared/assets.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import { START_MS, WalletBench } from '../support/walletBench.ts'

const ALICE = 'w_alice'
const FROM = 'wallet/w_bobby'
const RECORD = '7-12' as RecordId

const asset = fc.constantFrom('USD', 'USDC')
const name = fc.constantFrom('a', 'b', 'c')
const small = fc.bigInt({ min: 1n, max: 3_000n })
const huge = fc.bigInt({ min: MAX_BALANCE_MINOR - 5_000n, max: MAX_BALANCE_MINOR })
const incoming = fc.oneof({ weight: 9, arbitrary: small }, { weight: 1, arbitrary: huge })
const to = fc.constantFrom('w_bobby' as WalletId, ALICE as WalletId)
const text = fc.string({ unit: 'binary', maxLength: 12 })

/** Staff's, of what is there when its turn comes: a share of a record that can be reversed, or a verdict on a proposal. */
interface Picking {
  readonly pick: 'record' | 'proposal'
  readonly number: number
  readonly percent: number
}

const picking: fc.Arbitrary<Picking> = fc.record({
  pick: fc.constantFrom('record', 'proposal'),
  number: fc.nat(40),
  percent: fc.integer({ min: 1, max: 100 }),
})

const command: fc.Arbitrary<WalletCommand | Picking> = fc.oneof(
  { weight: 4, arbitrary: picking },
  fc.constant<WalletCommand>({ kind: 'open', userId: 'u_alice' as UserId }),
  fc.record({
    kind: fc.constant('deposit' as const),
    asset,
    amountMinor: fc.bigInt({ min: 400n, max: 10_000_000n }),
    provider: fc.constant('sandbox' as const),
    reference: text,
  }),
  fc.record({ kind: fc.constant('send' as const), to, asset, amountMinor: small, memo: text }),
  fc.record({
    kind: fc.constant('hold' as const),
    name,
    asset,
    amountMinor: small,
    expiresAtMs: fc.integer({ min: START_MS, max: START_MS + 400 }),
  }),
  fc.record({ kind: fc.constant('capture' as const), name, amountMinor: small, to, releaseRest: fc.boolean() }),
  fc.record({ kind: fc.constant('release' as const), name }),
  fc.record({ kind: fc.constant('expire' as const), name }),
  fc.record({
    kind: fc.constant('receive' as const),
    asset,
    amountMinor: incoming,
    from: fc.constant(FROM),
    record: fc.constant(RECORD),
    memo: text,
  }),
  fc.record({
    kind: fc.constant('returned' as const),
    asset,
    amountMinor: incoming,
    code: fc.constant('wallet.closed'),
    original: fc.constant(RECORD),
    from: fc.constant(FROM),
  }),
  fc.record({
    kind: fc.constant('withdraw' as const),
    asset,
    amountMinor: fc.bigInt({ min: 900n, max: 20_000_000n }),
    destination: fc.constant('dst_1'),
  }),
  // The records of a bench: some of them asked for a withdrawal.
  fc.record({
    kind: fc.constant('withdrawal' as const),
    id: fc.integer({ min: 1, max: 40 }).map((seq) => `3-${seq}` as RecordId),
    step: fc.constantFrom('review', 'approve', 'reject', 'cancel', 'process', 'complete', 'fail'),
    by: fc.constant('u_staff' as UserId),
    note: text,
  }),
  fc.record({
    kind: fc.constant('convert' as const),
    from: asset,
    to: fc.constantFrom('USD', 'USDC', 'CREDIT'),
    amountMinor: fc.bigInt({ min: 1n, max: 20_000n }),
    quote: fc.option(
      fc.record({
        id: name,
        rate: fc.record({
          numerator: fc.bigInt({ min: 1n, max: 999n }),
          denominator: fc.bigInt({ min: 1n, max: 999n }),
        }),
        expiresAtMs: fc.integer({ min: START_MS, max: START_MS + 400 }),
      }),
    ),
  }),
  fc.record({
    kind: fc.constant('verify' as const),
    level: fc.integer({ min: 0, max: 2 }),
    by: fc.constant('u_staff' as UserId),
  }),
  fc.record({
    kind: fc.constant('propose' as const),
    direction: fc.constantFrom('credit', 'debit'),
    asset,
    amountMinor: fc.bigInt({ min: 1n, max: 200_000n }),
    account: fc.constantFrom('5003', '3001', '1002', '2006'),
    reason: text,
    by: fc.constantFrom('u_staff' as UserId, 'u_other' as UserId),
    role: fc.constantFrom('operator', 'admin'),
  }),
  fc.record({
    kind: fc.constant('adjust' as const),
    id: fc.integer({ min: 1, max: 40 }).map((seq) => `3-${seq}` as RecordId),
    verdict: fc.constantFrom('approve', 'reject'),
    note: text,
    by: fc.constantFrom('u_staff' as UserId, 'u_other' as UserId),
    role: fc.constantFrom('operator', 'admin'),
  }),
  fc.record({
    kind: fc.constant('lapse' as const),
    id: fc.integer({ min: 1, max: 40 }).map((seq) => `3-${seq}` as RecordId),
  }),
  fc.record({ kind: fc.constant('freeze' as const), reason: text }),
  fc.constant<WalletCommand>({ kind: 'unfreeze' }),
  fc.constant<WalletCommand>({ kind: 'close' }),
)

// Mostly moments, now and then a night: holds run out, and days are counted anew.
const pause = fc.oneof({ weight: 20, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(14 * 3_600_000) })
const life = fc.array(fc.record({ command, afterMs: pause }), { minLength: 1, maxLength: 60 })

/** Lives in which much can come together. */
const longLife = fc.array(fc.record({ command, afterMs: pause }), { minLength: 60, maxLength: 150, size: 'max' })

/** Lives through the commands; one that breaks a rule of the ledger changes nothing, as the runtime makes sure. */
function live(
  steps: readonly { command: WalletCommand | Picking; afterMs: number }[],
  each: (bench: WalletBench) => void,
): WalletBench {
  const bench = new WalletBench(ALICE)
  for (const { command: meant, afterMs } of [
    { command: { kind: 'open', userId: 'u_alice' as UserId }, afterMs: 0 } as const,
    ...steps,
  ]) {
    bench.nowMs += afterMs
    const command = 'pick' in meant ? picked(bench, meant) : meant
    if (command === null) continue
    const before = encoded(bench.wallet)
    try {
      const decision = bench.run(command)
      if (decision.kind === 'rejected') expect(encoded(bench.wallet)).to.equal(before)
    } catch (error) {
      // Only a return can be too much for a wallet: it cannot be refused (M4). Transit, which nobody fills here, can be
      // used up by whatever comes.
      expect(error).to.be.instanceOf(LedgerRuleError)
      if (!/\b2006\b/.test(String(error))) expect(command.kind).to.equal('returned')
      expect(encoded(bench.wallet)).to.equal(before)
    }
    each(bench)
  }
  return bench
}

function picked(bench: WalletBench, { pick, number, percent }: Picking): WalletCommand | null {
  const nth = <Item>(items: readonly Item[]): Item | undefined => items[number % Math.max(1, items.length)]
  if (pick === 'proposal') {
    const id = nth([...bench.wallet.adjustments.keys()])
    if (id === undefined) return null
    return { kind: 'adjust', id, verdict: 'approve', note: '', by: 'u_third' as UserId, role: 'admin' }
  }
  const id = nth([...bench.records.keys()].filter((each) => typeof bench.plan(each) !== 'string'))
  const whole = id === undefined ? 'not_found' : bench.plan(id)
  if (id === undefined || typeof whole === 'string') return null
  const part = (whole.amountMinor * BigInt(percent)) / 100n
  const plan = bench.plan(id, part === 0n ? null : part)
  return typeof plan === 'string' ? null : { kind: 'reverse', plan, reason: '', by: 'u_staff' as UserId, role: 'admin' }
}

function encoded(wallet: Wallet): string {
  return JSON.stringify(walletKind.encodeState(wallet))
}

function throughText(json: Json): Json {
  return JSON.parse(JSON.stringify(json))
}

describe('wallet: random lives', () => {
  it('available and held are what the postings add up to, per asset and per hold, and never below zero', () => {
    fc.assert(
      fc.property(life, (steps) => {
        live(steps, (bench) => {
          for (const [code, pocket] of bench.wallet.pockets) {
            expect(pocket.availableMinor).to.equal(bench.balance(bench.account.available, code))
            expect(pocket.heldMinor).to.equal(bench.balance(bench.account.held, code))
            expect(pocket.pendingMinor).to.equal(bench.balance(`2003:${ALICE}`, code))
            expect(pocket.availableMinor >= 0n && pocket.heldMinor >= 0n && pocket.pendingMinor >= 0n, code).to.equal(
              true,
            )
            const open = [...bench.wallet.withdrawals.values()].filter((withdrawal) => withdrawal.asset === code)
            expect(open.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).to.equal(pocket.pendingMinor)
            const holds = [...bench.wallet.holds.values()].filter((hold) => hold.asset === code)
            expect(holds.reduce((sum, hold) => sum + hold.leftMinor, 0n)).to.equal(pocket.heldMinor)
            expect(holds.every((hold) => hold.leftMinor > 0n)).to.equal(true)
          }
        })
      }),
    )
  })

  it('what is owed is what 1004 says, is paid before anything is available, and nothing is reversed twice', () => {
    let reversals = 0
    let repayments = 0
    fc.assert(
      fc.property(longLife, (steps) => {
        const bench = live(steps, (now) => {
          for (const [code, { owedMinor, availableMinor }] of now.wallet.pockets) {
            expect(owedMinor).to.equal(now.balance('1004', code))
            expect(owedMinor >= 0n && (owedMinor === 0n || availableMinor === 0n), code).to.equal(true)
          }
        })
        const events = bench.log.map(({ event }) => walletKind.decodeEvent(event))
        const reversed = events.flatMap((event) => (event.kind === 'reversed' ? [event.record] : []))
        expect(new Set(reversed).size).to.equal(reversed.length)
        expect(bench.wallet.reversed.size).to.equal(reversed.length)
        reversals += reversed.length
        repayments += events.filter(({ kind }) => kind === 'repaid').length
      }),
      { numRuns: 60 },
    )
    expect(reversals, 'reversals there were').to.be.greaterThan(0)
    expect(repayments, 'and repayments').to.be.greaterThan(0)
  })

  it('assets and liabilities stay equal, whatever moves (M2)', () => {
    fc.assert(
      fc.property(life, (steps) => {
        const bench = live(steps, () => {})
        for (const code of ['USD', 'USDC', 'CREDIT']) {
          const sum = (accounts: readonly string[]): bigint =>
            accounts.reduce((total, account) => total + bench.balance(account, code), 0n)
          const assets = sum(['1002', '1003:sandbox', '1004', '5003', '6001'])
          const owed = sum([bench.account.available, bench.account.held, `2003:${ALICE}`, '2006'])
          expect(assets).to.equal(owed + sum(['3001', '3002', '4001', '4003']))
        }
      }),
    )
  })

  it('the state is the fold of the events as the log keeps them (A3)', () => {
    fc.assert(
      fc.property(life, (steps) => {
        const bench = live(steps, () => {})
        const replayed = walletKind.initial(ALICE)
        for (const { event, atMs } of bench.log)
          walletKind.evolve(replayed, walletKind.decodeEvent(throughText(event)), atMs)
        expect(encoded(replayed)).to.equal(encoded(bench.wallet))
      }),
    )
  })

  it('a snapshot is the state, at every step, and goes on like it', () => {
    fc.assert(
      fc.property(life, fc.nat(59), (steps, restoreAt) => {
        let step = 0
        const restored = live(steps, (bench) => {
          const copy = walletKind.decodeState(throughText(walletKind.encodeState(bench.wallet)))
          expect(encoded(copy)).to.equal(encoded(bench.wallet))
          if (step++ === restoreAt) bench.wallet = copy
        })
        expect(encoded(restored.wallet)).to.equal(encoded(live(steps, () => {}).wallet))
      }),
    )
  })

  it('every event survives its encoding', () => {
    fc.assert(
      fc.property(life, (steps) => {
        for (const { event } of live(steps, () => {}).log) {
          expect(walletKind.encodeEvent(walletKind.decodeEvent(throughText(event)))).to.deep.equal(event)
        }
      }),
    )
  })

  it('the encoding of a state does not depend on the order things came in', () => {
    const open: WalletCommand = { kind: 'open', userId: 'u_alice' as UserId }
    const deposit = (code: string): WalletCommand => ({
      ...{ kind: 'deposit', asset: code, amountMinor: 9_000_000n, provider: 'sandbox', reference: '' },
    })
    const hold = (label: string): WalletCommand => ({
      ...{ kind: 'hold', name: label, asset: 'USD', amountMinor: 5n, expiresAtMs: START_MS + 100 },
    })
    const bench = (commands: readonly WalletCommand[]) => {
      const made = new WalletBench(ALICE)
      made.must(open)
      made.must({ ...COMMON, asset: 'USD' })
      made.must({ ...COMMON, asset: 'USDC' })
      for (const next of commands) made.must(next)
      return made
    }
    const COMMON = { kind: 'receive', amountMinor: 900n, from: FROM, record: RECORD, memo: '' } as const
    const forth = bench([deposit('USDC'), deposit('USDT'), hold('a'), hold('b')])
    const back = bench([deposit('USDT'), hold('b'), hold('a'), deposit('USDC')])
    expect(encoded(forth.wallet)).to.equal(encoded(back.wallet))
  })
})
