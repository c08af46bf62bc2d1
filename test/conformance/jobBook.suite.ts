// What every JobBook adapter has to do. `open` opens the same book each time it is called within one test, as another
// process would.

import { expect } from 'chai'
import type { Done, Failed, JobBook, JobRun, NewRun, RunFilter } from '../../server/jobs/port.ts'

const START_MS = Date.UTC(2026, 10, 26, 0, 15)

export function newRun(given: Partial<NewRun> = {}): NewRun {
  return {
    id: 'j_1',
    kind: 'checkpoint',
    day: null,
    attempt: 1,
    trigger: 'daily',
    requestedBy: 'timer',
    request: {},
    startedAtMs: START_MS,
    ...given,
  }
}

export const doneWith = (given: Partial<Done> = {}): Done => ({
  endedAtMs: START_MS + 1_000,
  summary: { records: 3 },
  document: null,
  documentType: null,
  ...given,
})
export const failedWith = (given: Partial<Failed> = {}): Failed => ({
  endedAtMs: START_MS + 1_000,
  error: 'no disk',
  tryAgain: 'later',
  ...given,
})

export function jobBookSuite(adapter: string, open: (name: string) => Promise<JobBook>): void {
  let book: JobBook
  let other: JobBook
  let name = 0
  const ids = (runs: readonly JobRun[]) => runs.map(({ id }) => id)
  const listed = async (filter: Partial<RunFilter> = {}) =>
    ids((await book.list({ kind: null, state: null, ...filter }, null, 100)).runs)

  describe(`book of jobs: ${adapter}`, () => {
    beforeEach(async () => {
      name++
      book = await open(String(name))
      other = await open(String(name))
    })
    afterEach(async () => {
      await book.close()
      await other.close()
    })

    it('is empty at first', async () => {
      expect(await book.find('j_1')).to.equal(null)
      expect(await book.document('j_1')).to.equal(null)
      expect(await book.lastDone('checkpoint', null)).to.equal(null)
      expect(await book.running()).to.deep.equal([])
      expect(await book.list({ kind: null, state: null }, null, 10)).to.deep.equal({ runs: [], next: null })
    })

    it('has a run as it was claimed, also for others', async () => {
      const request = { partitions: [1, 2], nested: { lists: [[1], [2]], none: null, 'a.b': '$x' } }
      const run = newRun({ day: '2026-11-25', request, attempt: 2 })
      expect(await book.claim(run)).to.equal('claimed')
      const kept = { ...run, state: 'running', endedAtMs: null, summary: null, error: null }
      expect(await other.find('j_1')).to.deep.equal({ ...kept, tryAgain: null, documentType: null })
    })

    it('gives a run to one of those who claim it at once', async () => {
      const claims = await Promise.all([book, other, book, other].map((each) => each.claim(newRun())))
      expect(claims.filter((claim) => claim === 'claimed')).to.have.length(1)
    })

    it('ends a run once, whoever tries, and keeps the first ending', async () => {
      await book.claim(newRun())
      const endings = await Promise.all([
        book.finish('j_1', doneWith()),
        other.fail('j_1', failedWith()),
        other.fail('j_1', failedWith({ error: 'other' })),
      ])
      expect(endings.filter((ending) => ending === 'recorded')).to.have.length(1)
      const run = await other.find('j_1')
      expect(run?.state).to.equal(endings[0] === 'recorded' ? 'done' : 'failed')
      expect(await other.find('j_1')).to.deep.equal(await book.find('j_1'))
    })

    it('tells what a run came to', async () => {
      await book.claim(newRun())
      await book.claim(newRun({ id: 'j_2' }))
      const summary = { sound: false, violation: { at: '3:7' }, rows: [[1, 'a']] }
      expect(await book.finish('j_1', doneWith({ summary }))).to.equal('recorded')
      expect(await book.fail('j_2', failedWith({ tryAgain: 'never' }))).to.equal('recorded')
      expect(await other.find('j_1')).to.deep.include({ state: 'done', summary, error: null, tryAgain: null })
      expect(await other.find('j_2')).to.deep.include({ state: 'failed', error: 'no disk', tryAgain: 'never' })
      expect(await book.fail('j_1', failedWith())).to.equal('lost')
      expect(await book.finish('j_2', doneWith())).to.equal('lost')
    })

    for (const bytes of [0, 1, 256 * 1024, 256 * 1024 + 1, 3_000_000]) {
      it(`keeps a document of ${bytes} bytes`, async () => {
        const document = Uint8Array.from({ length: bytes }, (_, at) => at % 251)
        await book.claim(newRun())
        await book.finish('j_1', doneWith({ document, documentType: 'text/plain' }))
        const kept = await other.document('j_1')
        expect(Buffer.compare(kept ?? Buffer.from('none'), document)).to.equal(0)
        expect((await other.find('j_1'))?.documentType).to.equal('text/plain')
      })
    }

    it('has no document of a run that was lost', async () => {
      await book.claim(newRun())
      await other.fail('j_1', failedWith())
      const document = Buffer.from('late')
      expect(await book.finish('j_1', doneWith({ document, documentType: 'text/plain' }))).to.equal('lost')
      expect(await book.document('j_1')).to.equal(null)
    })

    it('shows who is at work, with a pulse', async () => {
      await book.claim(newRun({ startedAtMs: START_MS + 5 }))
      await book.claim(newRun({ id: 'j_2' }))
      await book.heartbeat('j_1', 7)
      await book.heartbeat('j_1', 8)
      const pulses = (await other.running()).map(({ run, pulse }) => [run.id, pulse])
      expect(pulses).to.deep.equal([
        ['j_2', 0],
        ['j_1', 8],
      ])
      await book.finish('j_1', doneWith())
      await book.heartbeat('j_1', 9)
      expect((await other.running()).map(({ run }) => run.id)).to.deep.equal(['j_2'])
    })

    it('lists the newest first, page by page, by kind and state', async () => {
      for (const [number, kind] of ['checkpoint', 'verification', 'checkpoint', 'reconciliation'].entries()) {
        const run = newRun({ id: `j_${number}`, startedAtMs: START_MS + (number >> 1) })
        await book.claim({ ...run, kind: kind as NewRun['kind'] }) // one of the list above
      }
      await book.finish('j_0', doneWith())
      await book.fail('j_3', failedWith())
      expect(await listed()).to.deep.equal(['j_3', 'j_2', 'j_1', 'j_0'])
      expect(await listed({ kind: 'checkpoint' })).to.deep.equal(['j_2', 'j_0'])
      expect(await listed({ state: 'running' })).to.deep.equal(['j_2', 'j_1'])
      expect(await listed({ kind: 'checkpoint', state: 'done' })).to.deep.equal(['j_0'])
      const first = await book.list({ kind: null, state: null }, null, 3)
      expect(ids(first.runs)).to.deep.equal(['j_3', 'j_2', 'j_1'])
      const second = await book.list({ kind: null, state: null }, first.next, 3)
      expect([ids(second.runs), second.next]).to.deep.equal([['j_0'], null])
    })

    it('knows what was done last, of a day and at all', async () => {
      const days = ['2026-11-20', '2026-11-22', null, '2026-11-24'] as const
      for (const [number, day] of days.entries()) {
        await book.claim(newRun({ id: `j_${number}`, day, startedAtMs: START_MS + number }))
        if (number < 3) await book.finish(`j_${number}`, doneWith())
      }
      await book.fail('j_3', failedWith())
      const last = async (day: string | null) => (await other.lastDone('checkpoint', day))?.id ?? null
      expect(await last(null)).to.equal('j_2')
      expect(await last('2026-11-30')).to.equal('j_1')
      expect(await last('2026-11-22')).to.equal('j_1')
      expect(await last('2026-11-21')).to.equal('j_0')
      expect(await last('2026-11-19')).to.equal(null)
      expect(await other.lastDone('verification', null)).to.equal(null)
    })

    it('has the attempts at a day in their order', async () => {
      for (const attempt of [1, 2, 3]) {
        await book.claim(newRun({ id: `j_${attempt}`, day: '2026-11-25', attempt, startedAtMs: START_MS - attempt }))
        if (attempt < 3) await book.fail(`j_${attempt}`, failedWith())
      }
      await book.claim(newRun({ id: 'j_9', day: '2026-11-24' }))
      const attempts = await other.attempts('checkpoint', '2026-11-25')
      expect(attempts.map(({ attempt, state }) => [attempt, state])).to.deep.equal([
        [1, 'failed'],
        [2, 'failed'],
        [3, 'running'],
      ])
    })
  })
}
