// How two sides choose the maps of a match: they ban and pick in turn, and what is left is the last map. The order
// follows from the number of games and the size of the pool: two bans, then every pick, then the other bans. A veto is
// plain data and changes only by `choose`; who was too late has a choice made by the caller, as if it were its own.

import type { ErrorCode } from '../errors.ts'

export type Side = 0 | 1
export type VetoAction = 'ban' | 'pick'

export interface VetoSpec {
  /** Odd: a match of an even number of games has no map that decides. */
  readonly bestOf: number
  readonly pool: readonly string[]
  readonly begins: Side
}

/** What was chosen, in order; whose choice and whether ban or pick follows from where it stands. */
export interface Veto extends VetoSpec {
  readonly chosen: readonly string[]
}

export interface VetoTurn {
  readonly side: Side
  readonly action: VetoAction
}

export type Vetoed =
  | { readonly kind: 'vetoed'; readonly veto: Veto }
  | { readonly kind: 'refused'; readonly code: ErrorCode }

/** A ban before the picks by each side, as far as there are maps to ban. */
const BANS_FIRST = 2
export const MAX_POOL = 64

/** The actions of a veto in order. One game: bans alone. */
export function vetoActions(bestOf: number, poolSize: number): readonly VetoAction[] {
  const bans = poolSize - bestOf
  const before = Math.min(BANS_FIRST, bans)
  const repeated = (action: VetoAction, times: number) => Array.from({ length: times }, () => action)
  return [...repeated('ban', before), ...repeated('pick', bestOf - 1), ...repeated('ban', bans - before)]
}

export function beginVeto({ bestOf, pool, begins }: VetoSpec): Vetoed {
  const odd = Number.isInteger(bestOf) && bestOf > 0 && bestOf % 2 === 1
  const fits = pool.length >= bestOf && pool.length <= MAX_POOL && new Set(pool).size === pool.length
  if (!odd || !fits) return { kind: 'refused', code: 'tournament.veto_malformed' }
  return { kind: 'vetoed', veto: { bestOf, pool: [...pool], begins, chosen: [] } }
}

/** Whose turn it is, or null where the veto is over. */
export function vetoTurn(veto: Veto): VetoTurn | null {
  const action = vetoActions(veto.bestOf, veto.pool.length)[veto.chosen.length]
  return action === undefined ? null : { side: sideOf(veto, veto.chosen.length), action }
}

/** Maps that are neither banned nor picked, in the order of the pool. */
export function openMaps(veto: Veto): readonly string[] {
  return veto.pool.filter((map) => !veto.chosen.includes(map))
}

export function choose(veto: Veto, side: Side, action: VetoAction, map: string): Vetoed {
  const turn = vetoTurn(veto)
  if (turn === null) return { kind: 'refused', code: 'tournament.veto_over' }
  if (turn.side !== side || turn.action !== action) return { kind: 'refused', code: 'tournament.veto_turn' }
  if (!openMaps(veto).includes(map)) return { kind: 'refused', code: 'tournament.veto_map' }
  return { kind: 'vetoed', veto: { ...veto, chosen: [...veto.chosen, map] } }
}

export interface ChosenMap {
  readonly map: string
  /** Null for the map that was left over. */
  readonly pickedBy: Side | null
}

/** The maps in the order they are played, or null where the veto is not over. */
export function chosenMaps(veto: Veto): readonly ChosenMap[] | null {
  const actions = vetoActions(veto.bestOf, veto.pool.length)
  if (veto.chosen.length < actions.length) return null
  const picked = veto.chosen.flatMap((map, index): ChosenMap[] => {
    return actions[index] === 'pick' ? [{ map, pickedBy: sideOf(veto, index) }] : []
  })
  return [...picked, ...openMaps(veto).map((map) => ({ map, pickedBy: null }))]
}

function sideOf(veto: VetoSpec, index: number): Side {
  return (veto.begins + index) % 2 === 0 ? 0 : 1
}
