// Matches of the past come out as they did: recordings are replayed, and paid, by the rules of their version. Where one of
// these fails the rules changed: give the game its next version and the match a new line. Lines are never edited.

import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { angleOf } from '../../shared/games/angles.ts'
import { arena } from '../../shared/games/arena/arena.ts'
import type { ArenaState } from '../../shared/games/arena/state.ts'
import { duel, ELEMENTS } from '../../shared/games/duel.ts'
import type { AnyGame, GameSetup, SeatInput } from '../../shared/games/game.ts'
import { RANDOM_WORDS, type Random, seedRandom } from '../../shared/games/random.ts'
import { setupOf } from './support/playing.ts'

type Script<State> = (state: State, seat: number, random: Random) => unknown

/** Walks anywhere and shoots at the next seat, seen or not: bots may change without a new version, and are not asked. */
const fightAll: Script<ArenaState> = ({ fighters }, seat, random) => {
  const [own, other] = [fighters[seat], fighters[(seat + 1) % fighters.length]]
  if (own === undefined || other === undefined || random.below(3) > 0) return null
  const moveX = random.below(3) - 1
  return [moveX, random.below(3) - 1, angleOf(other.x - own.x, other.y - own.y), random.below(8) === 0 ? 2 : 1]
}
const chooseAny: Script<unknown> = (_state, _seat, random) => (random.below(20) > 0 ? null : ELEMENTS[random.below(5)])

function digest<State>(game: AnyGame, setup: GameSetup, script: Script<State>): string {
  const random = seedRandom(new Int32Array(RANDOM_WORDS), `inputs of ${setup.seed}`)
  const state = game.init(setup) as State // of this game
  const hash = createHash('sha256')
  while (game.outcome(state) === null) {
    const inputs = setup.seats.flatMap(({ seat }): SeatInput<unknown>[] => {
      const input: unknown = game.readInput(script(state, seat, random))
      return input === null ? [] : [{ seat, input }]
    })
    hash.update(JSON.stringify(game.step(state, inputs, [])))
  }
  return hash
    .update(game.serialise(state))
    .update(JSON.stringify(game.outcome(state)))
    .digest('hex')
}

const inArena = (mode: string, map: string, seats: number) => {
  return digest<ArenaState>(
    arena,
    setupOf(arena, { mode, map, seats, alone: mode === 'ffa', seed: 'golden' }),
    fightAll,
  )
}
const inDuel = (mode: string) => digest<unknown>(duel, setupOf(duel, { mode, seed: 'golden' }), chooseAny)

const MATCHES: readonly (readonly [string, number, string, () => string])[] = [
  [
    'arena 2v2 on yard',
    1,
    'd6ce643bf4eba7838f61a2d6d8e518bdabe7d2dc7bd7a3f585d48b91595924e9',
    () => inArena('2v2', 'yard', 4),
  ],
  [
    'arena ffa on pit',
    1,
    '556693bde43eda8c5dae37fe669cbda7761576f4dcf11e1958567607ed3f3641',
    () => inArena('ffa', 'pit', 10),
  ],
  [
    'arena blitz on halls',
    1,
    'ca65524bee51d0cc92fd32ec159991d97851570183e5f0f750b7aa569777a262',
    () => inArena('blitz', 'halls', 2),
  ],
  ['duel bo7', 1, '9e1015bd8afb1bf2d0aedb2644524f8f1e6c118b01d9fc148bec4905576acfa3', () => inDuel('bo7')],
]

describe('golden matches', () => {
  for (const [name, version, expected, played] of MATCHES) {
    it(`${name}, version ${version}`, () => {
      const game = name.startsWith('arena') ? arena : duel
      expect(game.version).to.equal(version)
      expect(played()).to.equal(expected)
    })
  }
})
