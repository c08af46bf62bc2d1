// Vetoes: the orders of bans and picks by games and maps, whose turn it is, and what is refused.

import { expect } from 'chai'
import fc from 'fast-check'
import {
  beginVeto,
  choose,
  chosenMaps,
  openMaps,
  type Side,
  type Veto,
  type VetoAction,
  vetoActions,
  vetoTurn,
} from '../../shared/tournaments/veto.ts'

const maps = (count: number) => Array.from({ length: count }, (_, index) => `map${index}`)

function begun(bestOf: number, pool: readonly string[], begins: Side = 0): Veto {
  const vetoed = beginVeto({ bestOf, pool, begins })
  if (vetoed.kind === 'refused') throw new Error(vetoed.code)
  return vetoed.veto
}

function outcome(veto: Veto, side: Side, action: VetoAction, map: string): string {
  const vetoed = choose(veto, side, action, map)
  return vetoed.kind === 'refused' ? vetoed.code : vetoed.kind
}

/** Each turn takes the first map that is open. */
function played(veto: Veto): Veto {
  const turn = vetoTurn(veto)
  if (turn === null) return veto
  const vetoed = choose(veto, turn.side, turn.action, openMaps(veto)[0] ?? '')
  if (vetoed.kind === 'refused') throw new Error(vetoed.code)
  return played(vetoed.veto)
}

describe('vetoes', () => {
  const orders: readonly (readonly [bestOf: number, pool: number, actions: string])[] = [
    [1, 1, ''],
    [1, 2, 'ban'],
    [1, 7, 'ban ban ban ban ban ban'],
    [3, 3, 'pick pick'],
    [3, 4, 'ban pick pick'],
    [3, 5, 'ban ban pick pick'],
    [3, 7, 'ban ban pick pick ban ban'],
    [5, 5, 'pick pick pick pick'],
    [5, 7, 'ban ban pick pick pick pick'],
    [5, 9, 'ban ban pick pick pick pick ban ban'],
    [7, 7, 'pick pick pick pick pick pick'],
  ]
  for (const [bestOf, pool, actions] of orders) {
    it(`best of ${bestOf} of ${pool} maps: ${actions === '' ? 'no choice' : actions}`, () => {
      expect(vetoActions(bestOf, pool).join(' ')).to.equal(actions)
    })
  }

  it('the maps are those picked, and the one left over', () => {
    expect(chosenMaps(played(begun(3, maps(7), 1)))).to.deep.equal([
      { map: 'map2', pickedBy: 1 },
      { map: 'map3', pickedBy: 0 },
      { map: 'map6', pickedBy: null },
    ])
    expect(chosenMaps(begun(1, ['dust']))).to.deep.equal([{ map: 'dust', pickedBy: null }])
    expect(chosenMaps(begun(3, maps(7)))).to.equal(null)
  })

  it('wrong turns are refused', () => {
    const veto = begun(3, maps(7))
    expect(outcome(veto, 1, 'ban', 'map0')).to.equal('tournament.veto_turn')
    expect(outcome(veto, 0, 'pick', 'map0')).to.equal('tournament.veto_turn')
    expect(outcome(veto, 0, 'ban', 'moon')).to.equal('tournament.veto_map')
    expect(outcome({ ...veto, chosen: ['map0'] }, 1, 'ban', 'map0')).to.equal('tournament.veto_map')
    expect(outcome(played(veto), 0, 'ban', 'map6')).to.equal('tournament.veto_over')
  })

  it('no veto of an even number of games, of too few maps, or of the same map twice', () => {
    const malformed: readonly (readonly [number, readonly string[]])[] = [
      [0, maps(7)],
      [2, maps(7)],
      [1.5, maps(7)],
      [-1, maps(7)],
      [5, maps(4)],
      [1, []],
      [1, maps(65)],
      [1, ['a', 'b', 'a']],
    ]
    for (const [bestOf, pool] of malformed) {
      expect(beginVeto({ bestOf, pool, begins: 0 })).to.deep.equal({
        kind: 'refused',
        code: 'tournament.veto_malformed',
      })
    }
  })

  it('sides alternate, as many maps are left as games, each once, and the picks are shared evenly', () => {
    const half = fc.integer({ min: 0, max: 5 })
    fc.assert(
      fc.property(half, fc.nat(20), fc.constantFrom<Side>(0, 1), (pairs, more, begins) => {
        const bestOf = 2 * pairs + 1
        const veto = played(begun(bestOf, maps(bestOf + more), begins))
        const chosen = chosenMaps(JSON.parse(JSON.stringify(veto))) ?? []
        expect(new Set(chosen.map(({ map }) => map)).size).to.equal(bestOf)
        for (const side of [0, 1, null] as const) {
          expect(chosen.filter(({ pickedBy }) => pickedBy === side).length).to.equal(side === null ? 1 : pairs)
        }
      }),
    )
  })
})
