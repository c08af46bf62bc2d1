// J1: where an actor lives. The values here are part of the data format: a data set written with them is read with
// them, so they must never change.

import { expect } from 'chai'
import { actorKey, partitionOf } from '../../shared/partition.ts'

describe('partitionOf', () => {
  const golden: readonly (readonly [key: string, of16: number, of128: number, of1024: number])[] = [
    ['', 1, 1, 257],
    ['wallet/w_guest', 9, 57, 57],
    ['wallet/w_AAAAAAAAAAAAAAAAAAAAAA', 4, 52, 52],
    ['wallet/w_AAAAAAAAAAAAAAAAAAAAAB', 14, 30, 158],
    ['match/m_1', 14, 126, 1022],
    ['tournament/t_2026', 12, 12, 140],
    ['queue/cs2:eu-west', 11, 123, 635],
    ['wallet/ü😀', 14, 110, 750],
  ]
  for (const [key, ...expected] of golden) {
    it(`${JSON.stringify(key)} lives where it always has`, () => {
      expect([16, 128, 1024].map((partitions) => partitionOf(key, partitions))).to.deep.equal(expected)
      expect(partitionOf(key, 1)).to.equal(0)
    })
  }

  it('an actor key is kind/id', () => expect(actorKey('wallet', 'w_abcd')).to.equal('wallet/w_abcd'))

  for (const partitions of [16, 128]) {
    it(`spreads ids that differ in their last characters evenly over ${partitions} partitions`, () => {
      const actors = 64_000
      const counts = new Array<number>(partitions).fill(0)
      for (let index = 0; index < actors; index++) {
        const partition = partitionOf(actorKey('wallet', `w_${index.toString(36).padStart(22, '0')}`), partitions)
        counts[partition] = (counts[partition] ?? 0) + 1
      }
      // Even to within five standard deviations of what chance gives.
      const mean = actors / partitions
      const allowed = 5 * Math.sqrt(mean)
      expect(Math.max(...counts)).to.be.below(mean + allowed)
      expect(Math.min(...counts)).to.be.above(mean - allowed)
    })
  }
})
