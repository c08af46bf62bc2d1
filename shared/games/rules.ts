// What a queue, a lobby or a tournament has to know of a game, whether it is played here or elsewhere: which modes, maps
// and formats it has, how many take a seat and in which team, and which rating its results count for.

import { EXTERNAL_GAMES, type ExternalGame } from './external.ts'
import type { AnyGame, TeamFormat } from './game.ts'
import { GAMES } from './registry.ts'

export const TEAM_FORMATS: readonly TeamFormat[] = ['1v1', '2v2', '3v3', '4v4', '5v5']

export interface ModeRules {
  readonly mode: string
  readonly formats: readonly TeamFormat[]
  /** Every seat is a team of its own; a format only says how many there are. */
  readonly alone: boolean
  readonly minSeats: number
  readonly maxSeats: number
  /** `<game>.<mode>`: results of different modes say little about each other. */
  readonly ratingKey: string
}

export interface GameRules {
  readonly game: string
  /** Not stepped here: its result is reported. */
  readonly isExternal: boolean
  readonly modes: ReadonlyMap<string, ModeRules>
  /** Empty where there is nothing to choose. */
  readonly maps: readonly string[]
  readonly minSeats: number
  readonly maxSeats: number
}

/** Null for a game nobody knows. */
export function gameRules(game: string): GameRules | null {
  return RULES.get(game) ?? null
}

export function isTeamFormat(text: string): text is TeamFormat {
  return (TEAM_FORMATS as readonly string[]).includes(text)
}

export function seatsOf(format: TeamFormat): number {
  return 2 * Number(format[0])
}

/** The team of each seat: two teams take turns, everybody alone is a team of their own. */
export function seatTeams(rules: ModeRules, format: TeamFormat): readonly number[] {
  return Array.from({ length: seatsOf(format) }, (_, seat) => (rules.alone ? seat : seat % 2))
}

export type Misfit = 'mode' | 'map' | 'format'

/** What of a choice the game does not have; null where it is all there. A map of null leaves it to the match. */
export function misfitOf(
  rules: GameRules,
  choice: { readonly mode: string; readonly map: string | null; readonly format: string },
): Misfit | null {
  const mode = rules.modes.get(choice.mode)
  if (mode === undefined) return 'mode'
  if (choice.map !== null && !rules.maps.includes(choice.map)) return 'map'
  return mode.formats.some((format) => format === choice.format) ? null : 'format'
}

export function rulesOfGame(game: AnyGame): GameRules {
  const fitting = TEAM_FORMATS.filter((format) => seatsOf(format) >= game.minSeats && seatsOf(format) <= game.maxSeats)
  const modes = game.modes.map((mode): ModeRules => {
    const formats = game.formats?.[mode] ?? fitting
    return modeRules(game.id, mode, formats, game.alone?.includes(mode) ?? false)
  })
  return rulesOf(game.id, false, modes, game.maps)
}

export function rulesOfExternal(game: ExternalGame): GameRules {
  const modes = game.modes.map((mode) => modeRules(game.id, mode, game.formats[mode] ?? [], false))
  return rulesOf(game.id, true, modes, game.maps)
}

function modeRules(game: string, mode: string, formats: readonly TeamFormat[], alone: boolean): ModeRules {
  const seats = formats.map(seatsOf)
  const ratingKey = `${game}.${mode}`
  return { mode, formats, alone, minSeats: Math.min(...seats), maxSeats: Math.max(...seats), ratingKey }
}

function rulesOf(game: string, isExternal: boolean, modes: readonly ModeRules[], maps: readonly string[]): GameRules {
  return {
    ...{ game, isExternal, maps },
    modes: new Map(modes.map((rules) => [rules.mode, rules])),
    minSeats: Math.min(...modes.map((rules) => rules.minSeats)),
    maxSeats: Math.max(...modes.map((rules) => rules.maxSeats)),
  }
}

const RULES: ReadonlyMap<string, GameRules> = new Map(
  [...[...GAMES.values()].map(rulesOfGame), ...[...EXTERNAL_GAMES.values()].map(rulesOfExternal)].map((rules) => [
    rules.game,
    rules,
  ]),
)
