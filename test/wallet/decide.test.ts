// The wallet's decisions as tables: every status × command, the postings of every movement, the lives of holds.

import { expect } from 'chai'
import { RETURN_ENVELOPE } from '../../actors/runtime/actor.ts'
import { LedgerRuleError } from '../../actors/runtime/books.ts'
import type { WalletCommand, WalletStatus } from '../../actors/wallet/commands.ts'
import { walletKind } from '../../actors/wallet/kind.ts'
import { MAX_BALANCE_MINOR } from '../../shared/assets.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { outcomeOf, postingLines, START_MS, WalletBench } from '../support/walletBench.ts'

const ALICE = 'w_alice'
const BOB = 'w_bobby' as WalletId
const USER = 'u_alice' as UserId
const RECORD = '7-12' as RecordId
const HOLD_EXPIRES_MS = START_MS + 60_000

type CommandKind = WalletCommand['kind']
type CommandOf<Kind extends CommandKind> = Extract<WalletCommand, { kind: Kind }>

const COMMANDS: { readonly [Kind in CommandKind]: CommandOf<Kind> } = {
  open: { kind: 'open', userId: USER },
  deposit: { kind: 'deposit', asset: 'USD', amountMinor: 500n, provider: 'sandbox', reference: 'd1' },
  send: { kind: 'send', to: BOB, asset: 'USD', amountMinor: 1_000n, memo: 'rent' },
  hold: { kind: 'hold', name: 'h2', asset: 'USD', amountMinor: 1_000n, expiresAtMs: HOLD_EXPIRES_MS },
  capture: { kind: 'capture', name: 'h1', amountMinor: 1_000n, to: BOB, releaseRest: false },
  release: { kind: 'release', name: 'h1' },
  withdraw: { kind: 'withdraw', asset: 'USD', amountMinor: 1_000n, destination: 'dst_1' },
  withdrawal: { kind: 'withdrawal', id: RECORD, step: 'approve', by: USER, note: 'ok' },
  convert: { kind: 'convert', from: 'USD', to: 'USDC', amountMinor: 1_000n, quote: null },
  verify: { kind: 'verify', level: 1, by: USER },
  propose: {
    kind: 'propose',
    direction: 'credit',
    asset: 'USD',
    amountMinor: 1_000n,
    account: '5003',
    reason: 'goodwill',
    by: USER,
    role: 'operator',
  },
  reverse: {
    kind: 'reverse',
    plan: {
      ...{ record: RECORD, line: RECORD, what: 'deposit', direction: 'debit', asset: 'USD', amountMinor: 500n },
      against: [{ account: '1002', asset: 'USD', side: 'credit', amountMinor: 500n }],
      to: null,
    },
    reason: 'charged back',
    by: USER,
    role: 'operator',
  },
  adjust: { kind: 'adjust', id: RECORD, verdict: 'approve', note: 'yes', by: USER, role: 'operator' },
  lapse: { kind: 'lapse', id: RECORD },
  freeze: { kind: 'freeze', reason: 'review' },
  unfreeze: { kind: 'unfreeze' },
  close: { kind: 'close' },
  receive: { kind: 'receive', asset: 'USD', amountMinor: 1_000n, from: `wallet/${BOB}`, record: RECORD, memo: '' },
  returned: {
    kind: 'returned',
    asset: 'USD',
    amountMinor: 1_000n,
    code: 'wallet.closed',
    original: RECORD,
    from: `wallet/${BOB}`,
  },
  expire: { kind: 'expire', name: 'h1' },
  stake: { kind: 'stake', match: 'm_1', seat: 1, asset: 'USD', amountMinor: 500n },
  prize: { kind: 'prize', asset: 'USD', amountMinor: 975n, from: 'match/m_1', record: RECORD },
  refund: { kind: 'refund', asset: 'USD', amountMinor: 500n, from: 'match/m_1', record: RECORD },
}

function deposit(amountMinor: bigint, asset = 'USD'): WalletCommand {
  return { ...COMMANDS.deposit, amountMinor, asset }
}

