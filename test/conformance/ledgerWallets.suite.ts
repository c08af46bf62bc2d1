// What every store has to find of wallets and their holds: those of random logs, and what is behind the last round of
// snapshots (J4), where the one may be behind and the other not.

import { expect } from 'chai'
import fc from 'fast-check'
import type { HoldPlace } from '../../actors/wallet/service.ts'
import { answerQuestion } from '../../server/ledger/answerer.ts'
import type { Answers, HoldsQuestion, Question, WalletsQuestion } from '../../server/ledger/questions.ts'
import { isWalletId, type WalletId } from '../../shared/ids.ts'
import type { LogBuilder } from '../support/logBuilder.ts'
import { type LedgerBench, type LedgerUnderTest, play, project, scripts } from './ledger.suite.ts'

export function ledgerWalletsSuite(adapter: string, bench: LedgerBench): void {
  let opened: LedgerUnderTest

  async function ask<Kind extends Question['kind']>(question: Question & { kind: Kind }): Promise<Answers[Kind]> {
    const answer = await answerQuestion(opened.reads(), question)
    if (answer.kind !== question.kind) throw new Error(`refused: ${JSON.stringify(answer)}`)
    return answer as Answers[Kind] // of its kind, as the line above made sure
  }

  async function holds(more: Partial<HoldsQuestion>): Promise<readonly string[]> {
    const found: string[] = []
    const none = { kind: 'holds', walletId: null, expiresBeforeMs: null, limit: 4 } as const
    for (let after: HoldPlace | null = null; ; ) {
      const { rows, next }: Answers['holds'] = await ask({ ...none, ...more, after })
      found.push(...rows.map(({ expiresAtMs, walletId, name }) => `${expiresAtMs} ${walletId} ${name}`))
      if (next === null) return found
      after = next
    }
  }

  async function wallets(more: Partial<WalletsQuestion>): Promise<readonly string[]> {
    const found: string[] = []
    const none = { kind: 'wallets', status: null, kycLevel: null, asset: null, minMinor: null, limit: 2 } as const
    for (let after: WalletId | null = null; ; ) {
      const { rows, next }: Answers['wallets'] = await ask({ ...none, ...more, after })
      found.push(...rows.map(({ walletId }) => walletId))
      if (next === null) return found
      after = next
    }
  }

  /** No script ends a hold. */
  async function checkHolds(log: LogBuilder, expiresBeforeMs: number): Promise<void> {
    const expected = log.batches.flatMap(({ records }) =>
      records.flatMap(({ a: actor, ti = [] }) =>
        ti.map(([name, due]) => {
          const text = `${due} ${actor.slice('wallet/'.length)} ${String(name).slice('hold:'.length)}`
          return { due: Number(due), text }
        }),
      ),
    )
    expected.sort((a, b) => a.due - b.due || (a.text < b.text ? -1 : 1))
    expect(await holds({})).to.deep.equal(expected.map(({ text }) => text))
    const sooner = expected.filter(({ due }) => due < expiresBeforeMs).map(({ text }) => text)
    expect(await holds({ expiresBeforeMs })).to.deep.equal(sooner)
  }

  async function checkWallets(log: LogBuilder, ids: readonly string[], minMinor: bigint): Promise<void> {
    expect(await wallets({})).to.deep.equal(ids.toSorted())
    const rich = ids.filter((id) => log.balance(id) + log.balance(id, '2005') >= minMinor)
    expect(await wallets({ asset: 'USD', minMinor })).to.deep.equal(rich.sort())
    const some = ids.filter((id) => log.balance(id, '2001', 'USDC') > 0n)
    expect(await wallets({ asset: 'USDC' })).to.deep.equal(some.sort())
    expect(await wallets({ status: 'frozen' })).to.deep.equal([])
  }

  describe(`wallets and holds in the ledger: ${adapter}`, () => {
    beforeEach(async () => {
      opened = await bench.open()
    })
    afterEach(() => opened.close())

    it('are those of the whole log', async () => {
      await fc.assert(
        fc.asyncProperty(scripts(bench.steps), fc.nat(1_000), fc.nat(1_000), async (script, share, minMinor) => {
          await opened.close()
          opened = await bench.open()
          const { log, wallets: ids } = play(script)
          const begunMs = log.batches[0]?.records[0]?.t ?? 0
          await project(opened.store, log)
          await checkHolds(log, begunMs + 60_000 + Math.round(((log.nowMs - begunMs) * share) / 1_000))
          await checkWallets(log, ids, BigInt(minMinor) + 1n)
        }),
        { numRuns: bench.runs },
      )
    })

    it('are found behind the last round where they are holds, without those that have ended', async () => {
      const { log, wallets: ids } = play([])
      const [one = '', two = ''] = ids
      const dueMs = log.nowMs + 60_000
      log.deposit(one, 500n)
      log.hold(one, 100n, 'first', dueMs)
      await project(opened.store, log)
      for (const wallet of [one, two]) log.cut(log.home(wallet))
      log.release(one, 100n, 'first')
      log.hold(one, 50n, 'again', dueMs + 1)
      log.deposit(two, 500n)
      log.hold(two, 70n, 'other', dueMs)
      await project(opened.store, log, false)
      const expected = [`${dueMs} ${two} other`, `${dueMs + 1} ${one} again`]
      expect(await holds({})).to.deep.equal(expected)
      expect(await holds({ walletId: isWalletId(one) ? one : null })).to.deep.equal(expected.slice(1))
      expect(await holds({ expiresBeforeMs: dueMs })).to.deep.equal([])
    })

    it('are found by status and level, as of the last round', async () => {
      const { log, wallets: ids } = play([])
      const [one = '', two = ''] = ids
      const frozen = log.command(one, 'freeze', { ev: [['frozen', 'looked into']] })
      log.command(two, 'verify', { ev: [['verified', 2, 'u_staff']] })
      await project(opened.store, log)
      expect(await wallets({ status: 'frozen' })).to.deep.equal([one])
      expect(await wallets({ kycLevel: 2 })).to.deep.equal([two])
      expect(await wallets({ status: 'open', kycLevel: 0 })).to.deep.equal(ids.slice(2).toSorted())
      for (const wallet of [one, two]) log.cut(log.home(wallet))
      log.command(one, 'unfreeze', { ev: [['unfrozen']] })
      await project(opened.store, log, false)
      const none = { kycLevel: null, asset: null, minMinor: null, after: null } as const
      const { rows } = await ask({ kind: 'wallets', status: 'frozen', ...none, limit: 1 })
      expect(rows.map(({ walletId, version, asOfMs }) => [walletId, version, asOfMs])).to.deep.equal([
        [one, frozen.s, frozen.t],
      ])
    })
  })
}
