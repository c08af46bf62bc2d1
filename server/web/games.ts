// The games that can be played in this page, and the fields that choose one.

import { choice, field } from './dom.ts'

/** Modes with their format; kept small: the server knows them all, and has the last word. */
const PLAYED: Readonly<Record<string, readonly (readonly [mode: string, format: string, text: string])[]>> = {
  arena: [
    ['blitz', '1v1', 'blitz 1v1 (half a minute)'],
    ['1v1', '1v1', '1v1'],
    ['2v2', '2v2', '2v2'],
    ['3v3', '3v3', '3v3'],
    ['ffa', '2v2', 'everybody alone, 4 players'],
  ],
  duel: [
    ['bo3', '1v1', 'best of 3'],
    ['bo5', '1v1', 'best of 5'],
    ['bo7', '1v1', 'best of 7'],
  ],
}

export interface GameChoice {
  readonly fields: readonly HTMLElement[]
  chosen(): { readonly game: string; readonly mode: string; readonly format: string }
}

export function gamesToPlay(): GameChoice {
  const what = choice(
    'game',
    Object.entries(PLAYED).flatMap(([game, modes]) =>
      modes.map(([mode, format, text]) => [`${game} ${mode} ${format}`, `${game}: ${text}`] as const),
    ),
  )
  return {
    fields: [field('Game', what)],
    chosen() {
      const [game = '', mode = '', format = ''] = what.value.split(' ')
      return { game, mode, format }
    },
  }
}