/** Open, with 70.00 USD available and 30.00 held under "h1". */
function opened(): WalletBench {
  const bench = new WalletBench(ALICE)
  bench.must(COMMANDS.open)
  bench.must(deposit(10_000n))
  bench.must({ ...COMMANDS.hold, name: 'h1', amountMinor: 3_000n })
  return bench
}

function inStatus(status: WalletStatus): WalletBench {
  switch (status) {
    case 'unopened':
      return new WalletBench(ALICE)
    case 'open':
      return opened()
    case 'frozen': {
      const bench = opened()
      bench.must(COMMANDS.freeze)
      return bench
    }
    case 'closed': {
      const bench = new WalletBench(ALICE)
      bench.must(COMMANDS.open)
      bench.must(COMMANDS.close)
      return bench
    }
  }
}

describe('wallet: every command in every status', () => {
  const statuses = ['unopened', 'open', 'frozen', 'closed'] as const
  const table: Readonly<Record<CommandKind, readonly [string, string, string, string]>> = {
    //         unopened            open                frozen           closed
    open: ['opened', 'nothing', 'nothing', 'wallet.closed'],
    deposit: ['wallet.not_open', 'deposited', 'wallet.frozen', 'wallet.closed'],
    send: ['wallet.not_open', 'sent', 'wallet.frozen', 'wallet.closed'],
    hold: ['wallet.not_open', 'held', 'wallet.frozen', 'wallet.closed'],
    capture: ['wallet.not_open', 'captured', 'wallet.frozen', 'wallet.closed'],
    release: ['wallet.not_open', 'released', 'wallet.frozen', 'wallet.closed'],
    withdraw: ['wallet.not_open', 'withdrawal_requested', 'wallet.frozen', 'wallet.closed'],
    withdrawal: ['wallet.not_open', 'wallet.withdrawal_unknown', 'wallet.frozen', 'wallet.closed'],
    convert: ['wallet.not_open', 'converted', 'wallet.frozen', 'wallet.closed'],
    verify: ['wallet.not_open', 'verified', 'verified', 'wallet.closed'],
    propose: ['wallet.not_open', 'adjustment_proposed', 'adjustment_proposed', 'wallet.closed'],
    reverse: ['wallet.not_open', 'reversal_proposed', 'reversal_proposed', 'wallet.closed'],
    adjust: [
      'wallet.adjustment_unknown',
      'wallet.adjustment_unknown',
      'wallet.adjustment_unknown',
      'wallet.adjustment_unknown',
    ],
    lapse: ['nothing', 'nothing', 'nothing', 'nothing'],
    freeze: ['wallet.not_open', 'frozen', 'wallet.frozen', 'wallet.closed'],
    unfreeze: ['wallet.not_open', 'wallet.not_frozen', 'unfrozen', 'wallet.closed'],
    close: ['wallet.not_open', 'wallet.not_empty', 'wallet.frozen', 'wallet.closed'],
    receive: ['wallet.unknown_recipient', 'received', 'received', 'wallet.closed'],
    returned: ['returned', 'returned', 'returned', 'returned'],
    expire: ['nothing', 'released', 'released', 'nothing'],
    stake: ['wallet.not_open', 'staked', 'wallet.frozen', 'wallet.closed'],
    prize: ['wallet.unknown_recipient', 'prize', 'prize', 'wallet.closed'],
    refund: ['wallet.unknown_recipient', 'refunded', 'refunded', 'wallet.closed'],
  }
  for (const [kind, outcomes] of Object.entries(table)) {
    for (const [index, status] of statuses.entries()) {
      it(`${kind} while ${status}: ${outcomes[index]}`, () => {
        const bench = inStatus(status)
        if (kind === 'expire') bench.nowMs = HOLD_EXPIRES_MS
        const before = JSON.stringify(walletKind.encodeState(bench.wallet))
        const decision = bench.decide(COMMANDS[kind as CommandKind]) // keys of the table
        expect(outcomeOf(decision)).to.equal(outcomes[index])
        expect(JSON.stringify(walletKind.encodeState(bench.wallet)), 'deciding changes nothing (A2)').to.equal(before)
        // A stake's key is its seat's: it stays free until the stake has gone out.
        const remembered = kind !== 'stake'
        if (decision.kind === 'rejected') expect(decision.remembered, 'by state: remembered').to.equal(remembered)
      })
    }
  }
})

