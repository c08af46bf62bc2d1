// Games that are played elsewhere: this server finds the players, holds the stakes and shows where to connect; the result
// is reported by its players or by staff. Nothing here is stepped.

import type { TeamFormat } from './game.ts'

export interface ConnectionField {
  readonly name: string
  readonly label: string
  readonly required: boolean
  /** Shown to the seated alone. */
  readonly secret: boolean
  readonly maxLength: number
}

/** What a report of a result says, for each team or for each seat. */
export interface ResultField {
  readonly name: string
  readonly of: 'team' | 'seat'
  readonly required: boolean
  readonly least: number
  readonly most: number
}

export interface ExternalGame {
  readonly id: string
  readonly title: string
  readonly modes: readonly string[]
  readonly maps: readonly string[]
  readonly formats: Readonly<Record<string, readonly TeamFormat[]>>
  readonly connection: readonly ConnectionField[]
  readonly result: readonly ResultField[]
}

const SERVER_ADDRESS: readonly ConnectionField[] = [
  { name: 'host', label: 'Server', required: true, secret: false, maxLength: 253 },
  { name: 'port', label: 'Port', required: true, secret: false, maxLength: 5 },
  { name: 'password', label: 'Password', required: false, secret: true, maxLength: 64 },
]

const SHOOTER_RESULT: readonly ResultField[] = [
  { name: 'rounds', of: 'team', required: true, least: 0, most: 100 },
  { name: 'kills', of: 'seat', required: false, least: 0, most: 500 },
  { name: 'deaths', of: 'seat', required: false, least: 0, most: 500 },
  { name: 'assists', of: 'seat', required: false, least: 0, most: 500 },
  { name: 'mvps', of: 'seat', required: false, least: 0, most: 100 },
]

const CS2: ExternalGame = {
  id: 'cs2',
  title: 'Counter-Strike 2',
  modes: ['competitive', 'wingman', 'duel'],
  maps: ['de_ancient', 'de_anubis', 'de_dust2', 'de_inferno', 'de_mirage', 'de_nuke', 'de_overpass', 'de_train'],
  formats: { competitive: ['5v5'], wingman: ['2v2'], duel: ['1v1'] },
  connection: SERVER_ADDRESS,
  result: SHOOTER_RESULT,
}

const VALORANT: ExternalGame = {
  id: 'valorant',
  title: 'VALORANT',
  modes: ['standard', 'skirmish'],
  maps: ['abyss', 'ascent', 'bind', 'haven', 'icebox', 'lotus', 'split', 'sunset'],
  formats: { standard: ['5v5'], skirmish: ['1v1', '2v2', '3v3'] },
  connection: [
    { name: 'party_code', label: 'Party code', required: true, secret: true, maxLength: 16 },
    { name: 'host_name', label: 'Host', required: false, secret: false, maxLength: 32 },
  ],
  result: SHOOTER_RESULT,
}

export const EXTERNAL_GAMES: ReadonlyMap<string, ExternalGame> = new Map([CS2, VALORANT].map((game) => [game.id, game]))
