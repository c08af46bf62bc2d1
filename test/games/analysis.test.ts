// What is told of a match when its recording is played again agrees with what the game itself counted.

import { expect } from 'chai'
import {
  eventsOf,
  feed,
  heatmap,
  positioning,
  scoreboard,
  startAnalysis,
} from '../../shared/games/analysis/analysis.ts'
import { keepEvent, MOST_EVENTS } from '../../shared/games/analysis/eventList.ts'
import { heatmapOf } from '../../shared/games/analysis/heatmap.ts'
import { linesOf } from '../../shared/games/analysis/trajectory.ts'
import { arena } from '../../shared/games/arena/arena.ts'
import { duel } from '../../shared/games/duel.ts'
import type { AnyGame, GameEvent, GameSetup } from '../../shared/games/game.ts'
import { botInputs, setupOf } from './support/playing.ts'

function analysed<State>(game: AnyGame, setup: GameSetup) {
  const state = game.init(setup) as State
  const analysis = startAnalysis(game, setup)
  while (game.outcome(state) === null) {
    const events = game.step(state, botInputs(game, state, setup), [])
    feed(analysis, events, game.view(state, { kind: 'public' }))
  }
  return { state, analysis }
}

const event = (kind: string, rest: Partial<GameEvent> = {}): GameEvent => {
  return { kind, seat: null, target: null, x: null, y: null, value: null, ...rest }
}
const field = { width: 10_000, height: 6000, positions: () => [] }

describe('the analysis of a match of the arena', () => {
  const setup = setupOf(arena, { mode: '3v3', map: 'yard', seats: 6, seed: 'analysis' })
  const { state, analysis } = analysed<ReturnType<typeof arena.init>>(arena, setup)

  it('has the scores the game has', () => {
    const rows = scoreboard(analysis)
    expect(rows.map(({ seat }) => seat).toSorted()).to.deep.equal([0, 1, 2, 3, 4, 5])
    for (const row of rows) {
      const { kills, deaths, damage, shots, hits, team } = state.fighters[row.seat] ?? {}
      expect(row).to.include({ kills, deaths, damage, shots, hits, team })
      expect(row.accuracyPermille).to.equal(Math.floor(((hits ?? 0) * 1000) / (shots ?? 1)))
    }
    const sum = (key: 'damage' | 'damageTaken') => rows.reduce((total, row) => total + row[key], 0)
    expect(sum('damageTaken')).to.equal(sum('damage'))
    expect(rows.map(({ kills }) => kills)).to.deep.equal(rows.map(({ kills }) => kills).toSorted((a, b) => b - a))
  })

  it('lists events by kind, seat and time', () => {
    const kills = eventsOf(analysis, { kinds: ['kill'] })
    expect(kills).to.have.length(state.fighters.reduce((total, { kills: own }) => total + own, 0))
    const own = eventsOf(analysis, { kinds: ['kill'], seat: 2 })
    expect(own).to.have.length((state.fighters[2]?.kills ?? 0) + (state.fighters[2]?.deaths ?? 0))
    const [first, last] = [kills[0]?.tick ?? 0, kills.at(-1)?.tick ?? 0]
    expect(eventsOf(analysis, { kinds: ['kill'], fromTick: first, toTick: last })).to.deep.equal(kills)
    expect(eventsOf(analysis, { kinds: ['kill'], fromTick: first + 1, toTick: last - 1 }).length).to.be.below(
      kills.length,
    )
  })

  it('follows each seat through free ground, in lines that break with a death', () => {
    const deaths = state.fighters.map((fighter) => fighter.deaths)
    for (const trajectory of analysis.trajectories) {
      const lines = linesOf(trajectory, analysis.everyTicks)
      expect(lines.length).to.be.within(1, (deaths[trajectory.seat] ?? 0) + 1)
      expect(lines.flat()).to.have.length((trajectory.points.length / 3) * 2)
      for (const line of lines) {
        for (let at = 2; at < line.length; at += 2) {
          const step = Math.hypot((line[at] ?? 0) - (line[at - 2] ?? 0), (line[at + 1] ?? 0) - (line[at - 1] ?? 0))
          expect(step).to.be.at.most(analysis.everyTicks * 261)
        }
      }
    }
  })

  it('counts where they were and where they fell', () => {
    const present = heatmap(analysis, { of: 'presence', seats: null })
    expect(present?.total).to.equal(analysis.trajectories.reduce((total, { points }) => total + points.length / 3, 0))
    const kills = heatmap(analysis, { of: 'kill', seats: new Set([0, 2, 4]), columns: 16 })
    expect(kills).to.include({ columns: 16, rows: 10, cell: 2000 })
    expect(kills?.total).to.equal([0, 2, 4].reduce((total, seat) => total + (state.fighters[seat]?.kills ?? 0), 0))
  })

  it('measures how they moved', () => {
    const rows = positioning(analysis) ?? []
    expect(rows).to.have.length(6)
    for (const row of rows) {
      expect(row.ticksInField).to.be.within(1, analysis.ticks)
      expect(row.distancePerSecond).to.be.within(1, 20 * 261)
      expect(row.coveredPermille).to.be.within(1, 1000)
      expect(row.averageToMate).to.be.a('number')
      expect(row.averageToEnemy).to.be.a('number')
      expect(row.averagePlace?.x).to.be.within(0, 32_000)
    }
  })
})

