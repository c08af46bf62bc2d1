// How long the projector of a cluster's process rests: the longer its work took, and not at all far behind.

import { expect } from 'chai'
import { restAfter } from '../../server/cluster/pace.ts'

const MB = 1024 * 1024

describe('the projector’s pace', () => {
  const cases: readonly (readonly [
    what: string,
    workMs: number,
    behindMb: number,
    isCutOff: boolean,
    restMs: number,
  ])[] = [
    ['nothing to do: it waits for company', 0, 0, false, 50],
    ['little to do', 10, 0, false, 40],
    ['work: it rests three times as long', 60, 0, false, 180],
    ['much work: history does not wait longer', 1_000, 0, false, 300],
    ['half way to where it hurries', 60, 24, false, 90],
    ['far behind', 60, 48, false, 0],
    ['farther', 60, 480, false, 0],
    ['behind by what only the journal knows', 60, 0, true, 0],
  ]
  for (const [what, workMs, behindMb, isCutOff, restMs] of cases) {
    it(`${what}: ${restMs} ms`, () => {
      expect(restAfter({ workMs, behindBytes: behindMb * MB, isCutOff })).to.equal(restMs)
    })
  }
})
