// What every store has to answer about the past (S1, M3): random sound logs are projected into it, and at random moments
// each answer is what a plain fold of the whole log gives.

import { expect } from 'chai'
import fc from 'fast-check'
import { KINDS } from '../../actors/kinds.ts'
import type { ProjectionStore } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { answerQuestion } from '../../server/ledger/answerer.ts'
import type { LedgerReads } from '../../server/ledger/ports.ts'
import type {
  Answers,
  CausedPlace,
  CausedQuestion,
  EntriesQuestion,
  Place,
  Question,
} from '../../server/ledger/questions.ts'
import {
  change,
  ownedAccounts,
  type PlainLeg,
  plainBalance,
  plainCaused,
  plainLegs,
  plainTrial,
} from '../support/ledgerFold.ts'
import { LogBuilder } from '../support/logBuilder.ts'
import { PaymentLog } from '../support/paymentLog.ts'

export const LEDGER_PARTITIONS = 3
const WALLETS = 4

export interface LedgerUnderTest {
  readonly store: ProjectionStore
  /** For one question. */
  reads(): LedgerReads
  close(): Promise<void>
}

export interface LedgerBench {
  /** Opens a data set of LEDGER_PARTITIONS, a new one each time. */
  open(): Promise<LedgerUnderTest>
  /** Random logs to try. */
  readonly runs: number
  /** Steps of each. */
  readonly steps: number
}

type Step = readonly [what: number, a: number, b: number, minor: number]

export function play(script: readonly Step[]): { readonly log: LogBuilder; readonly wallets: readonly string[] } {
  const log = new LogBuilder(LEDGER_PARTITIONS)
  const wallets = Array.from({ length: WALLETS }, (_, index) => log.walletIn(index % LEDGER_PARTITIONS, `fold${index}`))
  for (let partition = 0; partition < LEDGER_PARTITIONS; partition++) log.epoch(partition)
  for (const wallet of wallets) log.command(wallet, 'open', { ev: [['opened', `u_${wallet.slice(2)}`]] })
  let holds = 0
  for (const [what, a, b, size] of script) {
    const [from = '', to = ''] = [wallets[a], wallets[b]]
    const minor = BigInt(size)
    const affordable = log.balance(from) >= minor
    // Some records share their moment with the one before.
    if (size % 3 === 0) log.nowMs += size
    else if (size % 3 === 1) log.nowMs = Math.max(...log.batches.map(({ records }) => records.at(-1)?.t ?? 0))
    if (what <= 2) log.deposit(from, minor, what === 2 ? 'USDC' : 'USD')
    else if (what <= 5 && affordable && a !== b) log.send(from, to, minor)
    else if (what <= 8) log.receive(log.home(from), log.home(to))
    else if (what === 9) log.cut(log.home(from))
    else if (what === 10 && affordable) log.hold(from, minor, `h${holds++}`, log.nowMs + 60_000)
    else if (what === 11) log.epoch(log.home(from))
    else if (what === 12 && log.next(log.home(from), log.home(to)) === 'receive')
      log.refuse(log.home(from), log.home(to))
  }
  return { log, wallets }
}

export async function project(store: ProjectionStore, log: LogBuilder): Promise<void> {
  await projectBatches(store, log.seal(), KINDS)
}

async function projectBatches(
  store: ProjectionStore,
  batches: readonly StoredBatch[],
  kinds: ReadonlyMap<string, AnyKind>,
): Promise<void> {
  const projector = new Projector({ kinds, store, snapshotEvery: 50 })
  await projector.resume([...Array(LEDGER_PARTITIONS).keys()])
  for (const batch of batches) await projector.take([batch])
  await projector.round()
  expect([...projector.halted]).to.deep.equal([])
}

export function scripts(steps: number): fc.Arbitrary<readonly Step[]> {
  const wallet = fc.nat(WALLETS - 1)
  const step = fc.tuple(fc.nat(12), wallet, wallet, fc.integer({ min: 1, max: 900 }))
  return fc.array(step, { minLength: steps / 2, maxLength: steps })
}

export const everyEntry: EntriesQuestion = {
  kind: 'entries',
  account: null,
  actor: null,
  asset: null,
  operation: null,
  side: null,
  fromMs: null,
  toMs: null,
  minMinor: null,
  maxMinor: null,
  cursor: null,
  limit: 7,
}

