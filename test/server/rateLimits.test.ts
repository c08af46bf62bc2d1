// How often somebody may do something: over HTTP by the class of the route, in a room by what was done of late.

import { expect } from 'chai'
import { Pace } from '../../rooms/pace.ts'
import { RateLimits } from '../../server/http/rateLimits.ts'
import { challengeRoutes } from '../../server/http/routes/challenges.ts'
import type { Identity } from '../../server/identity/port.ts'
import type { EvidenceTexts } from '../../server/play/evidenceTexts.ts'
import type { MatchDesk } from '../../server/play/matchDesk.ts'
import { RULES } from '../../shared/rules.ts'

describe('rate limits over HTTP', () => {
  it('disputes have one of their own, beside that of all requests', async () => {
    const limits = new RateLimits(true)
    const kinds: string[] = []
    for (let count = 0; count <= RULES.disputesAtOnce; count++) kinds.push((await limits.count('dispute', 'u_1')).kind)
    expect(kinds.indexOf('limited')).to.equal(RULES.disputesAtOnce)
    expect((await limits.count('dispute', 'u_2')).kind, 'each for themselves').to.equal('allowed')
    expect((await limits.count('general', 'u_1')).kind, 'and of nothing else').to.equal('allowed')
    const limited = await limits.count('dispute', 'u_1')
    expect(limited.kind === 'limited' && limited.retryAfterSeconds).to.be.within(1, RULES.disputesAtOnce)
  })

  it('disputes, evidence and votes are of that class, what is only read is not', () => {
    const routes = challengeRoutes({ desk: {} as MatchDesk, texts: {} as EvidenceTexts }, {} as Identity) // nothing is called
    const players = routes.filter(({ auth, method }) => auth === 'player' && method !== 'GET')
    expect(players).to.have.length(5)
    expect(new Set(players.map(({ rate }) => rate))).to.deep.equal(new Set(['dispute']))
    expect(routes.filter(({ method }) => method === 'GET').every(({ rate }) => rate === 'general')).to.equal(true)
  })
})

describe('a pace', () => {
  const said = (...times: readonly number[]): readonly boolean[] => {
    const pace = new Pace({ atOnce: 3, everyMs: 1_000 })
    return times.map((atMs) => pace.take(atMs))
  }
  const table: readonly (readonly [what: string, times: readonly number[], taken: readonly boolean[]])[] = [
    ['so many at once', [0, 0, 0, 0, 0], [true, true, true, false, false]],
    ['then one a second', [0, 0, 0, 999, 1_000, 1_001, 2_000], [true, true, true, false, true, false, true]],
    ['trying does not cost', [0, 0, 0, 500, 900, 1_000], [true, true, true, false, false, true]],
    [
      'after a rest as many again',
      [0, 0, 0, 60_000, 60_000, 60_000, 60_000],
      [true, true, true, true, true, true, false],
    ],
    ['parts of a second are kept', [0, 0, 0, 1_900, 2_000], [true, true, true, true, true]],
    [
      'a clock set back gives nothing away',
      [5_000, 5_000, 5_000, 0, 999, 1_000],
      [true, true, true, false, false, true],
    ],
  ]
  for (const [what, times, taken] of table) it(what, () => expect(said(...times)).to.deep.equal(taken))
})