describe('wallet: postings, envelopes and timers', () => {
  const envelope = { to: `wallet/${BOB}`, name: 'receive', money: { asset: 'USD', amountMinor: 1_000n } }
  const timer = (name: string) => ({ kind: 'set', name: `hold:${name}`, dueMs: HOLD_EXPIRES_MS, body: name })
  const cancel = (name: string) => ({ kind: 'cancel', name: `hold:${name}` })

  const rows: readonly {
    readonly what: string
    readonly command: WalletCommand
    readonly operation: string
    readonly postings: readonly string[]
    readonly outbox?: readonly unknown[]
    readonly timers?: readonly unknown[]
    readonly reply?: unknown
  }[] = [
    {
      what: 'a deposit: what backs it, and what is owed',
      command: COMMANDS.deposit,
      operation: 'deposit',
      postings: ['debit 1002 500 USD', 'credit 2001:w_alice 500 USD'],
      reply: { status: 'confirmed' },
    },
    {
      what: 'a deposit of USDC is backed by custody',
      command: deposit(5_000_000n, 'USDC'),
      operation: 'deposit',
      postings: ['debit 1003:sandbox 5000000 USDC', 'credit 2001:w_alice 5000000 USDC'],
      reply: { status: 'confirmed' },
    },
    {
      what: 'a transfer leaves into transit, with its envelope',
      command: COMMANDS.send,
      operation: 'transfer',
      postings: ['debit 2001:w_alice 1000 USD', 'credit 2006 1000 USD'],
      outbox: [{ ...envelope, body: { memo: 'rent' } }],
      reply: { status: 'pending' },
    },
    {
      what: 'a transfer without a memo carries none',
      command: { ...COMMANDS.send, memo: '' },
      operation: 'transfer',
      postings: ['debit 2001:w_alice 1000 USD', 'credit 2006 1000 USD'],
      outbox: [{ ...envelope, body: null }],
      reply: { status: 'pending' },
    },
    {
      what: 'money received comes out of transit',
      command: COMMANDS.receive,
      operation: 'transfer',
      postings: ['debit 2006 1000 USD', 'credit 2001:w_alice 1000 USD'],
    },
    {
      what: 'money returned comes out of transit as well',
      command: COMMANDS.returned,
      operation: 'refund',
      postings: ['debit 2006 1000 USD', 'credit 2001:w_alice 1000 USD'],
    },
    {
      what: 'a hold moves from available to held, with its timer',
      command: COMMANDS.hold,
      operation: 'hold',
      postings: ['debit 2001:w_alice 1000 USD', 'credit 2005:w_alice 1000 USD'],
      timers: [timer('h2')],
      reply: { hold: 'h2', expires_at_ms: HOLD_EXPIRES_MS },
    },
    {
      what: 'part of a hold captured: the rest stays held, the timer too',
      command: COMMANDS.capture,
      operation: 'transfer',
      postings: ['debit 2005:w_alice 1000 USD', 'credit 2006 1000 USD'],
      outbox: [{ ...envelope, body: null }],
      reply: { status: 'pending' },
    },
    {
      what: 'part of a hold captured and the rest given back',
      command: { ...COMMANDS.capture, releaseRest: true },
      operation: 'transfer',
      postings: [
        'debit 2005:w_alice 1000 USD',
        'credit 2006 1000 USD',
        'debit 2005:w_alice 2000 USD',
        'credit 2001:w_alice 2000 USD',
      ],
      outbox: [{ ...envelope, body: null }],
      timers: [cancel('h1')],
      reply: { status: 'pending' },
    },
    {
      what: 'all of a hold captured: the timer goes',
      command: { ...COMMANDS.capture, amountMinor: 3_000n },
      operation: 'transfer',
      postings: ['debit 2005:w_alice 3000 USD', 'credit 2006 3000 USD'],
      outbox: [{ ...envelope, money: { asset: 'USD', amountMinor: 3_000n }, body: null }],
      timers: [cancel('h1')],
      reply: { status: 'pending' },
    },
    {
      what: 'all of a hold captured, nothing is left to give back',
      command: { ...COMMANDS.capture, amountMinor: 3_000n, releaseRest: true },
      operation: 'transfer',
      postings: ['debit 2005:w_alice 3000 USD', 'credit 2006 3000 USD'],
      outbox: [{ ...envelope, money: { asset: 'USD', amountMinor: 3_000n }, body: null }],
      timers: [cancel('h1')],
      reply: { status: 'pending' },
    },
    {
      what: 'a hold released goes back, its timer goes',
      command: COMMANDS.release,
      operation: 'release',
      postings: ['debit 2005:w_alice 3000 USD', 'credit 2001:w_alice 3000 USD'],
      timers: [cancel('h1')],
    },
    { what: 'freezing moves no money', command: COMMANDS.freeze, operation: 'none', postings: [] },
    { what: 'opening again notes nothing', command: COMMANDS.open, operation: 'none', postings: [] },
  ]
  for (const { what, command, operation, postings, outbox = [], timers = [], reply = null } of rows) {
    it(what, () => {
      const decision = opened().must(command)
      expect(decision.operation).to.equal(operation)
      expect(postingLines(decision)).to.deep.equal(postings)
      expect(decision.outbox).to.deep.equal(outbox)
      expect(decision.timers).to.deep.equal(timers)
      expect(decision.reply).to.deep.equal(reply)
    })
  }
})

