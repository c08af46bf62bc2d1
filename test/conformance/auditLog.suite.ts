// What every AuditLog adapter has to do. `open` opens the same log each time it is called within one test.

import { expect } from 'chai'
import type { Clock } from '../../actors/runtime/ports.ts'
import { GENESIS } from '../../server/staff/auditEntry.ts'
import type { AuditFact, AuditLog, AuditQuery } from '../../server/staff/auditLog.ts'
import { checkChain } from '../../server/staff/chainCheck.ts'
import type { UserId } from '../../shared/ids.ts'
import { ManualTime } from '../support/manualTime.ts'

export const ANN = 'u_annannannannannannannaa' as UserId // of the form that ids have
const BOB = 'u_bobbobbobbobbobbobbobbb' as UserId // of the form that ids have
const START_MS = Date.UTC(2026, 0, 1)

export function auditFact(given: Partial<AuditFact> = {}): AuditFact {
  return {
    actor: ANN,
    roles: ['player', 'admin'],
    route: '/admin/users/{id}/roles',
    method: 'PUT',
    path: `/admin/users/${BOB}/roles`,
    outcome: 'done',
    status: 200,
    code: null,
    requestId: 'r-1',
    address: '192.0.2.1',
    target: BOB,
    before: '{"roles":["player"]}',
    after: '{"roles":["player","operator"]}',
    attempt: 1,
    count: 1,
    ...given,
  }
}

export function auditLogSuite(adapter: string, open: (clock: Clock, name: string) => Promise<AuditLog>): void {
  let clock: ManualTime
  let log: AuditLog
  let name = 0
  const page = (query: Partial<AuditQuery> = {}) =>
    log.page({ before: null, limit: 100, actor: null, route: null, outcome: null, fromMs: null, toMs: null, ...query })
  const seqs = async (query: Partial<AuditQuery>) => (await page(query)).entries.map(({ seq }) => seq)

  describe(`audit log: ${adapter}`, () => {
    beforeEach(async () => {
      name++
      clock = new ManualTime(START_MS)
      log = await open(clock, String(name))
    })
    afterEach(() => log.close())

    it('is empty at first', async () => {
      expect(await log.head()).to.equal(null)
      expect(await page()).to.deep.equal({ entries: [], next: null })
      expect(await checkChain(log)).to.deep.equal({ entries: 0, head: null, broken: null })
    })

    it('numbers entries, chains them, and has them after a restart as they were', async () => {
      const first = await log.append(auditFact())
      const nobody = { actor: null, roles: [], route: null, path: null, target: null, requestId: null, address: null }
      const nothing = { status: null, before: null, after: null, attempt: null }
      const second = await log.append(
        auditFact({ ...nobody, ...nothing, outcome: 'counted', code: 'forbidden', count: 7 }),
      )
      expect([first.seq, first.previous, first.atMs]).to.deep.equal([1, GENESIS, START_MS])
      expect([second.seq, second.previous]).to.deep.equal([2, first.hash])
      await log.close()
      log = await open(clock, String(name))
      expect(await page()).to.deep.equal({ entries: [second, first], next: null })
      expect(await log.head()).to.deep.equal({ seq: 2, hash: second.hash })
      expect((await checkChain(log)).broken).to.equal(null)
      expect((await log.append(auditFact())).previous).to.equal(second.hash)
    })

    it('never goes back in time', async () => {
      await log.append(auditFact())
      clock.jump(-60_000)
      expect((await log.append(auditFact())).atMs).to.equal(START_MS)
    })

    it('leaves out a change that is too large, and says so', async () => {
      const { before, after } = await log.append(auditFact({ before: 'x'.repeat(5_000) }))
      expect([before, after]).to.deep.equal(['{"left_out":5000}', auditFact().after])
    })

    it('gives pages of what fits, newest first', async () => {
      for (let minute = 0; minute < 10; minute++) {
        const odd = minute % 2 === 1
        await log.append(
          auditFact({ actor: odd ? BOB : ANN, outcome: odd ? 'refused' : 'done', route: `/${minute % 3}` }),
        )
        clock.jump(60_000)
      }
      expect(await seqs({ actor: BOB })).to.deep.equal([10, 8, 6, 4, 2])
      expect(await seqs({ outcome: 'done', route: '/0' })).to.deep.equal([7, 1])
      expect(await seqs({ fromMs: START_MS + 60_000, toMs: START_MS + 180_000 })).to.deep.equal([3, 2])
      expect(await seqs({ fromMs: START_MS + 3_600_000 })).to.deep.equal([])
      expect(await seqs({ toMs: START_MS })).to.deep.equal([])
      const pages: number[][] = []
      for (let before: number | null = null; ; ) {
        const { entries, next } = await page({ before, limit: 4 })
        pages.push(entries.map(({ seq }) => seq))
        if (next === null) break
        before = next
      }
      expect(pages).to.deep.equal([
        [10, 9, 8, 7],
        [6, 5, 4, 3],
        [2, 1],
      ])
    })

    it('stays without gaps and in one chain when many append at once, over several openings', async () => {
      const others = await Promise.all([open(clock, String(name)), open(clock, String(name))])
      const logs = [log, ...others]
      const appends = logs.flatMap((one) => Array.from({ length: 40 }, () => one.append(auditFact())))
      const numbers = (await Promise.all(appends)).map(({ seq }) => seq).sort((a, b) => a - b)
      expect(numbers).to.deep.equal(Array.from({ length: 120 }, (_, at) => at + 1))
      const { entries, broken } = await checkChain(log)
      expect({ entries, broken }).to.deep.equal({ entries: 120, broken: null })
      await Promise.all(others.map((one) => one.close()))
    })

    it('lacks its end where a head is known that it had before', async () => {
      const { hash } = await log.append(auditFact())
      expect((await checkChain(log, { seq: 1, hash })).broken).to.equal(null)
      expect((await checkChain(log, { seq: 2, hash })).broken).to.deep.include({ seq: 2 })
      expect((await checkChain(log, { seq: 1, hash: GENESIS })).broken).to.deep.include({ seq: 1 })
    })

    it('is unavailable once closed', async () => {
      await log.close()
      for (const ask of [() => log.append(auditFact()), () => page(), () => log.head(), () => log.read(0)]) {
        const failure = await ask().catch((error: unknown) => error)
        expect(failure).to.include({ name: 'ServiceError', code: 'unavailable' })
      }
    })
  })
}
