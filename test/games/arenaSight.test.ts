// Hidden information in the arena: what a seat is shown, and what a bot does, does not change with what it cannot see.

import { expect } from 'chai'
import fc from 'fast-check'
import { arena } from '../../shared/games/arena/arena.ts'
import { isClear, isSolid } from '../../shared/games/arena/maps.ts'
import { look } from '../../shared/games/arena/sight.ts'
import { type ArenaState, type Fighter, isAlive, sees } from '../../shared/games/arena/state.ts'
import { HEARD_CELL, HEARING, SIGHT } from '../../shared/games/arena/tuning.ts'
import { arenaView } from '../../shared/games/arena/view.ts'
import {
  type ArenaView,
  arenaScene,
  FIGHTER,
  FIGHTER_STRIDE,
  HEAD,
  PART,
  SHOT,
  SHOT_STRIDE,
  SOUND_STRIDE,
} from '../../shared/games/arena/viewLayout.ts'
import type { GameSetup } from '../../shared/games/game.ts'
import { fits, lineUp, SHOOT } from './support/arenaStage.ts'
import { botInputs, setupOf } from './support/playing.ts'

const seatView = (state: ArenaState, seat: number): ArenaView => arenaView(state, { kind: 'seat', seat })
const publicView = (state: ArenaState): ArenaView => arenaView(state, { kind: 'public' })

/** The rows of a part: one number of each. */
function column(view: ArenaView, part: 3 | 4 | 5, stride: number, field: number): number[] {
  return view[part].filter((_, index) => index % stride === field)
}
const seatsIn = (view: ArenaView): number[] => column(view, PART.fighters, FIGHTER_STRIDE, FIGHTER.seat)

interface Moment {
  readonly setup: GameSetup
  readonly state: ArenaState
}

/** A match of bots, at some tick. */
const moments = fc
  .record({
    seed: fc.string({ maxLength: 8 }),
    map: fc.constantFrom(...arena.maps),
    ticks: fc.integer({ min: 0, max: 600 }),
    seats: fc.constantFrom(2, 4, 6, 10),
    alone: fc.boolean(),
  })
  .map(({ ticks, ...choice }): Moment => {
    const setup = setupOf(arena, { ...choice, mode: 'blitz' })
    const state = arena.init(setup)
    for (let tick = 0; tick < ticks; tick += 1) arena.step(state, botInputs(arena, state, setup) as [], [])
    return { setup, state }
  })

const isInSight = (state: ArenaState, one: Fighter, other: { x: number; y: number }): boolean => {
  const near = (one.x - other.x) ** 2 + (one.y - other.y) ** 2 <= SIGHT ** 2
  return near && isClear(state.map, one.x, one.y, other.x, other.y)
}

const elsewhere = fc.record({
  x: fc.integer({ min: 500, max: 39_500 }),
  y: fc.integer({ min: 500, max: 23_500 }),
  ...{ aim: fc.nat(1023), ammo: fc.nat(12), health: fc.integer({ min: 1, max: 100 }), shield: fc.nat(20) },
  ...{ reload: fc.nat(28), cooldown: fc.nat(3), moveX: fc.integer({ min: -1, max: 1 }), buttons: fc.nat(3) },
})

