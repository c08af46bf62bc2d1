// What an actor's own state says about its money, as balances of its accounts: [account code, asset, minor units]. Kinds
// that keep no such sums in their state are not in the table.

import type { AnyKind } from '../../actors/runtime/actor.ts'

export interface StatementLine {
  readonly code: string
  readonly asset: string
  readonly minor: bigint
}

const STATEMENTS: Readonly<Record<string, (encoded: unknown) => readonly StatementLine[]>> = {
  wallet: (encoded) =>
    pockets(encoded).flatMap(([asset, available, held, pending]) => [
      { code: '2001', asset, minor: BigInt(available) },
      { code: '2003', asset, minor: BigInt(pending) },
      { code: '2005', asset, minor: BigInt(held) },
    ]),
  // Until it has paid it out a match has what was staked; what came back it has until it is sent again.
  match: (encoded) => {
    const { spec, status, seats, unclaimed } = encoded as StoredMatch // written by the kind's encodeState
    if (spec === null) return []
    const asset = String(spec[ASSET_OF_SPEC])
    const over = status === 'settled' || status === 'cancelled'
    return [
      { code: '2002', asset, minor: over ? 0n : sum(seats.map(([, , , staked]) => staked)) },
      { code: '2007', asset, minor: sum(unclaimed.map(([, , , amount]) => amount)) },
    ]
  },
  // One that came back waits in the unclaimed account of its own actor.
  nft: (encoded) => {
    const { id, status } = encoded as { readonly id: string; readonly status: string } // written by the kind's encodeState
    return [{ code: '2007', asset: `NFT:${id}`, minor: status === 'unclaimed' ? 1n : 0n }]
  },
}

interface StoredMatch {
  readonly spec: readonly unknown[] | null
  readonly status: string
  readonly seats: readonly (readonly [unknown, unknown, unknown, string])[]
  readonly unclaimed: readonly (readonly [unknown, unknown, unknown, string])[]
}

const ASSET_OF_SPEC = 6

function sum(amounts: readonly string[]): bigint {
  return amounts.reduce((total, amount) => total + BigInt(amount), 0n)
}

export function statementOf(kind: AnyKind, state: unknown): readonly StatementLine[] {
  const read = Object.hasOwn(STATEMENTS, kind.kind) ? STATEMENTS[kind.kind] : undefined
  return read === undefined ? [] : read(kind.encodeState(state))
}

/** [asset, available, held, pending withdrawals] out of a wallet's encoded state. */
function pockets(encoded: unknown): readonly (readonly [string, string, string, string])[] {
  const rows = typeof encoded === 'object' && encoded !== null && 'pockets' in encoded ? encoded.pockets : []
  if (!Array.isArray(rows)) return []
  return rows.map((row) =>
    Array.isArray(row) ? [String(row[0]), String(row[1]), String(row[2]), String(row[4] ?? '0')] : ['', '0', '0', '0'],
  )
}
