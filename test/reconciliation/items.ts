// Movements and lines for tests of the matching, with times in minutes and amounts in minor units; a negative one is out.

import type { Line, Movement } from '../../server/reconciliation/matching/items.ts'
import type { Terms } from '../../server/reconciliation/matching/matchAccount.ts'
import { type RecordId, recordId, type WalletId } from '../../shared/ids.ts'

export const MINUTE_MS = 60_000
/** Of the report. */
export const AS_OF_MIN = 1_000
export const WALLET = 'w_alice' as WalletId

export function movement(seq: number, reference: string, minor: number, atMin = 0, asset = 'USD'): Movement {
  return { side: 'movement', record: recordOf(seq), wallet: WALLET, ...common(minor, atMin, asset, [reference]) }
}

export function line(id: string, references: string, minor: number, atMin = 0, asset = 'USD'): Line {
  return { side: 'line', id, ...common(minor, atMin, asset, references === '' ? [] : references.split(' ')) }
}

export function recordOf(seq: number): RecordId {
  return recordId(0, seq)
}

function common(minor: number, atMin: number, asset: string, references: readonly string[]) {
  const direction: 'in' | 'out' = minor < 0 ? 'out' : 'in'
  return { asset, direction, amountMinor: BigInt(Math.abs(minor)), atMs: atMin * MINUTE_MS, references }
}

/** Ten minutes each way, and a statement that says everything. */
export const TERMS: Terms = {
  asOfMs: AS_OF_MIN * MINUTE_MS,
  lateness: { movementMs: 10 * MINUTE_MS, lineMs: 10 * MINUTE_MS },
  covers: () => true,
}