describe('wallet: refusals', () => {
  const onlyInput = false
  const LONGEST_HOLD_MS = RULES.maxHoldSeconds * 1000
  const hold = (forMs: number): WalletCommand => ({ ...COMMANDS.hold, expiresAtMs: START_MS + forMs })
  const rows: readonly (readonly [what: string, command: WalletCommand, code: string, remembered?: boolean])[] = [
    ['more than is available', { ...COMMANDS.send, amountMinor: 7_001n }, 'wallet.insufficient_funds'],
    ['an asset it never had', { ...COMMANDS.send, asset: 'USDC', amountMinor: 1n }, 'wallet.insufficient_funds'],
    ['to itself', { ...COMMANDS.send, to: ALICE as WalletId }, 'wallet.self_transfer', onlyInput],
    ['a deposit below the minimum', deposit(499n), 'wallet.below_minimum', onlyInput],
    ['a deposit above the maximum', deposit(1_000_001n), 'wallet.above_maximum', onlyInput],
    ['a deposit of credits', deposit(500n, 'CREDIT'), 'wallet.not_depositable', onlyInput],
    ['a deposit of what no object lacks', deposit(500n, '__proto__'), 'wallet.not_depositable', onlyInput],
    ['a hold beyond what is available', { ...COMMANDS.hold, amountMinor: 7_001n }, 'wallet.insufficient_funds'],
    ['a hold of a name in use', { ...COMMANDS.hold, name: 'h1' }, 'wallet.hold_exists'],
    ['a hold that expires now', { ...COMMANDS.hold, expiresAtMs: START_MS }, 'wallet.hold_expired'],
    ['a hold that has expired', { ...COMMANDS.hold, expiresAtMs: START_MS - 1 }, 'wallet.hold_expired'],
    ['a hold for longer than a hold may be', hold(LONGEST_HOLD_MS + 1), 'wallet.hold_too_long'],
    ['a hold for longer than time itself', hold(Number.MAX_SAFE_INTEGER), 'wallet.hold_too_long'],
    ['capture of a hold that is not there', { ...COMMANDS.capture, name: 'h9' }, 'wallet.hold_unknown'],
    ['capture of more than is left', { ...COMMANDS.capture, amountMinor: 3_001n }, 'wallet.hold_exceeded'],
    ['capture to itself', { ...COMMANDS.capture, to: ALICE as WalletId }, 'wallet.self_transfer', onlyInput],
    ['release of a hold that is not there', { kind: 'release', name: 'h9' }, 'wallet.hold_unknown'],
  ]
  it('a hold for as long as a hold may be is taken', () => {
    expect(outcomeOf(opened().decide(hold(LONGEST_HOLD_MS)))).to.equal('held')
  })
  for (const [what, command, code, remembered = true] of rows) {
    it(`${what}: ${code}${remembered ? '' : ', not remembered'}`, () => {
      expect(opened().decide(command)).to.deep.equal({ kind: 'rejected', code, remembered })
    })
  }

  const limits: readonly (readonly [asset: string, least: bigint, most: bigint])[] = [
    ['USD', 500n, 1_000_000n],
    ['USDC', 5_000_000n, 10_000_000_000n],
    ['USDT', 5_000_000n, 10_000_000_000n],
  ]
  for (const [asset, least, most] of limits) {
    it(`deposits of ${asset} from ${least} to ${most}, both included`, () => {
      const outcomes = [least - 1n, least, most, most + 1n].map((amount) =>
        outcomeOf(opened().decide(deposit(amount, asset))),
      )
      expect(outcomes).to.deep.equal(['wallet.below_minimum', 'deposited', 'deposited', 'wallet.above_maximum'])
    })
  }

  it('spends everything that is available, and not a cent more', () => {
    const bench = opened()
    bench.must({ ...COMMANDS.send, amountMinor: 7_000n })
    expect(bench.balance('2001:w_alice')).to.equal(0n)
    expect(outcomeOf(bench.decide({ ...COMMANDS.send, amountMinor: 1n }))).to.equal('wallet.insufficient_funds')
  })

  it('holds at most so many at a time', () => {
    const bench = opened()
    for (let index = 1; index < RULES.maxOpenHoldsPerWallet; index++) {
      bench.must({ ...COMMANDS.hold, name: `n${index}`, amountMinor: 1n })
    }
    expect(outcomeOf(bench.run({ ...COMMANDS.hold, name: 'over' }))).to.equal('wallet.too_many_holds')
    bench.must({ kind: 'release', name: 'n1' })
    expect(outcomeOf(bench.run({ ...COMMANDS.hold, name: 'over' }))).to.equal('held')
  })

  it('an amount that is not positive never reaches the ledger (M1)', () => {
    for (const amountMinor of [0n, -1n]) {
      for (const command of [
        { ...COMMANDS.send, amountMinor },
        { ...COMMANDS.hold, amountMinor },
        { ...COMMANDS.capture, amountMinor },
        { ...COMMANDS.receive, amountMinor },
      ]) {
        expect(() => opened().run(command), `${command.kind} ${amountMinor}`).to.throw(LedgerRuleError)
      }
    }
  })
})

