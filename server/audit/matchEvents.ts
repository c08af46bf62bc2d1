// The auditor's own reading of what a match says in its events: what it was made of, who staked, how it ended. It shares
// nothing with the program's codec; what it does not need of an event it passes over.

import { RULES } from '../../shared/rules.ts'
import type { RecordLine } from './recordLine.ts'
import { broken } from './violation.ts'

export interface Pool {
  readonly asset: string
  readonly stakeMinor: bigint
  /** As it has to be added at the end: none in credits, none of the free tier, none where nothing is staked. */
  readonly contributionMinor: bigint
  /** By seat; null for a bot. */
  readonly users: readonly (string | null)[]
  readonly staked: Set<number>
}

export interface MatchEnd {
  readonly how: 'result' | 'custom' | 'refund'
  readonly payouts: readonly { readonly seat: number; readonly minor: bigint }[]
  readonly rakeMinor: bigint
  readonly contributionMinor: bigint
}

export interface MatchEvents {
  readonly created: Pool | null
  /** Seats. */
  readonly stakes: readonly number[]
  readonly ends: readonly MatchEnd[]
  /** What is sent again. */
  readonly again: bigint | null
}

export function matchEvents({ events, actor }: RecordLine): MatchEvents {
  const read: Draft = { created: null, stakes: [], ends: [], again: null }
  try {
    for (const event of JSON.parse(events.text()) as unknown[]) readEvent(listOf(event), read)
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error
    broken('M10', `events of ${actor} cannot be read: ${error.message}`)
  }
  return read
}

interface Draft {
  created: Pool | null
  readonly stakes: number[]
  readonly ends: MatchEnd[]
  again: bigint | null
}

function readEvent(event: readonly unknown[], read: Draft): void {
  switch (event[0]) {
    case 'created':
      read.created = poolOf(listOf(event[1]))
      return
    case 'staked':
      read.stakes.push(countOf(event[1]))
      return
    case 'cancelled':
      read.ends.push({ how: 'refund', payouts: payoutsOf(event[5]), rakeMinor: 0n, contributionMinor: 0n })
      return
    case 'settled': {
      const how = event[2]
      if (how !== 'result' && how !== 'custom' && how !== 'refund') throw new TypeError(`settled as ${String(how)}`)
      const sums = { rakeMinor: minorOf(event[4]), contributionMinor: minorOf(event[5]) }
      read.ends.push({ how, payouts: payoutsOf(event[3]), ...sums })
      return
    }
    case 'paid_again':
      read.again = (read.again ?? 0n) + minorOf(event[4])
      return
  }
}

// [game, mode, map, region, source, seats, asset, stake, tier, prize rule, contribution, …].
function poolOf(spec: readonly unknown[]): Pool {
  const asset = String(spec[6])
  const stakeMinor = minorOf(spec[7])
  const money = RULES.rakeLeastMinor[asset] !== undefined && stakeMinor > 0n && spec[8] !== 'free'
  const users = listOf(spec[5]).map((seat) => {
    const [user] = listOf(seat)
    return typeof user === 'string' ? user : null
  })
  return { asset, stakeMinor, contributionMinor: money ? minorOf(spec[10]) : 0n, users, staked: new Set() }
}

function payoutsOf(rows: unknown): MatchEnd['payouts'] {
  return listOf(rows).map((row) => {
    const [seat, minor] = listOf(row)
    return { seat: countOf(seat), minor: minorOf(minor) }
  })
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`no list: ${String(value)}`)
  return value
}

function countOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new TypeError(`no count: ${String(value)}`)
  return value
}

function minorOf(value: unknown): bigint {
  if (typeof value !== 'string' || !/^\d+$/.test(value)) throw new TypeError(`no amount: ${String(value)}`)
  return BigInt(value)
}
