// What the loop and the recordings rely on, asked of a game: the same seed and inputs are the same bytes, a state put away
// and taken back has the same future, and every match ends.

import { expect } from 'chai'
import fc from 'fast-check'
import type { AnyGame, GameSetup, SeatChange } from '../../../shared/games/game.ts'
import { rulesOfGame, seatsOf, seatTeams } from '../../../shared/games/rules.ts'
import { botInputs, hex, playOut, text } from './playing.ts'

/** Every mode, format and map of a game, from any seed. */
function setups(game: AnyGame): fc.Arbitrary<GameSetup> {
  const choices = [...rulesOfGame(game).modes.values()].flatMap((mode) => {
    return mode.formats.map((format) => ({ mode: mode.mode, teams: seatTeams(mode, format), format }))
  })
  return fc
    .record({
      choice: fc.constantFrom(...choices),
      map: fc.constantFrom(...(game.maps.length === 0 ? [null] : game.maps)),
      seed: fc.string({ maxLength: 20 }),
    })
    .map(({ choice, map, seed }) => ({
      ...{ seed, map, mode: choice.mode },
      seats: choice.teams.map((team, seat) => ({ seat, team, bot: true })),
    }))
}

interface Script {
  readonly setup: GameSetup
  /** Of each tick: what one seat does in place of its bot, and what becomes of seats. */
  readonly ticks: readonly { readonly silent: number; readonly changes: readonly SeatChange[] }[]
}

function scripts(game: AnyGame): fc.Arbitrary<Script> {
  const change = fc.record({
    seat: fc.nat(game.maxSeats - 1),
    change: fc.constantFrom('away' as const, 'back' as const, 'left' as const, 'back' as const),
  })
  const none = fc.constant<SeatChange[]>([])
  const changes = fc.oneof(
    { weight: 30, arbitrary: none },
    { weight: 1, arbitrary: fc.array(change, { maxLength: 2 }) },
  )
  const tick = fc.record({ silent: fc.nat(game.maxSeats), changes })
  return fc.record({ setup: setups(game), ticks: fc.array(tick, { minLength: 1, maxLength: 400, size: 'max' }) })
}

function stepOf(game: AnyGame, state: unknown, script: Script, index: number): void {
  const tick = script.ticks[index]
  const inputs = botInputs(game, state, script.setup).filter(({ seat }) => seat !== tick?.silent)
  const seats = script.setup.seats.length
  game.step(state, inputs, tick?.changes.filter(({ seat }) => seat < seats) ?? [])
}

function viewsOf(game: AnyGame, state: unknown, setup: GameSetup): string {
  const seats = setup.seats.map(({ seat }) => text(game.view(state, { kind: 'seat', seat })))
  return [...seats, text(game.view(state, { kind: 'public' })), JSON.stringify(game.outcome(state))].join('\n')
}