export function ledgerSuite(adapter: string, bench: LedgerBench): void {
  let opened: LedgerUnderTest

  async function ask<Kind extends Question['kind']>(question: Question & { kind: Kind }): Promise<Answers[Kind]> {
    const answer = await answerQuestion(opened.reads(), question)
    if (answer.kind !== question.kind) throw new Error(`refused: ${JSON.stringify(answer)}`)
    return answer as Answers[Kind] // of its kind, as the line above made sure
  }

  /** Every page of a list. */
  async function pages(question: EntriesQuestion): Promise<readonly string[]> {
    const found: string[] = []
    for (let cursor: Place | null = null; ; ) {
      const { legs, next }: Answers['entries'] = await ask({ ...question, cursor })
      found.push(...legs.map(({ partition, seq, leg, account }) => `${partition}:${seq}/${leg} ${account}`))
      if (next === null) return found
      cursor = next
    }
  }

  /** Every page of what was caused. */
  async function causedPages(question: Omit<CausedQuestion, 'cursor'>): Promise<readonly string[]> {
    const found: string[] = []
    let open = 0
    for (let cursor: CausedPlace | null = null; ; ) {
      const { legs, next, undelivered }: Answers['caused'] = await ask({ ...question, cursor })
      found.push(...legs.map(({ partition, seq, leg, depth }) => `${depth} ${partition}:${seq}/${leg}`))
      open += undelivered
      if (next === null) return [...found, ...Array.from({ length: open }, () => 'open')]
      cursor = next
    }
  }

  async function checkCauses(log: LogBuilder, legs: readonly PlainLeg[], wallet: string): Promise<void> {
    const sorted = (found: readonly string[]): readonly string[] => [
      ...found.filter((one) => one !== 'open'),
      ...found.filter((one) => one === 'open'),
    ]
    const senders = log.batches.flatMap(({ partition, records }) =>
      records.filter(({ out }) => out !== undefined).map(({ s: seq }) => ({ partition, seq })),
    )
    for (const cause of senders.slice(-8)) {
      const expected = plainCaused(log, `${cause.partition}:${cause.seq}`)
      expect(await causedPages({ ...everyEntry, kind: 'caused', limit: 3, cause })).to.deep.equal(sorted(expected))
    }
    const mine = new Set(legs.filter(({ account }) => account.endsWith(`:${wallet}`)).map(({ id }) => id))
    const expected = [...mine].flatMap((id) => plainCaused(log, id))
    const cause = { actor: `wallet/${wallet}` }
    expect(await causedPages({ ...everyEntry, kind: 'caused', cause })).to.deep.equal(sorted(expected))
  }

  const named = (legs: readonly PlainLeg[]): readonly string[] =>
    legs.map(({ id, leg, account }) => `${id}/${leg} ${account}`)

  async function checkBalances(legs: readonly PlainLeg[], atMs: number): Promise<void> {
    const { rows } = await ask({ kind: 'trial', asset: null, atMs })
    const trial = rows
      .filter(({ debitMinor, creditMinor }) => debitMinor + creditMinor > 0n)
      .map(({ asset, code, debitMinor, creditMinor }) => [asset, code, debitMinor, creditMinor])
    expect(trial).to.deep.equal(plainTrial(legs, atMs))
    for (const account of [...ownedAccounts(legs), '1002', '2006', '2001']) {
      const asked = await answerQuestion(opened.reads(), { kind: 'balance', account, asset: 'USD', atMs })
      const are = (name: string): boolean => name === account || (account === '2001' && name.startsWith('2001:'))
      if (asked.kind === 'refused') expect(legs.some((leg) => leg.asset === 'USD' && are(leg.account))).to.equal(false)
      else expect(asked).to.include({ minor: plainBalance(legs, atMs, 'USD', are) })
    }
  }

  async function checkStatement(legs: readonly PlainLeg[], account: string, fromMs: number, toMs: number) {
    const mine = legs.filter((leg) => leg.account === account && leg.asset === 'USD').toReversed()
    if (mine.length === 0) return
    const before = plainBalance(mine, fromMs - 1, 'USD', () => true)
    const within = mine.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    const answer = await ask({ kind: 'statement', account, asset: 'USD', fromMs, toMs })
    expect(answer.openingMinor).to.equal(before)
    expect(answer.closingMinor).to.equal(within.reduce((sum, leg) => sum + change(leg), before))
    expect(answer.inMinor - answer.outMinor).to.equal(answer.closingMinor - answer.openingMinor)
    expect(answer.legs.map(({ partition, seq }) => `${partition}:${seq}`)).to.deep.equal(within.map(({ id }) => id))
  }

  async function checkPages(legs: readonly PlainLeg[], wallet: string, fromMs: number, toMs: number): Promise<void> {
    const within = legs.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    expect(await pages({ ...everyEntry, fromMs, toMs })).to.deep.equal(named(within))
    const actor = `wallet/${wallet}`
    expect(await pages({ ...everyEntry, actor })).to.deep.equal(
      named(legs.filter(({ account }) => account.endsWith(`:${wallet}`))),
    )
    expect(
      await pages({ ...everyEntry, account: `2001:${wallet}`, fromMs, toMs, operation: 'transfer' }),
    ).to.deep.equal(named(within.filter(({ account, type }) => account === `2001:${wallet}` && type === 'transfer')))
    expect(
      await pages({ ...everyEntry, account: '1002', fromMs, asset: 'USD', minMinor: 100n, maxMinor: 500n }),
    ).to.deep.equal(
      named(
        legs.filter(({ account, asset, minor, atMs }) => {
          return account === '1002' && asset === 'USD' && minor >= 100n && minor <= 500n && atMs >= fromMs
        }),
      ),
    )
  }

  describe(`questions about the ledger: ${adapter}`, () => {
    beforeEach(async () => {
      opened = await bench.open()
    })
    afterEach(() => opened.close())

    it('are answered as a fold of the whole log answers them, at any moment', async () => {
      const moments = fc.tuple(fc.nat(1_000), fc.nat(1_000))
      await fc.assert(
        fc.asyncProperty(scripts(bench.steps), moments, fc.nat(WALLETS - 1), async (script, [one, two], which) => {
          await opened.close()
          opened = await bench.open()
          const { log, wallets } = play(script)
          await project(opened.store, log)
          const legs = plainLegs(log)
          const firstMs = Math.min(...log.batches.flatMap(({ records }) => records.map(({ t }) => t)))
          const at = (share: number): number => firstMs + Math.round(((log.nowMs - firstMs) * share) / 1_000)
          const [fromMs, toMs] = [Math.min(at(one), at(two)), Math.max(at(one), at(two))]
          const wallet = wallets[which] ?? ''
          await checkBalances(legs, fromMs)
          await checkBalances(legs, toMs)
          await checkStatement(legs, `2001:${wallet}`, fromMs, toMs)
          await checkPages(legs, wallet, fromMs, toMs)
          await checkCauses(log, legs, wallet)
        }),
        { numRuns: bench.runs },
      )
    })

    it('gives a record with the batch that it stands in, and none beyond the checkpoint', async () => {
      const { log, wallets } = play([])
      const record = log.deposit(wallets[0] ?? '', 500n)
      await project(opened.store, log)
      const partition = log.home(wallets[0] ?? '')
      const { found, positions } = await ask({ kind: 'record', partition, seq: record.s })
      expect(found.record.entries.map(({ account, balanceAfterMinor }) => [account, balanceAfterMinor])).to.deep.equal([
        ['1002', 500n],
        [`2001:${wallets[0]}`, 500n],
      ])
      expect([found.batch.firstSeq, found.batch.lastSeq]).to.deep.equal([1, record.s])
      expect(positions).to.deep.equal([{ partition, seq: record.s }])
      const none = await answerQuestion(opened.reads(), { kind: 'record', partition, seq: record.s + 1 })
      expect(none).to.deep.equal({ kind: 'refused', code: 'not_found' })
    })

    it('follows a transfer that is refused, and comes back', async () => {
      const { log, wallets } = play([])
      const [from = '', to = ''] = wallets
      log.deposit(from, 500n)
      const sent = log.send(from, to, 200n)
      log.refuse(log.home(from), log.home(to))
      log.receive(log.home(to), log.home(from))
      await project(opened.store, log)
      const cause = { partition: log.home(from), seq: sent.s }
      const answer = await ask({ ...everyEntry, kind: 'caused', cause, cursor: null })
      expect(
        answer.legs.map(({ depth, account, side, amountMinor }) => [depth, account, side, amountMinor]),
      ).to.deep.equal([
        [0, `2001:${from}`, 'debit', 200n],
        [0, '2006', 'credit', 200n],
        [2, '2006', 'debit', 200n],
        [2, `2001:${from}`, 'credit', 200n],
      ])
      expect(answer).to.include({ undelivered: 0, next: null })
    })

    it('finds what an actor without accounts caused by its commands, a page at a time', async () => {
      const log = new PaymentLog(LEDGER_PARTITIONS)
      for (let index = 0; index < 150; index++) log.pay(BigInt(index + 1))
      await projectBatches(opened.store, log.seal(), log.kinds)
      const { actor, account } = log
      const found = await causedPages({ ...everyEntry, kind: 'caused', cause: { actor }, account })
      expect(found).to.deep.equal(log.credits)
    })

    it('refuses what is before the first record, and what would look through everything', async () => {
      const { log, wallets } = play([])
      log.deposit(wallets[0] ?? '', 500n)
      await project(opened.store, log)
      const refusals: readonly (readonly [Question, string])[] = [
        [{ kind: 'trial', asset: null, atMs: 1_000 }, 'ledger.as_of_before_first'],
        [{ kind: 'balance', account: '1002', asset: 'USD', atMs: 1_000 }, 'ledger.as_of_before_first'],
        [{ kind: 'balance', account: '2001:w_nobody', asset: 'USD', atMs: null }, 'ledger.account_unknown'],
        [{ ...everyEntry }, 'ledger.filter_too_wide'],
        [{ ...everyEntry, account: '1002' }, 'ledger.filter_too_wide'],
        [{ ...everyEntry, toMs: log.nowMs }, 'ledger.filter_too_wide'],
      ]
      for (const [question, code] of refusals) {
        expect(await answerQuestion(opened.reads(), question)).to.deep.equal({ kind: 'refused', code })
      }
    })

    it('has nothing to say of an empty ledger', async () => {
      expect(await ask({ kind: 'trial', asset: null, atMs: null })).to.deep.include({ asOfMs: null, rows: [] })
    })
  })
}
