// Rendezvous hashing: the same everywhere, spread evenly, and nothing moves that need not.

import { expect } from 'chai'
import fc from 'fast-check'
import { ownerOf } from '../../actors/cluster/placement.ts'

const PARTITIONS = [...Array(64).keys()]
const members = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{4,22}$/), { minLength: 1, maxLength: 8 })

describe('placement', () => {
  it('gives every partition to one of the members, whatever order they are told in', () => {
    fc.assert(
      fc.property(members, fc.nat(63), (ids, partition) => {
        const owner = ownerOf(partition, ids)
        expect(ids).to.include(owner)
        expect(ownerOf(partition, ids.toReversed())).to.equal(owner)
      }),
    )
  })

  it('has nobody where there is nobody', () => {
    expect(ownerOf(3, [])).to.equal(null)
  })

  it('moves to a member that comes what becomes its own, and nothing else', () => {
    fc.assert(
      fc.property(members, fc.stringMatching(/^~[a-z]{6}$/), (ids, newcomer) => {
        for (const partition of PARTITIONS) {
          const [before, after] = [ownerOf(partition, ids), ownerOf(partition, [...ids, newcomer])]
          if (after !== newcomer) expect(after).to.equal(before)
        }
      }),
    )
  })

  it('moves from a member that goes what was its own, and nothing else', () => {
    fc.assert(
      fc.property(members, ([gone = '', ...rest]) => {
        for (const partition of PARTITIONS) {
          const before = ownerOf(partition, [gone, ...rest])
          if (before !== gone) expect(ownerOf(partition, rest)).to.equal(before)
        }
      }),
    )
  })

  it('shares evenly: of 1,024 partitions nobody has twice, or less than half of, an even share', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 6 }).map((ids) => ids.map((id) => `m_${id}`)),
        (ids) => {
          const shares = new Map(ids.map((id) => [id, 0]))
          for (let partition = 0; partition < 1_024; partition++) {
            const owner = ownerOf(partition, ids) ?? ''
            shares.set(owner, (shares.get(owner) ?? 0) + 1)
          }
          const even = 1_024 / ids.length
          for (const share of shares.values()) expect(share).to.be.within(even / 2, even * 2)
        },
      ),
      { numRuns: 30 },
    )
  })
})
