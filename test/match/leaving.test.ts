// Who leaves a live match has forfeited, unless the game was over by then: the news of its result is on its way for a
// moment, and whoever is done leaves in it.

import { expect } from 'chai'
import type { MatchCommand } from '../../actors/match/commands.ts'
import { MatchBench, userAt } from '../support/matchBench.ts'

const leave = (seat: number): MatchCommand => ({ kind: 'leave', user: userAt(seat) })

function ended(leaving: readonly number[], left: readonly number[]): MatchBench {
  const bench = new MatchBench().live({ teams: [0, 1] })
  for (const seat of leaving) bench.must(leave(seat))
  bench.must({ ...(bench.finish([1, 2]) as MatchCommand & { kind: 'finish' }), left }) // what `finish` gives
  bench.due('dispute')
  return bench
}

describe('leaving a match that is played here', () => {
  for (const [what, leaving, left, paid] of [
    ['the winner, once the game was over: wins all the same', [0], [], [1_950n, 0n]],
    ['the winner, while it was played: the other one wins', [0], [0], [0n, 1_950n]],
    ['both, once the game was over: its result stands', [0, 1], [], [1_950n, 0n]],
    ['the loser gave up, and the winner left after the end', [0, 1], [1], [1_950n, 0n]],
  ] as const) {
    it(what, () => {
      const bench = ended(leaving, left)
      expect([bench.paid(0, 'prize'), bench.paid(1, 'prize')]).to.deep.equal(paid)
      expect(bench.status).to.equal('settled')
      expect(bench.escrow).to.equal(0n)
      const back = leaving.filter((seat) => !(left as readonly number[]).includes(seat))
      expect(bench.news('reinstated'), 'what it cost them is taken back').to.deep.equal(
        back.map((seat) => [`player/${userAt(seat)}`, { match: 'm_1' }]),
      )
    })
  }
})
