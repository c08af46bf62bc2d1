// Which days a daily job has to close, as a table, and when a day that failed is tried again.

import { expect } from 'chai'
import { dueDays, MOST_DAYS, newestDueDay, nextAttempt, nextDueMs, RETRY_AFTER_MS } from '../../server/jobs/dueDays.ts'
import type { JobRun, TryAgain } from '../../server/jobs/port.ts'
import { begun } from '../../server/jobs/runIds.ts'
import { newRun } from '../conformance/jobBook.suite.ts'

const QUARTER_MS = 15 * 60_000
const at = (text: string): number => Date.parse(text)

describe('days that are due', () => {
  for (const [now, afterMs, day, next] of [
    ['2026-11-26T00:14:59.999Z', QUARTER_MS, '2026-11-24', '2026-11-26T00:15:00.000Z'],
    ['2026-11-26T00:15:00.000Z', QUARTER_MS, '2026-11-25', '2026-11-27T00:15:00.000Z'],
    ['2026-11-26T23:59:59.999Z', QUARTER_MS, '2026-11-25', '2026-11-27T00:15:00.000Z'],
    ['2026-11-27T00:00:00.000Z', QUARTER_MS, '2026-11-25', '2026-11-27T00:15:00.000Z'],
    ['2026-11-26T00:00:00.000Z', 0, '2026-11-25', '2026-11-27T00:00:00.000Z'],
    ['2026-11-25T23:59:59.999Z', 0, '2026-11-24', '2026-11-26T00:00:00.000Z'],
    ['2026-11-26T12:00:00.000Z', at('1970-01-01T23:59:00Z'), '2026-11-24', '2026-11-26T23:59:00.000Z'],
    ['2028-03-01T00:15:00.000Z', QUARTER_MS, '2028-02-29', '2028-03-02T00:15:00.000Z'],
    ['2027-01-01T00:15:00.000Z', QUARTER_MS, '2026-12-31', '2027-01-02T00:15:00.000Z'],
  ] as const) {
    it(`at ${now}, ${afterMs / 60_000} minutes after midnight: ${day}`, () => {
      expect(newestDueDay(at(now), afterMs)).to.equal(day)
      expect(new Date(nextDueMs(at(now), afterMs)).toISOString()).to.equal(next)
    })
  }

  for (const [rule, newest, lastDone, days, skipped] of [
    ['newest', '2026-11-25', null, ['2026-11-25'], null],
    ['newest', '2026-11-25', '2026-11-24', ['2026-11-25'], null],
    ['newest', '2026-11-25', '2026-11-25', [], null],
    ['newest', '2026-11-25', '2026-11-21', ['2026-11-25'], { days: 3, from: '2026-11-22', to: '2026-11-24' }],
    ['newest', '2026-03-01', '2026-02-27', ['2026-03-01'], { days: 1, from: '2026-02-28', to: '2026-02-28' }],
    ['each', '2026-11-25', null, ['2026-11-25'], null],
    ['each', '2026-11-25', '2026-11-22', ['2026-11-23', '2026-11-24', '2026-11-25'], null],
    ['never', '2026-11-25', null, [], null],
    ['never', '2026-11-25', '2026-11-20', [], null],
  ] as const) {
    it(`${rule}: done ${lastDone ?? 'never'}, due ${newest}: ${days.join(', ') || 'none'}`, () => {
      expect(dueDays(rule, newest, lastDone)).to.deep.equal({ days, skipped })
    })
  }

  it('each: days of more than a month ago are left out, and said to be', () => {
    const { days, skipped } = dueDays('each', '2026-11-25', '2026-01-01')
    expect([days.length, days[0], days.at(-1)]).to.deep.equal([MOST_DAYS, '2026-10-26', '2026-11-25'])
    expect(skipped).to.deep.equal({ days: 297, from: '2026-01-02', to: '2026-10-25' })
  })
})

describe('attempts at a day', () => {
  const NOW = at('2026-11-26T00:15:00Z')
  const failed = (tryAgain: TryAgain, attempt = 1, endedAtMs = NOW): JobRun => {
    return { ...begun(newRun({ attempt })), state: 'failed', tryAgain, endedAtMs }
  }
  const done: JobRun = { ...begun(newRun()), state: 'done', endedAtMs: NOW }
  const many = (count: number, tryAgain: TryAgain) => Array.from({ length: count }, (_, at) => failed(tryAgain, at + 1))
  for (const [what, attempts, sinceMs, next] of [
    ['none', [], 0, 1],
    ['one that goes on', [begun(newRun())], 0, 'running'],
    ['one that is done', [done], RETRY_AFTER_MS, 'over'],
    ['one that failed a moment ago', [failed('later')], RETRY_AFTER_MS - 1, 'not_yet'],
    ['one that failed a while ago', [failed('later')], RETRY_AFTER_MS, 2],
    ['one that failed, and the clock was put back since', [failed('later')], -RETRY_AFTER_MS, 2],
    ['one that failed for good', [failed('never')], RETRY_AFTER_MS, 'over'],
    ['one that was stopped', [failed('at_once')], 0, 2],
    ['four that failed', many(4, 'later'), RETRY_AFTER_MS, 5],
    ['five that failed', many(5, 'later'), RETRY_AFTER_MS, 'over'],
    ['six that were stopped', many(6, 'at_once'), 0, 7],
    ['twenty that were stopped', many(20, 'at_once'), 0, 'over'],
  ] as const) {
    it(`${what}: ${next}`, () => expect(nextAttempt(attempts, NOW + sinceMs)).to.equal(next))
  }
})
