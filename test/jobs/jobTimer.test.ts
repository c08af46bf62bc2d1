// The daily timer and the runner by hand: midnight, downtime, a clock that is put back, two processes, one that dies, and
// what staff ask for meanwhile. Books are files of SQLite; time is the test's.

import { join } from 'node:path'
import { expect } from 'chai'
import { z } from 'zod'
import { JOB_FILE } from '../../server/jobs/jobFile.ts'
import { createJobs, type Jobs } from '../../server/jobs/jobParts.ts'
import { MOST_WAITING } from '../../server/jobs/jobRunner.ts'
import { LOOK_EVERY_MS, LOOKS_WITHOUT_PULSE } from '../../server/jobs/jobTimer.ts'
import {
  type DailyRule,
  type Job,
  type JobBook,
  type JobContext,
  JobFailure,
  type JobKind,
  type JobResult,
} from '../../server/jobs/port.ts'
import { SqliteJobBook } from '../../server/jobs/sqliteJobBook.ts'
import { ManualTime } from '../support/manualTime.ts'
import { temporaryFolder } from '../support/server.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const QUARTER_MS = 15 * 60_000
const NOON = Date.UTC(2026, 10, 26, 12)
const RESULT: JobResult = { summary: { made: true }, document: null, documentType: null, alarm: null }

interface Member {
  readonly jobs: Jobs
  readonly book: JobBook
  readonly time: ManualTime
  readonly alarms: (readonly [string, Readonly<Record<string, unknown>>])[]
  /** Days and requests of the runs that began. */
  readonly begun: (string | null)[]
}

type Work = (context: JobContext) => Promise<JobResult>

/** Ends when it is told to. */
function gate(): { readonly work: Work; open(result?: JobResult): void; fail(error: Error): void } {
  const { promise, resolve, reject } = Promise.withResolvers<JobResult>()
  const work: Work = ({ signal }) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')))
    return promise
  }
  return { work, open: (result = RESULT) => resolve(result), fail: reject }
}

/** Time goes by, look by look, and after each everything that follows from it: writes take a turn of the loop each. */
async function pass(time: ManualTime, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= LOOK_EVERY_MS) {
    await time.advance(Math.min(left, LOOK_EVERY_MS))
    for (let turns = 0; turns < 12; turns++) await time.settle()
  }
}

