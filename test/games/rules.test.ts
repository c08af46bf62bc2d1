// What queues, lobbies and tournaments ask of a game, and what the registry refuses.

import { expect } from 'chai'
import { duel } from '../../shared/games/duel.ts'
import { EXTERNAL_GAMES } from '../../shared/games/external.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import { GAMES, registryOf } from '../../shared/games/registry.ts'
import { gameRules, isTeamFormat, misfitOf, seatsOf, seatTeams, TEAM_FORMATS } from '../../shared/games/rules.ts'

function rulesFor(game: string) {
  const rules = gameRules(game)
  if (rules === null) throw new Error(`no game ${game}`)
  return rules
}

function modeOf(game: string, mode: string) {
  const rules = rulesFor(game).modes.get(mode)
  if (rules === undefined) throw new Error(`${game} has no mode ${mode}`)
  return rules
}

describe('the rules of games', () => {
  it('are there for every game, played here or elsewhere, and for no other', () => {
    for (const game of [...GAMES.keys(), ...EXTERNAL_GAMES.keys()]) {
      const rules = rulesFor(game)
      expect(rules.game).to.equal(game)
      expect(rules.isExternal).to.equal(EXTERNAL_GAMES.has(game))
      expect(rules.modes.size).to.be.at.least(1)
      for (const mode of rules.modes.values()) {
        expect(mode.formats, `${game} ${mode.mode}`).to.not.deep.equal([])
        expect(mode.minSeats).to.be.within(rules.minSeats, mode.maxSeats)
        expect(mode.maxSeats).to.be.at.most(10)
      }
    }
    for (const unknown of ['', 'chess', 'constructor', '__proto__']) expect(gameRules(unknown)).to.equal(null)
  })

  it('give a key of the rating for each mode', () => {
    expect(modeOf('arena', 'blitz').ratingKey).to.equal('arena.blitz')
    expect(modeOf('cs2', 'competitive').ratingKey).to.equal('cs2.competitive')
  })

  const table: readonly (readonly [string, string, string | null, string, string | null])[] = [
    ['arena', '2v2', 'yard', '2v2', null],
    ['arena', '2v2', null, '2v2', null],
    ['arena', '2v2', 'yard', '1v1', 'format'],
    ['arena', 'ffa', 'pit', '5v5', null],
    ['arena', 'ffa', 'pit', '6v6', 'format'],
    ['arena', 'blitz', 'de_dust2', '1v1', 'map'],
    ['arena', 'bo3', 'pit', '1v1', 'mode'],
    ['duel', 'bo5', null, '1v1', null],
    ['duel', 'bo5', null, '2v2', 'format'],
    ['duel', 'bo5', 'yard', '1v1', 'map'],
    ['cs2', 'competitive', 'de_mirage', '5v5', null],
    ['cs2', 'competitive', 'de_mirage', '1v1', 'format'],
    ['cs2', 'wingman', 'de_mirage', '2v2', null],
    ['cs2', 'toString', null, '5v5', 'mode'],
  ]
  for (const [game, mode, map, format, misfit] of table) {
    it(`${game} ${mode} ${format} on ${map ?? 'any map'}: ${misfit ?? 'fits'}`, () => {
      expect(misfitOf(rulesFor(game), { mode, map, format })).to.equal(misfit)
    })
  }

  it('seat two equal teams, or everybody alone', () => {
    for (const format of TEAM_FORMATS) {
      const teams = seatTeams(modeOf('arena', 'blitz'), format)
      expect(teams).to.have.length(seatsOf(format))
      expect(teams.filter((team) => team === 0)).to.have.length(seatsOf(format) / 2)
      expect(new Set(seatTeams(modeOf('arena', 'ffa'), format)).size).to.equal(seatsOf(format))
    }
    expect(isTeamFormat('3v3')).to.equal(true)
    for (const text of ['6v6', '1v2', '', '5V5']) expect(isTeamFormat(text)).to.equal(false)
  })
})

describe('the registry of games', () => {
  const wrong: readonly (readonly [string, Partial<AnyGame>])[] = [
    ['an id is', { id: 'Duel' }],
    ['a version is', { version: 0 }],
    ['tickHz is', { tickHz: 61 }],
    ['tickHz is', { tickHz: 12.5 }],
    ['maxTicks is', { maxTicks: Number.POSITIVE_INFINITY }],
    ['it has no mode', { modes: [] }],
    ['bo.3 is no name', { modes: ['bo.3'] }],
    [' is no name', { maps: [''] }],
    ['minSeats is', { minSeats: 1 }],
    ['maxSeats is', { maxSeats: 11 }],
    ['it has no mode bo9', { formats: { bo9: ['1v1'] } }],
    ['it has no mode solo', { alone: ['solo'] }],
  ]
  for (const [message, change] of wrong) {
    it(`refuses a game whose ${Object.keys(change).join()} is ${JSON.stringify(Object.values(change)[0])}`, () => {
      expect(() => registryOf([{ ...duel, ...change }])).to.throw(message)
    })
  }

  it('refuses two of one name', () => {
    expect(() => registryOf([duel, duel])).to.throw('registered twice')
  })

  it('knows no game by two names, here and elsewhere', () => {
    expect([...GAMES.keys()].filter((game) => EXTERNAL_GAMES.has(game))).to.deep.equal([])
  })
})

describe('games played elsewhere', () => {
  it('say where to connect and what a result is', () => {
    for (const game of EXTERNAL_GAMES.values()) {
      for (const name of [game.id, ...game.modes, ...game.maps]) expect(name).to.match(/^[a-z0-9][a-z0-9_-]{0,31}$/)
      expect(Object.keys(game.formats)).to.have.members([...game.modes])
      expect(game.connection.some(({ required }) => required)).to.equal(true)
      expect(game.result.some(({ of, required }) => of === 'team' && required)).to.equal(true)
      for (const { least, most } of game.result) expect(least).to.be.below(most)
    }
  })
})
