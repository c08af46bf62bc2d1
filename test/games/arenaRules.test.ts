// The arena's rules, one by one: walking, shooting, dying, coming back, kits, leaving, winning, and what is flagged.

import { expect } from 'chai'
import fc from 'fast-check'
import { arena } from '../../shared/games/arena/arena.ts'
import { MAPS } from '../../shared/games/arena/maps.ts'
import { nextPlace } from '../../shared/games/arena/paths.ts'
import { OVER, OVERTIME, PLAYING } from '../../shared/games/arena/state.ts'
import * as tuning from '../../shared/games/arena/tuning.ts'
import { fits, kinds, lineUp, SHOOT, type Stage, stageOf } from './support/arenaStage.ts'
import { playOut, setupOf } from './support/playing.ts'

const { COOLDOWN_TICKS, DAMAGE, FULL_HEALTH, LIMITS, MAGAZINE, RELOAD, RELOAD_TICKS, STEP, STEP_SLANTING } = tuning

describe('the maps of the arena', () => {
  for (const map of MAPS.values()) {
    it(`${map.id} is the same for both sides, and leads from everywhere to everywhere`, () => {
      const [first, second] = map.sides
      expect(first).to.have.length.of.at.least(5)
      const turned = first.map(({ x, y }) => ({ x: map.width - x, y: map.height - y }))
      expect(second).to.have.deep.members(turned)
      expect([...map.solid].reverse()).to.deep.equal([...map.solid])
      for (const place of map.spawns) {
        for (const target of [...map.spawns, ...map.kits]) {
          let at = place
          for (let steps = 0; steps <= map.solid.length && nextPlace(map, at, target) !== null; steps += 1) {
            at = nextPlace(map, at, target) ?? at
          }
          expect(at).to.deep.equal(target)
        }
      }
    })

    it(`${map.id} has every wall in one of its rectangles, and nothing else`, () => {
      for (const [cell, solid] of map.solid.entries()) {
        const x = (cell % map.columns) * 1000 + 500
        const y = Math.floor(cell / map.columns) * 1000 + 500
        const covering = map.walls.filter((wall) => x > wall.left && x < wall.right && y > wall.top && y < wall.bottom)
        expect(covering, `cell ${cell}`).to.have.length(solid)
      }
    })
  }
})

describe('walking', () => {
  it('is as fast aslant as straight', () => {
    const stage = lineUp([5500, 15_500])
    stage.step({ 0: { moveX: 1 } })
    expect([stage.fighter(0).x, stage.fighter(0).y]).to.deep.equal([5500 + STEP, 1500])
    stage.step({ 0: { moveX: -1, moveY: -1 } })
    expect([stage.fighter(0).x, stage.fighter(0).y]).to.deep.equal([5500 + STEP - STEP_SLANTING, 1500 - STEP_SLANTING])
    expect(Math.abs(Math.hypot(STEP_SLANTING, STEP_SLANTING) - STEP)).to.be.below(1)
  })

  it('goes on until the seat says otherwise', () => {
    const stage = lineUp([5500, 15_500])
    stage.step({ 0: { moveX: 1 } })
    stage.step({}, 3)
    expect(stage.fighter(0).x).to.equal(5500 + 4 * STEP)
  })

  it('never enters a wall or leaves the map, whatever is held', () => {
    const hold = fc.record({
      moveX: fc.integer({ min: -1, max: 1 }),
      moveY: fc.integer({ min: -1, max: 1 }),
      ticks: fc.integer({ min: 1, max: 25 }),
    })
    fc.assert(
      fc.property(fc.constantFrom(...arena.maps), fc.string({ maxLength: 6 }), fc.array(hold), (map, seed, holds) => {
        const stage = stageOf(arena.init(setupOf(arena, { map, seed })))
        for (const { ticks, ...move } of holds) {
          for (let tick = 0; tick < ticks; tick += 1) {
            stage.step({ 0: move, 1: { moveX: -move.moveX, moveY: move.moveX } })
            for (const { x, y } of stage.state.fighters) expect(fits(stage.state, x, y), `${x},${y}`).to.equal(true)
          }
        }
      }),
    )
  })
})