describe('the analysis of other games', () => {
  it('has scores where there is no field, and nothing of places', () => {
    const { state, analysis } = analysed<ReturnType<typeof duel.init>>(duel, setupOf(duel, { seed: 'other' }))
    const points = scoreboard(analysis).toSorted((one, other) => one.seat - other.seat)
    expect(points.map((row) => row.points)).to.deep.equal(state.wins)
    expect(points.map((row) => row.accuracyPermille)).to.deep.equal([null, null])
    expect(heatmap(analysis, { of: 'presence', seats: null })).to.equal(null)
    expect(positioning(analysis)).to.equal(null)
  })

  it('takes events of unknown kinds and of nobody', () => {
    const analysis = startAnalysis(arena, setupOf(arena))
    const strange = [event('goal', { seat: 0 }), event('kill', { target: 1 }), event('hit', { seat: 17, target: 9 })]
    feed(analysis, strange, arena.view(arena.init(setupOf(arena)), { kind: 'public' }))
    expect(eventsOf(analysis).map(({ kind, tick }) => [kind, tick])).to.deep.equal([
      ['goal', 1],
      ['kill', 1],
      ['hit', 1],
    ])
    expect(scoreboard(analysis).map(({ kills, deaths }) => [kills, deaths])).to.deep.equal([
      [0, 0],
      [0, 1],
    ])
  })

  it('keeps so many events and counts the rest', () => {
    const list = { events: [], dropped: 0 }
    for (let count = 0; count < MOST_EVENTS + 3; count += 1) keepEvent(list, count, event('shot'))
    expect(list.events).to.have.length(MOST_EVENTS)
    expect(list.dropped).to.equal(3)
  })

  it('lays the grid over the whole field and over nothing else', () => {
    const corners = [
      [0, 0],
      [10_000, 0],
      [0, 6000],
      [10_000, 6000],
      [-1, 5],
      [5, 6001],
    ].map(([x = 0, y = 0]) => ({ x, y }))
    const map = heatmapOf(field, corners, 4)
    expect(map).to.deep.include({ columns: 4, rows: 3, cell: 2500, total: 4, most: 1 })
    expect(map.counts).to.deep.equal([1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1])
    expect(heatmapOf(field, corners, 0).counts).to.deep.equal([4])
    expect(heatmapOf(field, [], 1e9).columns).to.equal(256)
  })
})
