// What a loop tells its actor, and what becomes of a match whose result its actor will not have: it is called off and paid
// back, and does not wait until its time is over.

import { expect } from 'chai'
import type { Asked } from '../../rooms/match/matchAsks.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { LiveMatchBench } from '../support/liveMatchBench.ts'
import { type TinyState, tinyGame } from '../support/tinyGame.ts'

const refused = (code: ErrorCode): Asked => ({ kind: 'refused', code })

/** Plays until the first result, which the actor answers so. */
async function ended(answers: readonly Asked[]): Promise<LiveMatchBench> {
  const outcome = ({ tick }: TinyState) => (tick < 3 ? null : { results: [], mvp: null })
  const bench = new LiveMatchBench(tinyGame({ outcome }))
  const left = [...answers]
  bench.answer = ({ kind }) => (kind === 'finish' ? (left.shift() ?? { kind: 'done' }) : { kind: 'done' })
  await bench.playing()
  await bench.reaches('its end is said', () => bench.kinds.includes('finish'))
  await bench.reaches('all is said', () => left.length === 0)
  await bench.time.advance(10_000)
  return bench
}

describe('a result', () => {
  const table: readonly (readonly [what: string, answers: readonly Asked[], asked: string, alarm: boolean])[] = [
    ['is said once', [{ kind: 'done' }], 'finish', false],
    [
      'is said again where nobody could answer',
      [refused('unavailable'), refused('overloaded'), { kind: 'done' }],
      'finish finish finish',
      false,
    ],
    ['of a match that is over by another word needs no more', [refused('match.not_live')], 'finish', true],
    ['that is none of this match calls it off', [refused('match.outcome_invalid')], 'finish abort', true],
    ['that cannot be recorded calls it off', [refused('internal')], 'finish abort', true],
    ['that another one came before calls off what is left', [refused('idempotency_mismatch')], 'finish abort', true],
    [
      'is refused only after nobody could answer',
      [refused('unavailable'), refused('match.outcome_invalid')],
      'finish finish abort',
      true,
    ],
  ]
  for (const [what, answers, asked, alarm] of table) {
    it(what, async () => {
      const bench = await ended(answers)
      expect(bench.kinds.join(' ')).to.equal(asked)
      expect(bench.alarms.includes('match.finish_refused')).to.equal(alarm)
    })
  }

  it('that is refused pays everybody back', async () => {
    const bench = new LiveMatchBench(
      tinyGame({ outcome: ({ tick }) => (tick < 3 ? null : { results: [], mvp: null }) }),
    )
    bench.answer = (command) => {
      const told = bench.actor.run(command)
      return told.kind === 'accepted' ? { kind: 'done' } : refused(told.code)
    }
    await bench.playing()
    await bench.reaches('it is called off', () => bench.actor.status === 'cancelled')
    expect([bench.actor.paid(0, 'refund'), bench.actor.paid(1, 'refund')]).to.deep.equal([1_000n, 1_000n])
    expect(bench.actor.escrow).to.equal(0n)
  })
})