export function conformance(game: AnyGame): void {
  describe(`game ${game.id}`, () => {
    it('has the same future from the same seed and inputs, also out of its bytes', () => {
      const cases = fc.tuple(scripts(game), fc.nat(399))
      fc.assert(
        fc.property(cases, ([script, cut]) => {
          const { setup, ticks } = script
          const state: unknown = game.init(setup)
          let twin: unknown = game.init(setup)
          for (let index = 0; index < ticks.length; index += 1) {
            if (index === cut % ticks.length) twin = game.restore(setup, game.serialise(twin))
            stepOf(game, state, script, index)
            stepOf(game, twin, script, index)
          }
          expect(hex(game.serialise(twin))).to.equal(hex(game.serialise(state)))
          expect(viewsOf(game, twin, setup)).to.equal(viewsOf(game, state, setup))
        }),
        { numRuns: 60 },
      )
    })

    it('is put away and taken back without a change, at any tick', () => {
      fc.assert(
        fc.property(scripts(game), (script) => {
          const state: unknown = game.init(script.setup)
          for (let index = 0; index < script.ticks.length; index += 1) stepOf(game, state, script, index)
          const back: unknown = game.restore(script.setup, game.serialise(state))
          expect(hex(game.serialise(back))).to.equal(hex(game.serialise(state)))
          expect(viewsOf(game, back, script.setup)).to.equal(viewsOf(game, state, script.setup))
        }),
        { numRuns: 60 },
      )
    })

    it('ends by maxTicks, whoever plays, whoever does nothing', () => {
      for (const { mode, formats, ...rules } of rulesOfGame(game).modes.values()) {
        for (const format of formats) {
          const seats = seatTeams({ mode, formats, ...rules }, format).map((team, seat) => ({ seat, team, bot: true }))
          const setup = { seed: `${mode}:${format}`, mode, map: game.maps[0] ?? null, seats }
          const { outcome } = playOut(game, setup)
          expect(outcome.results.map(({ seat }) => seat)).to.deep.equal(seats.map(({ seat }) => seat))
          const idle: unknown = game.init(setup)
          let ticks = 0
          for (; game.outcome(idle) === null && ticks <= game.maxTicks; ticks += 1) game.step(idle, [], [])
          expect(ticks, `${mode} ${format}`).to.be.at.most(game.maxTicks)
        }
      }
    })

    it('keeps its outcome once it is there, whatever is sent', () => {
      const setup = setupFor(game)
      const { state, outcome } = playOut(game, setup)
      const bytes = hex(game.serialise(state))
      for (let more = 0; more < 50; more += 1)
        game.step(state, botInputs(game, state, setup), [{ seat: 0, change: 'left' }])
      expect(game.outcome(state)).to.deep.equal(outcome)
      expect(hex(game.serialise(state))).to.equal(bytes)
    })

    it('is over when only one team is left, and who left does not win', () => {
      const setup = setupFor(game)
      const left = setup.seats.filter(({ team }) => team === 0).map(({ seat }) => ({ seat, change: 'left' as const }))
      const { ticks, outcome } = playOut(game, setup, new Map([[3, left]]))
      expect(ticks).to.equal(3)
      for (const { seat, position } of outcome.results) {
        expect(position, `seat ${seat}`).to.equal(setup.seats[seat]?.team === 0 ? seatsOn(setup, 1) + 1 : 1)
      }
      const everybody = setup.seats.map(({ seat }) => ({ seat, change: 'left' as const }))
      const nobody = playOut(game, setup, new Map([[3, everybody]]))
      expect(nobody.outcome.results.map(({ position }) => position)).to.deep.equal(setup.seats.map(() => 1))
    })

    it('takes back the inputs it writes, refuses anything else, and never throws', () => {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.anything(),
            fc.json().map((json) => JSON.parse(json) as unknown),
          ),
          (raw) => {
            const input: unknown = game.readInput(raw)
            if (input === null) return
            const written = game.writeInput(input)
            expect(game.readInput(JSON.parse(JSON.stringify(written)))).to.deep.equal(input)
          },
        ),
        { numRuns: 2_000 },
      )
    })

    it('shows views of a bounded size', () => {
      fc.assert(
        fc.property(scripts(game), (script) => {
          const state: unknown = game.init(script.setup)
          for (let index = 0; index < script.ticks.length; index += 1) {
            stepOf(game, state, script, index)
            expect(text(game.view(state, { kind: 'public' })).length).to.be.below(2_048)
          }
        }),
        { numRuns: 20 },
      )
    })
  })
}

function setupFor(game: AnyGame): GameSetup {
  const mode = [...rulesOfGame(game).modes.values()].find((rules) => !rules.alone)
  const format = mode?.formats.at(-1)
  if (mode === undefined || format === undefined) throw new Error(`${game.id} has no mode of teams`)
  expect(seatsOf(format)).to.be.at.least(game.minSeats)
  const seats = seatTeams(mode, format).map((team, seat) => ({ seat, team, bot: true }))
  return { seed: 'seed', mode: mode.mode, map: game.maps[0] ?? null, seats }
}

const seatsOn = (setup: GameSetup, team: number): number => setup.seats.filter((seat) => seat.team === team).length