describe('sight in the arena', () => {
  it('shows a seat itself, its team and whom it sees, and the public everybody', () => {
    fc.assert(
      fc.property(moments, ({ state }) => {
        if (arena.outcome(state) !== null) return
        const alive = state.fighters.filter(isAlive)
        expect(seatsIn(publicView(state))).to.deep.equal(alive.map(({ seat }) => seat))
        for (const viewer of state.fighters) {
          const shown = alive.filter((other) => {
            return other.team === viewer.team || (isAlive(viewer) && isInSight(state, viewer, other))
          })
          expect(seatsIn(seatView(state, viewer.seat))).to.deep.equal(shown.map(({ seat }) => seat))
        }
      }),
    )
  })

  it('hides an enemy: where they are, what they hold and do changes neither the view nor the bot', () => {
    fc.assert(
      fc.property(moments, fc.array(elsewhere, { minLength: 10, maxLength: 30 }), ({ state, setup }, others) => {
        if (arena.outcome(state) !== null) return
        for (const viewer of state.fighters) {
          for (const hidden of state.fighters) {
            if (hidden.team === viewer.team || sees(viewer, hidden) || !isAlive(hidden)) continue
            hidden.fired = 0
            const [view, bot] = [seatView(state, viewer.seat), arena.bot(state, viewer.seat)]
            const copy = arena.restore(setup, arena.serialise(state))
            const moved = copy.fighters[hidden.seat]
            const place = others.find(({ x, y }) => fits(copy, x, y) && !isInSight(copy, viewer, { x, y }))
            if (moved === undefined || place === undefined) continue
            Object.assign(moved, place)
            const memory = copy.fighters.map(({ seenX, seenY, seenAt, seenFor }) => ({ seenX, seenY, seenAt, seenFor }))
            look(copy)
            for (const [seat, seen] of memory.entries()) Object.assign(copy.fighters[seat] ?? {}, seen)
            expect(seatView(copy, viewer.seat)).to.deep.equal(view)
            expect(arena.bot(copy, viewer.seat)).to.deep.equal(bot)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('goes through no wall: what a walk along the line meets is in the way', () => {
    fc.assert(
      fc.property(moments, ({ state }) => {
        for (const one of state.fighters) {
          for (const other of state.fighters) {
            if (!sees(one, other)) continue
            for (let part = 0; part <= 40; part += 1) {
              const x = one.x + ((other.x - one.x) * part) / 40
              const y = one.y + ((other.y - one.y) * part) / 40
              expect(isSolid(state.map, Math.floor(x / 1000), Math.floor(y / 1000))).to.equal(false)
            }
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  it('shows the dead nothing but their team, and all when it is over', () => {
    const stage = lineUp([5500, 7500, 9500, 11_500], { mode: '2v2' })
    stage.fighter(0).health = 0
    stage.fighter(0).respawn = 30
    stage.step()
    expect(seatsIn(seatView(stage.state, 0))).to.deep.equal([2])
    expect(seatView(stage.state, 0)[PART.head][HEAD.respawnTicks]).to.equal(29)
    for (const seat of [1, 3]) stage.step({}, 1, [{ seat, change: 'left' }])
    expect(seatsIn(seatView(stage.state, 0))).to.deep.equal([2])
    expect(arena.outcome(stage.state)).to.not.equal(null)
  })

  it('shows a seat that does not exist nobody', () => {
    const { state } = lineUp([5500, 7500])
    const view = seatView(state, 9)
    expect([...view[PART.fighters], ...view[PART.shots], ...view[PART.sounds]]).to.deep.equal([])
  })
})

describe('hearing in the arena', () => {
  /** Seat 1 shoots out of sight of seat 0; what seat 0 is told of it. */
  function shotAt(x: number, y: number): ArenaView {
    const stage = lineUp([6500, x], { map: 'halls', y: 1500 })
    Object.assign(stage.fighter(1), { y, aim: 256 })
    look(stage.state)
    stage.step({ 1: { ...SHOOT, aim: 256 } })
    expect(stage.fighter(1).fired).to.equal(1)
    expect(sees(stage.fighter(0), stage.fighter(1))).to.equal(false)
    return seatView(stage.state, 0)
  }

  it('tells a shot that is not seen, roughly, within range and not beyond', () => {
    const near = shotAt(13_500, 1500)
    expect(near[PART.shots]).to.deep.equal([])
    expect(near[PART.sounds]).to.deep.equal([14_000, 2000])
    expect(HEARD_CELL).to.equal(4000)
    expect(shotAt(15_200, 3900)[PART.sounds]).to.deep.equal(shotAt(12_800, 900)[PART.sounds])
    expect(shotAt(6500 + HEARING + 1000, 1500)[PART.sounds]).to.deep.equal([])
  })

  it('shows the shots of those who are seen, and whom they struck only where that is seen', () => {
    const stage = lineUp([5500, 7500, 9500], { mode: 'blitz', teams: [0, 1, 2] })
    stage.step({ 1: { ...SHOOT, aim: 0 } })
    const shots = (view: ArenaView, field: number) => column(view, PART.shots, SHOT_STRIDE, field)
    const view = seatView(stage.state, 0)
    expect(shots(view, SHOT.seat)).to.deep.equal([1])
    expect(shots(view, SHOT.struck)).to.deep.equal([2])
    expect(view[PART.sounds].length % SOUND_STRIDE).to.equal(0)
    stage.fighter(0).sees = 1 << 1
    expect(shots(seatView(stage.state, 0), SHOT.struck)).to.deep.equal([-1])
    expect(shots(seatView(stage.state, 1), SHOT.struck)).to.deep.equal([2])
    expect(shots(publicView(stage.state), SHOT.struck)).to.deep.equal([2])
    stage.step()
    expect(seatView(stage.state, 0)[PART.shots]).to.deep.equal([])
  })
})

describe('the layout of a view', () => {
  it('is integers in rows, as its constants say', () => {
    fc.assert(
      fc.property(moments, ({ state }) => {
        for (const view of [publicView(state), ...state.fighters.map(({ seat }) => seatView(state, seat))]) {
          expect(view).to.have.length(Object.keys(PART).length)
          for (const part of view) for (const value of part) expect(Number.isSafeInteger(value)).to.equal(true)
          expect(view[PART.head]).to.have.length(Object.keys(HEAD).length)
          expect(view[PART.fighters].length % FIGHTER_STRIDE).to.equal(0)
          expect(view[PART.shots].length % SHOT_STRIDE).to.equal(0)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('comes with the scene of each map', () => {
    for (const map of arena.maps) {
      const scene = arenaScene(map)
      expect(scene?.walls).to.have.length.of.at.least(4)
      expect(JSON.parse(JSON.stringify(scene))).to.deep.equal(scene)
      const { width, height } = arena.field?.(map) ?? { width: 0, height: 0 }
      expect([scene?.width, scene?.height]).to.deep.equal([width, height])
    }
    expect(arenaScene('nowhere')).to.equal(null)
    expect(arenaScene(null)?.map).to.equal(arena.init({ ...setupOf(arena), map: null }).map.id)
  })
})