describe('daily timer', () => {
  let file: string
  const members: Member[] = []
  beforeEach(() => {
    file = join(temporaryFolder(), JOB_FILE)
  })
  afterEach(async () => {
    for (const { jobs, book } of members.splice(0)) {
      await jobs.stop()
      await book.close()
    }
  })

  interface Given {
    readonly daily?: DailyRule
    readonly alone?: boolean
    readonly time?: ManualTime
    readonly unavailable?: string
    readonly kind?: JobKind
    readonly afterMidnightMs?: number | null
  }

  /** A process; it looks every half minute of its time. */
  function member(work: Work, given: Given = {}): Member {
    const { daily = 'newest', alone = true, time = new ManualTime(NOON), unavailable = null } = given
    const { kind = 'checkpoint', afterMidnightMs = QUARTER_MS } = given
    const book = new SqliteJobBook(file)
    const alarms: [string, Readonly<Record<string, unknown>>][] = []
    const begun: (string | null)[] = []
    const job: Job = {
      kind,
      parameters: z.strictObject({ n: z.int().optional() }),
      daily,
      unavailable,
      run(_request, context) {
        begun.push(context.run.day)
        return work(context)
      },
    }
    const alarm = (event: string, detail: Readonly<Record<string, unknown>>) => void alarms.push([event, detail])
    const jobs = createJobs({ book, jobs: [job], clock: time, scheduler: time, afterMidnightMs, alone, alarm })
    const made = { jobs, book, time, alarms, begun }
    members.push(made)
    jobs.start()
    return made
  }
  const instantly: Work = () => Promise.resolve(RESULT)
  const look = (time: ManualTime, looks = 1) => pass(time, looks * LOOK_EVERY_MS)
  const runs = async ({ book }: Member) => (await book.list({ kind: null, state: null }, null, 100)).runs
  const table = async (of: Member) =>
    (await runs(of)).map(({ day, attempt, state, summary, error }) => [day, attempt, state, summary ?? error])
  /** A process that is killed: nothing of it goes on, nothing is written. */
  async function kill(killed: Member): Promise<void> {
    await killed.book.close()
    members.splice(members.indexOf(killed), 1)
  }

  it('closes yesterday at first, and each day once it is over', async () => {
    const one = member(instantly)
    await look(one.time)
    expect(one.begun).to.deep.equal(['2026-11-25'])
    await look(one.time, 10)
    expect(one.begun).to.have.length(1)
    await pass(one.time, 12 * HOUR_MS)
    expect(one.begun).to.have.length(1)
    await pass(one.time, QUARTER_MS)
    expect(one.begun).to.deep.equal(['2026-11-25', '2026-11-26'])
    expect(one.alarms).to.deep.equal([])
  })

  it('after three days of downtime makes the newest, and says what is missing', async () => {
    const one = member(instantly)
    await look(one.time)
    one.time.jump(4 * DAY_MS)
    await look(one.time)
    expect(one.begun).to.deep.equal(['2026-11-25', '2026-11-29'])
    const skipped = { days: 3, from: '2026-11-26', to: '2026-11-28' }
    expect((await table(one))[0]).to.deep.equal(['2026-11-29', 1, 'done', { made: true, days_not_made: skipped }])
    expect(one.alarms.map(([event]) => event)).to.deep.equal(['job.days_not_made'])
  })

  it('after three days of downtime makes each, the oldest first', async () => {
    const one = member(instantly, { daily: 'each' })
    await look(one.time)
    one.time.jump(4 * DAY_MS)
    await look(one.time)
    expect(one.begun).to.deep.equal(['2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29'])
    expect(one.alarms).to.deep.equal([])
  })

  it('does nothing again where the clock is put back, nor nothing for ever where it was put forward', async () => {
    const one = member(instantly)
    await look(one.time)
    one.time.jump(-3 * DAY_MS)
    await look(one.time, 3)
    expect(one.begun).to.deep.equal(['2026-11-25', '2026-11-22'])
    one.time.jump(400 * DAY_MS)
    await look(one.time)
    one.time.jump(-397 * DAY_MS)
    await look(one.time)
    await pass(one.time, DAY_MS)
    expect(one.begun.at(-1)).to.equal('2026-11-26')
  })

  it('knows after a restart what was done', async () => {
    const one = member(instantly)
    await look(one.time)
    await kill(one)
    const two = member(instantly, { time: one.time })
    await look(two.time, 3)
    expect(two.begun).to.deep.equal([])
  })

  it('is for days alone that are set up: no key, or switched off', async () => {
    const one = member(instantly, { unavailable: 'no key' })
    const two = member(instantly, { afterMidnightMs: null, time: one.time })
    const three = member(instantly, { daily: 'never', time: one.time })
    await look(one.time, 3)
    expect([one.begun, two.begun, three.begun]).to.deep.equal([[], [], []])
    expect(one.jobs.desk.schedule()[0]).to.deep.include({ nextDueMs: null, unavailable: 'no key' })
    expect(two.jobs.desk.schedule()[0]).to.deep.include({ nextDueMs: null })
  })

  it('has one of two processes do a day', async () => {
    const time = new ManualTime(NOON)
    const one = member(instantly, { alone: false, time })
    const two = member(instantly, { alone: false, time })
    await look(time, 4)
    await pass(time, DAY_MS)
    expect([...one.begun, ...two.begun].sort()).to.deep.equal(['2026-11-25', '2026-11-26'])
  })

  it('alone: takes up at once what a process left that was killed', async () => {
    const one = member(gate().work)
    await look(one.time)
    await kill(one)
    const two = member(instantly, { time: one.time })
    await look(two.time)
    expect(await table(two)).to.deep.equal([
      ['2026-11-25', 2, 'done', { made: true }],
      ['2026-11-25', 1, 'failed', 'its process ended before it was done'],
    ])
  })

  it('with others: takes it up once its pulse has stood still for a while, and not while it goes on', async () => {
    const time = new ManualTime(NOON)
    const slow = gate()
    const one = member(slow.work, { alone: false, time })
    await look(time)
    const two = member(instantly, { alone: false, time })
    await look(time, 3 * LOOKS_WITHOUT_PULSE)
    expect(two.begun).to.deep.equal([])
    // It stands still, and nothing of it is written any more.
    one.book.heartbeat = () => Promise.reject(new Error('away'))
    await look(time, LOOKS_WITHOUT_PULSE + 2)
    expect(two.begun).to.deep.equal(['2026-11-25'])
    slow.open()
    await look(time)
    expect((await table(two)).map(([, attempt, state]) => [attempt, state])).to.deep.equal([
      [2, 'done'],
      [1, 'failed'],
    ])
    expect(one.alarms.map(([event]) => event)).to.deep.equal(['job.lost'])
  })

  it('tries a day again that failed, a while later, and not for ever', async () => {
    const one = member(() => Promise.reject(new Error('no disk')))
    await look(one.time, 29)
    expect(one.begun).to.have.length(1)
    await look(one.time, 2)
    expect(one.begun).to.have.length(2)
    await pass(one.time, 10 * HOUR_MS)
    expect(one.begun).to.have.length(5)
    expect(one.alarms.filter(([event]) => event === 'job.failed')).to.have.length(5)
  })

  it('does not try again what another try would not change, and calls an operator', async () => {
    const one = member(() =>
      Promise.reject(new JobFailure('partition 3 differs', { severity: 'critical', text: 'look at partition 3' })),
    )
    await pass(one.time, 4 * HOUR_MS)
    expect(await table(one)).to.deep.equal([['2026-11-25', 1, 'failed', 'partition 3 differs']])
    expect(one.alarms.map(([event, { severity = null }]) => [event, severity])).to.deep.equal([
      ['job.failed', null],
      ['job.finding', 'critical'],
    ])
  })

  it('tells the alarm of a run that was done', async () => {
    const one = member(() => Promise.resolve({ ...RESULT, alarm: { severity: 'warning', text: 'old' } }))
    await look(one.time)
    expect(one.alarms).to.have.length(1)
    expect(one.alarms[0]?.[1]).to.include({ kind: 'checkpoint', severity: 'warning', text: 'old' })
  })

  it('ends a run when the process stops, and the next start takes the day up again', async () => {
    const one = member(gate().work)
    await look(one.time)
    await one.jobs.stop()
    expect(await table(one)).to.deep.equal([['2026-11-25', 1, 'failed', 'the server was stopped before it was done']])
    const two = member(instantly, { time: one.time })
    await look(two.time)
    expect((await table(two))[0]).to.deep.equal(['2026-11-25', 2, 'done', { made: true }])
  })

  it('gives a run the last one that was done, with its document', async () => {
    const seen: (string | null)[] = []
    const one = member(async ({ run, lastDone, lastDocument }) => {
      const last = await lastDocument()
      seen.push(lastDone?.day ?? null, last === null ? null : Buffer.from(last).toString())
      return { ...RESULT, document: Buffer.from(`of ${run.day}`), documentType: 'text/plain' }
    })
    await look(one.time)
    await pass(one.time, DAY_MS)
    expect(seen).to.deep.equal([null, null, '2026-11-25', 'of 2026-11-25'])
  })

  describe('on demand', () => {
    const order = (of: Member, key: string, parameters: unknown = {}) =>
      of.jobs.desk.order({ kind: 'checkpoint', parameters, requestedBy: 'u_ann', key })

    it('runs one after the other, a few wait, the next is refused', async () => {
      const first = gate()
      const one = member(first.work, { daily: 'never' })
      const kinds: string[] = []
      for (let number = 0; number <= MOST_WAITING + 1; number++) {
        const ordered = await order(one, `key-${number}`)
        kinds.push(ordered.kind === 'run' ? ordered.run.state : ordered.code)
      }
      expect(kinds).to.deep.equal([...Array(MOST_WAITING + 1).fill('running'), 'overloaded'])
      expect(one.begun).to.have.length(1)
      first.open()
      await pass(one.time, 1)
      expect((await table(one)).map(([, , state]) => state)).to.deep.equal(Array(MOST_WAITING + 1).fill('done'))
    })

    it('is the same run under the same key, and refused with another body', async () => {
      const one = member(instantly, { daily: 'never' })
      const first = await order(one, 'key', { n: 1 })
      const again = await order(one, 'key', { n: 1 })
      expect([first.kind, again.kind]).to.deep.equal(['run', 'run'])
      if (first.kind === 'run' && again.kind === 'run') expect(again.run.id).to.equal(first.run.id)
      expect(await order(one, 'key', { n: 2 })).to.deep.equal({ kind: 'refused', code: 'idempotency_mismatch' })
      expect(await runs(one)).to.have.length(1)
    })

    it('is refused by what its parameters are, and where the job is not set up', async () => {
      const one = member(instantly, { daily: 'never' })
      for (const parameters of [{ n: 'x' }, { n: 1.5 }, { more: 1 }, [], null, 'x']) {
        expect(await order(one, 'key', parameters), JSON.stringify(parameters)).to.include({ code: 'invalid_request' })
      }
      const two = member(instantly, { unavailable: 'no key', time: one.time })
      expect(await order(two, 'key')).to.deep.equal({ kind: 'refused', code: 'job.not_configured' })
      expect(await runs(one)).to.deep.equal([])
    })

    it('keeps a day waiting that is due, which comes after it', async () => {
      const slow = gate()
      const one = member((context) => (context.run.day === null ? slow.work(context) : instantly(context)))
      await order(one, 'key')
      await look(one.time, 3)
      expect(one.begun).to.deep.equal([null])
      slow.open()
      await look(one.time)
      expect(one.begun).to.deep.equal([null, '2026-11-25'])
    })
  })
})
