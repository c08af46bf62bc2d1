// The duel: what beats what, how a match goes on and ends, and that nobody learns of a choice before its time.

import { expect } from 'chai'
import fc from 'fast-check'
import {
  beats,
  duel,
  ELEMENTS,
  type Element,
  EXTRA_ROUNDS,
  REVEAL_TICKS,
  ROUND_TICKS,
} from '../../shared/games/duel.ts'
import type { GameJson, Viewer } from '../../shared/games/game.ts'
import { hex, setupOf, text } from './support/playing.ts'

type Choice = Element | null
type Rounds = readonly (readonly [Choice, Choice])[]

/** Plays these rounds; a choice of null lets the time run out. */
function play(mode: string, rounds: Rounds) {
  const state = duel.init(setupOf(duel, { mode }))
  for (const choices of rounds) {
    const inputs = choices.flatMap((input, seat) => (input === null ? [] : [{ seat, input }]))
    duel.step(state, inputs, [])
    for (let tick = 1; tick < ROUND_TICKS && state.phase === 'choose'; tick += 1) duel.step(state, [], [])
    for (let tick = 0; tick < REVEAL_TICKS; tick += 1) duel.step(state, [], [])
  }
  return state
}

const WON: readonly [Element, Element] = ['fire', 'ice']
const LOST: readonly [Element, Element] = ['ice', 'fire']
const DRAWN: readonly [Element, Element] = ['fire', 'fire']
const positions = (mode: string, rounds: Rounds) => {
  return duel.outcome(play(mode, rounds))?.results.map(({ position }) => position) ?? null
}

describe('the duel', () => {
  it('has five elements, each of which beats two, loses to two and ties itself', () => {
    for (const one of ELEMENTS) {
      expect(ELEMENTS.filter((other) => beats(one, other))).to.have.length(2)
      expect(ELEMENTS.filter((other) => beats(other, one))).to.have.length(2)
      expect(beats(one, one)).to.equal(false)
    }
  })

  const table: readonly (readonly [string, string, Rounds, readonly number[] | null])[] = [
    ['ends as soon as the rounds left cannot change it', 'bo3', [WON, WON], [1, 2]],
    ['goes on while they can', 'bo3', [WON, LOST], null],
    ['is won by more rounds, some of them drawn', 'bo5', [WON, DRAWN, LOST, LOST, DRAWN], [2, 1]],
    ['takes a lead of what is left and one more', 'bo7', [WON, WON, WON], null],
    ['that is four of seven', 'bo7', [WON, WON, WON, WON], [1, 2]],
    ['goes on after the last round where it is equal', 'bo3', [WON, LOST, DRAWN], null],
    ['until one is won', 'bo3', [WON, LOST, DRAWN, DRAWN, LOST], [2, 1]],
    ['or it is a draw', 'bo3', [WON, LOST, DRAWN, ...new Array<typeof DRAWN>(EXTRA_ROUNDS).fill(DRAWN)], [1, 1]],
    [
      'is lost by who does not choose in time',
      'bo3',
      [
        [null, 'fire'],
        [null, 'ice'],
      ],
      [2, 1],
    ],
    [
      'is not decided by two who do not',
      'bo3',
      [
        [null, null],
        [null, null],
      ],
      null,
    ],
  ]
  for (const [what, mode, rounds, expected] of table) {
    it(what, () => expect(positions(mode, rounds)).to.deep.equal(expected))
  }

  it('counts the first choice of a round', () => {
    const state = duel.init(setupOf(duel))
    duel.step(state, [{ seat: 0, input: 'fire' }], [])
    duel.step(state, [{ seat: 0, input: 'stone' }], [])
    duel.step(state, [{ seat: 1, input: 'ice' }], [])
    expect(state).to.deep.include({ choices: ['fire', 'ice'], wins: [1, 0], phase: 'reveal' })
  })

  it('is lost by who leaves, also while ahead', () => {
    const state = play('bo3', [WON])
    duel.step(state, [], [{ seat: 0, change: 'left' }])
    expect(duel.outcome(state)).to.deep.equal({
      results: [
        { seat: 0, score: 1, position: 2 },
        { seat: 1, score: 0, position: 1 },
      ],
      mvp: 1,
    })
  })

  it('hides a choice: no view but its own changes with it, nor with its being made', () => {
    const choice = fc.option(fc.constantFrom(...ELEMENTS), { nil: null })
    const cases = fc.record({
      rounds: fc.array(fc.tuple(fc.constantFrom(...ELEMENTS), fc.constantFrom(...ELEMENTS)), { maxLength: 4 }),
      mode: fc.constantFrom(...duel.modes),
      chooser: fc.constantFrom(0, 1),
      ...{ one: choice, another: choice, ticks: fc.integer({ min: 0, max: ROUND_TICKS - 2 }) },
    })
    fc.assert(
      fc.property(cases, ({ rounds, mode, chooser, one, another, ticks }) => {
        const seen = [one, another].map((hidden) => {
          const state = play(mode, rounds)
          if (state.phase === 'over') return []
          const views: string[] = []
          const others: Viewer[] = [{ kind: 'public' }, { kind: 'seat', seat: 1 - chooser }, { kind: 'seat', seat: 7 }]
          const look = () => views.push(...others.map((viewer) => text(duel.view(state, viewer))))
          duel.step(state, hidden === null ? [] : [{ seat: chooser, input: hidden }], [])
          look()
          for (let tick = 0; tick < ticks; tick += 1) duel.step(state, [], [])
          look()
          expect(duel.bot(state, 1 - chooser)).to.equal(duel.bot(withChoice(state, chooser, 'stone'), 1 - chooser))
          return views
        })
        expect(seen[0]).to.deep.equal(seen[1])
      }),
    )
  })

  it('shows a seat its own, and both to all when the round is over', () => {
    const state = duel.init(setupOf(duel))
    duel.step(state, [{ seat: 0, input: 'fire' }], [])
    const choices = (viewer: Viewer): GameJson => (duel.view(state, viewer) as { choices: GameJson }).choices // as `view` makes it
    expect(choices({ kind: 'seat', seat: 0 })).to.deep.equal(['fire', null])
    duel.step(state, [{ seat: 1, input: 'wind' }], [])
    for (const viewer of [{ kind: 'seat', seat: 0 }, { kind: 'seat', seat: 1 }, { kind: 'public' }] as const) {
      expect(choices(viewer)).to.deep.equal(['fire', 'wind'])
    }
  })
})

function withChoice(state: ReturnType<typeof duel.init>, seat: number, choice: Element): ReturnType<typeof duel.init> {
  const copy = duel.restore(setupOf(duel), duel.serialise(state))
  expect(hex(duel.serialise(copy))).to.equal(hex(duel.serialise(state)))
  copy.choices[seat === 0 ? 0 : 1] = choice
  return copy
}
