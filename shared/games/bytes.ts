// A state as bytes, for games whose state is plain JSON: keys in order, so that equal states give equal bytes whatever
// order they were built in. Games with larger states keep them in an array of words, which is its own encoding.

import type { GameJson } from './game.ts'

/** Numbers have to be finite: JSON has no other, and would write null for them. */
export function stateBytes(state: GameJson): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(state, inOrder))
}

/** Of what `stateBytes` wrote. */
export function stateOf(bytes: Uint8Array): GameJson {
  return JSON.parse(new TextDecoder().decode(bytes)) as GameJson // written by stateBytes
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('a state holds a number JSON has not')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
  return Object.fromEntries(entries.sort(([first], [second]) => (first < second ? -1 : first > second ? 1 : 0)))
}