describe('shooting', () => {
  it('takes five hits to kill, a few ticks apart, and the dead come back whole', () => {
    const stage = lineUp([5500, 9500])
    const events = stage.step({ 0: SHOOT }, 5 * COOLDOWN_TICKS - COOLDOWN_TICKS + 1)
    expect(kinds(events)).to.deep.equal([...'shot hit shot hit shot hit shot hit shot hit'.split(' '), 'kill'])
    expect(stage.fighter(0)).to.include({ kills: 1, damage: FULL_HEALTH, shots: 5, hits: 5, ammo: MAGAZINE - 5 })
    expect(stage.fighter(1)).to.include({ health: 0, deaths: 1 })
    stage.step({ 0: {} }, LIMITS['1v1'].respawnTicks - 1)
    expect(stage.fighter(1).health).to.equal(0)
    expect(kinds(stage.step())).to.deep.equal(['spawn'])
    const { x, y } = stage.fighter(1)
    expect(stage.state.map.spawns).to.deep.include({ x, y })
    expect(stage.fighter(1)).to.include({ health: FULL_HEALTH, ammo: MAGAZINE, shield: tuning.SHIELD_TICKS })
  })

  it('is stopped by walls and goes as far as sight', () => {
    const behind = lineUp([6500, 10_500], { y: 500 })
    behind.step({ 0: SHOOT }, 12)
    expect(behind.fighter(1).health).to.equal(FULL_HEALTH)
    expect(behind.fighter(0)).to.include({ sees: 0, hits: 0 })
    expect(behind.fighter(0).shotX).to.be.within(7990, 8000)
    const far = lineUp([500, 19_000])
    far.step({ 0: SHOOT }, 12)
    expect(far.fighter(1).health).to.equal(FULL_HEALTH)
    expect(far.fighter(0).sees).to.equal(0)
  })

  it('hits both of two who shoot in one tick, also where both fall', () => {
    const stage = lineUp([5500, 9500])
    for (const seat of [0, 1]) stage.fighter(seat).health = DAMAGE
    const events = stage.step({ 0: SHOOT, 1: SHOOT })
    expect(kinds(events).filter((kind) => kind === 'kill')).to.have.length(2)
    for (const seat of [0, 1]) expect(stage.fighter(seat)).to.include({ kills: 1, deaths: 1, health: 0 })
  })

  it('gives a kill once, in turn, where two shoot one', () => {
    const winners = [0, 1].map((wait) => {
      const stage = lineUp([5500, 6500, 9500], { mode: 'blitz', teams: [0, 1, 2] })
      stage.step({}, wait)
      stage.fighter(2).health = DAMAGE
      // Seat 1 stands in the line of seat 0: it is moved aside, out of the ray.
      stage.fighter(1).y = 2500
      stage.fighter(1).aim = 972
      stage.step({ 0: SHOOT, 1: SHOOT })
      expect(stage.fighter(2)).to.include({ deaths: 1 })
      expect(stage.fighter(0).kills + stage.fighter(1).kills).to.equal(1)
      return stage.fighter(0).kills
    })
    expect(winners.toSorted()).to.deep.equal([0, 1])
  })

  it('passes by the own team, and does not hurt who is shielded until they shoot', () => {
    const mates = lineUp([5500, 7500, 9500], { mode: 'blitz', teams: [0, 0, 1] })
    mates.step({ 0: SHOOT })
    expect([mates.fighter(1).health, mates.fighter(2).health]).to.deep.equal([FULL_HEALTH, FULL_HEALTH - DAMAGE])
    const stage = lineUp([5500, 9500])
    stage.fighter(1).shield = 20
    stage.step({ 0: SHOOT })
    expect(stage.fighter(1).health).to.equal(FULL_HEALTH)
    expect(stage.fighter(0)).to.include({ hits: 1, damage: 0 })
    stage.step({ 1: { ...SHOOT, aim: 256 } })
    expect(stage.fighter(1).shield).to.equal(0)
  })

  it('empties a magazine and waits for the next, or for one that is asked for', () => {
    const stage = lineUp([5500, 15_500])
    stage.step({ 0: { ...SHOOT, aim: 256 } }, MAGAZINE * COOLDOWN_TICKS + 1)
    expect(stage.fighter(0)).to.include({ ammo: 0, shots: MAGAZINE, reload: RELOAD_TICKS })
    stage.step({ 0: {} }, RELOAD_TICKS)
    expect(stage.fighter(0)).to.include({ ammo: MAGAZINE, reload: 0 })
    stage.step({ 0: { buttons: RELOAD } })
    expect(stage.fighter(0).reload).to.equal(0)
    stage.step({ 0: SHOOT })
    stage.step({ 0: { buttons: RELOAD } }, COOLDOWN_TICKS)
    expect(stage.fighter(0).reload).to.equal(RELOAD_TICKS)
  })
})