describe('wallet: the life of a hold', () => {
  it('captured in parts until nothing is left, then it is gone', () => {
    const bench = opened()
    for (const amountMinor of [1_000n, 1_500n]) bench.must({ ...COMMANDS.capture, amountMinor })
    expect(bench.balance('2005:w_alice')).to.equal(500n)
    expect(bench.must({ ...COMMANDS.capture, amountMinor: 500n }).timers).to.have.length(1)
    expect(bench.balance('2005:w_alice')).to.equal(0n)
    expect(outcomeOf(bench.decide({ ...COMMANDS.capture, amountMinor: 1n }))).to.equal('wallet.hold_unknown')
    expect(bench.balance('2006')).to.equal(3_000n)
  })

  const around: readonly (readonly [offsetMs: number, capture: string, expire: string])[] = [
    [-1, 'captured', 'nothing'],
    [0, 'wallet.hold_expired', 'released'],
    [1, 'wallet.hold_expired', 'released'],
  ]
  for (const [offsetMs, capture, expire] of around) {
    it(`${offsetMs} ms from its time: capture ${capture}, timer ${expire} (A7)`, () => {
      const bench = opened()
      bench.nowMs = HOLD_EXPIRES_MS + offsetMs
      expect(outcomeOf(bench.decide(COMMANDS.capture))).to.equal(capture)
      expect(outcomeOf(bench.decide(COMMANDS.expire))).to.equal(expire)
    })
  }

  it('expired before its timer has come: capture is refused, the owner may release, the timer finds nothing', () => {
    const bench = opened()
    bench.nowMs = HOLD_EXPIRES_MS + 5_000
    expect(outcomeOf(bench.run(COMMANDS.capture))).to.equal('wallet.hold_expired')
    expect(outcomeOf(bench.run(COMMANDS.release))).to.equal('released')
    expect(outcomeOf(bench.run(COMMANDS.expire))).to.equal('nothing')
    expect([bench.balance('2001:w_alice'), bench.balance('2005:w_alice')]).to.deep.equal([10_000n, 0n])
  })

  it('an expired hold says so in its event, and what was captured of it stays captured', () => {
    const bench = opened()
    bench.must(COMMANDS.capture)
    bench.nowMs = HOLD_EXPIRES_MS
    const decision = bench.must(COMMANDS.expire)
    expect(decision.events).to.deep.equal([{ kind: 'released', name: 'h1', amountMinor: 2_000n, why: 'expired' }])
    expect(decision.timers, 'its timer is the cause of this record').to.deep.equal([])
    expect([bench.balance('2001:w_alice'), bench.balance('2006')]).to.deep.equal([9_000n, 1_000n])
  })

  it('a name may be used again; the old timer does not end the new hold', () => {
    const bench = opened()
    bench.must(COMMANDS.release)
    bench.must({ ...COMMANDS.hold, name: 'h1', amountMinor: 100n, expiresAtMs: HOLD_EXPIRES_MS + 60_000 })
    bench.nowMs = HOLD_EXPIRES_MS
    expect(outcomeOf(bench.run(COMMANDS.expire))).to.equal('nothing')
    expect(bench.balance('2005:w_alice')).to.equal(100n)
    bench.nowMs = HOLD_EXPIRES_MS + 60_000
    expect(outcomeOf(bench.run(COMMANDS.expire))).to.equal('released')
  })

  it('expires while the wallet is frozen', () => {
    const bench = opened()
    bench.must(COMMANDS.freeze)
    bench.nowMs = HOLD_EXPIRES_MS
    bench.must(COMMANDS.expire)
    expect([bench.balance('2001:w_alice'), bench.balance('2005:w_alice')]).to.deep.equal([10_000n, 0n])
  })
})

