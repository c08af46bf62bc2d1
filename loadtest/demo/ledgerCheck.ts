// What the players' own histories say, read over HTTP as any client would: every acknowledged command is in the ledger
// exactly once, and nothing is there that nobody was told of.

import { findAsset, parseAmount } from '../../shared/assets.ts'
import { bounded } from '../client/guests.ts'
import type { HttpClient, JsonObject } from '../client/httpClient.ts'
import { isObject, textField } from '../client/httpClient.ts'
import { type Player, pause } from './player.ts'

const PAGE = 100
const AT_A_TIME = 16
const CONFIRMED_WITHIN_MS = 20_000
const PLACES: readonly string[] = ['type=deposit', 'type=transfer&entry_type=debit']

export interface LedgerCheck {
  /** Acknowledged, and not in the history. */
  readonly lost: number
  /** In the history more than once, or without ever having been acknowledged. */
  readonly duplicated: number
  readonly confirmed: number
  readonly returned: number
  /** Carried out before this moment (server's clock). */
  carriedOutBefore(momentMs: number): ReadonlySet<string>
}

/** Waits until no transfer is pending any more; false where some still are at the deadline. */
export async function allConfirmed(http: HttpClient, players: readonly Player[]): Promise<boolean> {
  const deadlineMs = performance.now() + CONFIRMED_WITHIN_MS
  let waiting = players
  while (performance.now() < deadlineMs) {
    const still: Player[] = []
    await bounded(waiting.length, AT_A_TIME, async (index) => {
      const player = waiting[index]
      if (player === undefined) return
      const page = await http.expect('GET', '/wallet/transactions?status=pending&limit=1', player.token)
      if (page.total_count !== 0) still.push(player)
    })
    if (still.length === 0) return true
    waiting = still
    await pause(50)
  }
  return false
}

export async function checkHistories(http: HttpClient, players: readonly Player[]): Promise<LedgerCheck> {
  const counts = { lost: 0, duplicated: 0, confirmed: 0, returned: 0 }
  const createdAtMs = new Map<string, number>()
  await bounded(players.length, AT_A_TIME, async (index) => {
    const player = players[index]
    if (player === undefined) return
    const seen = new Map<string, number>()
    for (const row of await historyOf(http, player)) {
      const id = textField(row, 'transaction_id')
      seen.set(id, (seen.get(id) ?? 0) + 1)
      createdAtMs.set(id, Date.parse(textField(row, 'created_at')))
      if (row.type === 'transfer') counts[row.status === 'confirmed' ? 'confirmed' : 'returned']++
    }
    for (const { outcome } of player.commands) {
      if (outcome?.kind !== 'accepted') continue
      const times = seen.get(outcome.transactionId) ?? 0
      if (times === 0) counts.lost++
      else counts.duplicated += times - 1
      seen.delete(outcome.transactionId)
    }
    for (const times of seen.values()) counts.duplicated += times
  })
  return {
    ...counts,
    carriedOutBefore: (momentMs) => new Set([...createdAtMs].filter(([, atMs]) => atMs < momentMs).map(([id]) => id)),
  }
}

/** What the wallets hold together, available and held, per asset in minor units. */
export async function heldByWallets(
  http: HttpClient,
  players: readonly Player[],
): Promise<ReadonlyMap<string, bigint>> {
  const totals = new Map<string, bigint>()
  await bounded(players.length, AT_A_TIME, async (index) => {
    const balance = await http.expect('GET', '/wallet/balance', players[index]?.token ?? '')
    for (const amounts of [balance.balances, balance.held]) {
      if (!isObject(amounts)) throw new Error(`a balance without amounts: ${JSON.stringify(balance)}`)
      for (const [asset, amount] of Object.entries(amounts)) add(totals, asset, minorOf(asset, String(amount)))
    }
  })
  return totals
}

export function add(totals: Map<string, bigint>, asset: string, minor: bigint): void {
  totals.set(asset, (totals.get(asset) ?? 0n) + minor)
}

export function minorOf(asset: string, amount: string): bigint {
  const spec = findAsset(asset)
  const parsed = spec === null ? null : parseAmount(amount, spec)
  if (parsed?.kind === 'amount') return parsed.minor
  if (parsed?.reason === 'not_positive') return 0n
  throw new Error(`"${amount}" is no amount of ${asset}`)
}

async function historyOf(http: HttpClient, player: Player): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = []
  for (const place of PLACES) {
    for (let offset = 0; ; offset += PAGE) {
      const path = `/wallet/transactions?${place}&limit=${PAGE}&offset=${offset}`
      const page = await http.expect('GET', path, player.token)
      const found = Array.isArray(page.transactions) ? page.transactions.filter(isObject) : []
      rows.push(...found)
      if (found.length < PAGE) break
    }
  }
  return rows
}