describe('kits, leaving and being away', () => {
  it('heals who is hurt, once, and comes back', () => {
    const stage = lineUp([5500, 15_500])
    const place = stage.state.map.kits[0]
    Object.assign(stage.fighter(0), place)
    stage.step()
    expect(stage.state.kits[0]).to.equal(0)
    stage.fighter(0).health = 70
    expect(stage.step()).to.deep.equal([{ kind: 'kit', seat: 0, target: null, ...place, value: 30 }])
    stage.fighter(0).health = 20
    expect(stage.step({}, tuning.KIT_TICKS - 1)).to.deep.equal([])
    expect(kinds(stage.step())).to.deep.equal(['kit'])
    expect(stage.fighter(0).health).to.equal(70)
  })

  it('leaves who is away standing, for others to hit, and lets them go on', () => {
    const stage = lineUp([5500, 9500])
    stage.step({ 1: { moveX: 1 } })
    const { x } = stage.fighter(1)
    stage.step({}, 5, [{ seat: 1, change: 'away' }])
    stage.step({ 0: SHOOT, 1: { ...SHOOT, moveX: 1 } })
    expect(stage.fighter(1)).to.include({ x, shots: 0, health: FULL_HEALTH - DAMAGE })
    stage.step({ 1: { moveX: 1 } }, 1, [{ seat: 1, change: 'back' }])
    expect(stage.fighter(1).x).to.equal(x + STEP)
  })

  it('takes who left out of it, for good', () => {
    const stage = lineUp([5500, 9500, 13_500], { mode: 'ffa', teams: [0, 1, 2] })
    stage.fighter(1).kills = 5
    stage.step({}, 200, [{ seat: 1, change: 'left' }])
    stage.step({ 1: { moveX: 1 } }, 1, [{ seat: 1, change: 'back' }])
    expect(stage.fighter(1)).to.include({ health: 0, x: 9500 })
    stage.fighter(0).kills = LIMITS.ffa.score
    stage.step()
    const results = arena.outcome(stage.state)?.results.map(({ position }) => position)
    expect(results).to.deep.equal([1, 3, 2])
  })
})

describe('winning', () => {
  const run = (stage: Stage, ticks: number) => stage.step({}, ticks)

  it('needs the kills of the mode', () => {
    const stage = lineUp([5500, 9500])
    stage.fighter(0).kills = LIMITS['1v1'].score - 1
    run(stage, 1)
    expect(arena.outcome(stage.state)).to.equal(null)
    stage.fighter(0).kills += 1
    run(stage, 1)
    expect(arena.outcome(stage.state)).to.deep.equal({
      results: [
        { seat: 0, position: 1, score: 10 },
        { seat: 1, position: 2, score: 0 },
      ],
      mvp: 0,
    })
  })

  it('or the lead when the time is over; equal teams go on until the next kill', () => {
    const led = lineUp([5500, 9500])
    led.fighter(1).kills = 1
    run(led, LIMITS['1v1'].timeTicks - 1)
    expect(led.state.clock.phase).to.equal(PLAYING)
    run(led, 1)
    expect(led.state.clock.phase).to.equal(OVER)
    const equal = lineUp([5500, 9500])
    run(equal, LIMITS['1v1'].timeTicks)
    expect(equal.state.clock.phase).to.equal(OVERTIME)
    run(equal, 7)
    equal.fighter(0).kills = 1
    run(equal, 1)
    expect(arena.outcome(equal.state)?.results.map(({ position }) => position)).to.deep.equal([1, 2])
  })

  it('is nobody’s where the overtime ends equal', () => {
    const stage = lineUp([5500, 9500])
    run(stage, LIMITS['1v1'].timeTicks + LIMITS['1v1'].overtimeTicks)
    expect(arena.outcome(stage.state)).to.deep.equal({
      results: [
        { seat: 0, position: 1, score: 0 },
        { seat: 1, position: 1, score: 0 },
      ],
      mvp: null,
    })
  })

  it('shares a place in a team, and counts those ahead', () => {
    const stage = lineUp([1500, 3500, 5500, 7500], { mode: 'ffa', teams: [0, 0, 1, 2] })
    for (const [seat, kills] of [1, 2, 15, 3].entries()) stage.fighter(seat).kills = kills
    run(stage, 1)
    expect(arena.outcome(stage.state)?.results.map(({ position }) => position)).to.deep.equal([2, 2, 1, 2])
    expect(arena.outcome(stage.state)?.mvp).to.equal(2)
  })
})

describe('what is flagged', () => {
  /** Looks away and back within `gap` ticks, and shoots; so often. */
  function flick(times: number, gap: number): Stage {
    const stage = lineUp([5500, 9500])
    for (let time = 0; time < times; time += 1) {
      stage.fighter(1).health = FULL_HEALTH
      stage.step({ 0: { aim: 512 } }, 1)
      stage.step({}, gap - 1)
      stage.step({ 0: { aim: 0, ...SHOOT } })
      stage.step({ 0: { aim: 0 } }, COOLDOWN_TICKS)
    }
    return stage
  }

  it('is an aim that jumps on target again and again', () => {
    const { state } = flick(tuning.SNAP_HITS, 1)
    expect(arena.flags(state)).to.deep.equal([
      { seat: 0, rule: 'arena.aim_snap', tick: state.clock.tick - COOLDOWN_TICKS },
    ])
    expect(arena.flags(flick(tuning.SNAP_HITS - 1, 1).state)).to.deep.equal([])
  })

  it('is no hand that took its time, nor what came late, nor a bot', () => {
    expect(arena.flags(flick(8, 4).state)).to.deep.equal([])
    for (const seed of ['one', 'two', 'three']) {
      const { state } = playOut(arena, setupOf(arena, { mode: '5v5', seats: 10, seed }))
      const { fighters } = state as Stage['state'] // of this game
      expect(fighters.map(({ snaps }) => snaps)).to.deep.equal(fighters.map(() => 0))
    }
  })
})