describe('wallet: money that comes back, limits, closing', () => {
  it('a closed wallet takes a return, and keeps it', () => {
    const bench = inStatus('closed')
    bench.must(COMMANDS.returned)
    expect([bench.wallet.status, bench.balance('2001:w_alice')]).to.deep.equal(['closed', 1_000n])
  })

  const room: readonly (readonly [what: string, below: bigint, command: WalletCommand, outcome: string])[] = [
    ['a receipt that fits exactly', 1_000n, COMMANDS.receive, 'received'],
    ['a receipt of one too many', 999n, COMMANDS.receive, 'wallet.balance_limit'],
    ['a deposit that fits exactly', 500n, COMMANDS.deposit, 'deposited'],
    ['a deposit of one too many', 499n, COMMANDS.deposit, 'wallet.balance_limit'],
  ]
  for (const [what, below, command, outcome] of room) {
    it(`${what}: ${outcome}`, () => {
      const bench = opened()
      // Held money counts: it may come back to available.
      bench.must({ ...COMMANDS.receive, amountMinor: MAX_BALANCE_MINOR - 10_000n - below })
      expect(outcomeOf(bench.run(command))).to.equal(outcome)
    })
  }

  it('closes only when nothing is available and nothing held', () => {
    const bench = opened()
    bench.must({ ...COMMANDS.send, amountMinor: 7_000n })
    expect(outcomeOf(bench.run(COMMANDS.close)), 'held money').to.equal('wallet.not_empty')
    bench.must({ ...COMMANDS.capture, amountMinor: 3_000n })
    expect(outcomeOf(bench.run(COMMANDS.close))).to.equal('closed')
  })

  it('keeps the reason of a freeze until it ends', () => {
    const bench = opened()
    bench.must(COMMANDS.freeze)
    expect(bench.wallet.lockReason).to.equal('review')
    bench.must(COMMANDS.unfreeze)
    expect([bench.wallet.status, bench.wallet.lockReason]).to.deep.equal(['open', ''])
  })
})

