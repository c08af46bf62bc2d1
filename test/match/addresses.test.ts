// Hints that one person plays both sides: who shares an address with whom, and which addresses say nothing.

import { expect } from 'chai'
import { Addresses } from '../../rooms/match/addresses.ts'

const DUEL = [
  { seat: 0, team: 0 },
  { seat: 1, team: 1 },
]

function flagged(places: readonly (readonly [number, string])[], seats = DUEL): readonly number[] {
  const addresses = new Addresses()
  for (const [seat, address] of places) addresses.note(seat, address)
  return addresses.flags(seats, 7).map(({ seat, rule, tick }) => {
    expect([rule, tick]).to.deep.equal(['match.shared_address', 7])
    return seat
  })
}

describe('addresses of seats', () => {
  for (const [what, one, other, seats] of [
    ['the same', '203.0.113.7', '203.0.113.7', [0, 1]],
    ['the same, once written as IPv6', '203.0.113.7', '::ffff:203.0.113.7', [0, 1]],
    ['different', '203.0.113.7', '203.0.113.8', []],
    ['unknown', '', '', []],
    ['of this machine', '127.0.0.1', '127.0.0.1', []],
    ['of this machine, IPv6', '::1', '::1', []],
    ['of a home network', '192.168.0.4', '192.168.0.4', []],
    ['of a larger private network', '172.20.1.1', '172.20.1.1', []],
    ['public, though it looks alike', '172.32.1.1', '172.32.1.1', [0, 1]],
  ] as const) {
    it(`${what}: ${seats.length === 0 ? 'nobody' : 'both'} flagged`, () => {
      const places = [
        [0, one],
        [1, other],
      ] as const
      expect(flagged(places)).to.deep.equal(seats)
    })
  }

  it('are remembered over reconnections', () => {
    const places = [
      [0, '203.0.113.7'],
      [1, '203.0.113.8'],
      [1, '203.0.113.7'],
    ] as const
    expect(flagged(places)).to.deep.equal([0, 1])
  })

  it('say nothing of team-mates', () => {
    const team = [
      { seat: 0, team: 0 },
      { seat: 1, team: 0 },
      { seat: 2, team: 1 },
    ]
    const places = [
      [0, '203.0.113.7'],
      [1, '203.0.113.7'],
    ] as const
    expect(flagged(places, team)).to.deep.equal([])
  })
})