describe('wallet: what the runtime hands to it', () => {
  const money = { asset: 'USD', amountMinor: 5n }
  const from = `wallet/${BOB}`

  it('envelopes and timers become commands', () => {
    const arrives = { via: 'envelope', money, from, recordId: RECORD } as const
    expect(walletKind.incoming({ ...arrives, name: 'receive', body: { memo: 'rent' } })).to.deep.equal({
      ...{ kind: 'receive', ...money, from, record: RECORD, memo: 'rent' },
    })
    expect(walletKind.incoming({ ...arrives, name: 'receive', body: null })).to.include({ memo: '' })
    const back = { code: 'wallet.closed', original: '1-2' }
    expect(walletKind.incoming({ ...arrives, name: RETURN_ENVELOPE, body: back })).to.deep.equal({
      ...{ kind: 'returned', ...money, from, code: 'wallet.closed', original: '1-2' },
    })
    const fired = {
      via: 'timer',
      name: 'hold:h1',
      money: null,
      body: 'h1',
      from: `wallet/${ALICE}`,
      recordId: null,
    } as const
    expect(walletKind.incoming(fired)).to.deep.equal(COMMANDS.expire)
  })

  it('what it does not know it throws at, for the runtime to park (M4)', () => {
    const arrives = { via: 'envelope', money, from, recordId: RECORD, body: null } as const
    expect(() => walletKind.incoming({ ...arrives, name: 'surprise' })).to.throw('surprise')
    expect(() => walletKind.incoming({ ...arrives, name: 'receive', money: null })).to.throw('without money')
    expect(() => walletKind.incoming({ ...arrives, via: 'timer', name: 'alarm', money: null })).to.throw('alarm')
  })

  it('a command’s text tells every field that matters apart (M6)', () => {
    const variants: readonly WalletCommand[] = [
      COMMANDS.send,
      { ...COMMANDS.send, to: 'w_carol' as WalletId },
      { ...COMMANDS.send, asset: 'USDC' },
      { ...COMMANDS.send, amountMinor: 1_001n },
      { ...COMMANDS.send, memo: '' },
      COMMANDS.deposit,
      { ...COMMANDS.deposit, asset: 'USDC' },
      { ...COMMANDS.deposit, amountMinor: 501n },
      { ...COMMANDS.deposit, reference: 'd2' },
      COMMANDS.hold,
      { ...COMMANDS.hold, name: 'h3' },
      { ...COMMANDS.hold, asset: 'USDC' },
      { ...COMMANDS.hold, amountMinor: 1_001n },
      { ...COMMANDS.hold, expiresAtMs: HOLD_EXPIRES_MS + 1 },
      COMMANDS.capture,
      { ...COMMANDS.capture, name: 'h3' },
      { ...COMMANDS.capture, amountMinor: 1_001n },
      { ...COMMANDS.capture, to: 'w_carol' as WalletId },
      { ...COMMANDS.capture, releaseRest: true },
      COMMANDS.release,
      { kind: 'release', name: 'h3' },
      COMMANDS.open,
      { kind: 'open', userId: 'u_carol' as UserId },
      COMMANDS.freeze,
      { kind: 'freeze', reason: 'other' },
      COMMANDS.unfreeze,
      COMMANDS.close,
    ]
    const texts = variants.map((command) => walletKind.commandText(command))
    expect(new Set(texts).size).to.equal(variants.length)
    expect(walletKind.commandText({ ...COMMANDS.send })).to.equal(texts[0])
  })
})
