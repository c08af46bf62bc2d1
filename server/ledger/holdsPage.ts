// Which holds are open: each has a timer that ends it. Those of a partition's last snapshot, and those set behind it; one
// that has ended since may still be among them, so that whoever shows them asks the wallets.

import { HOLD_TIMER } from '../../actors/wallet/decide.ts'
import type { HoldPlace } from '../../actors/wallet/service.ts'
import type { PartitionId, WalletId } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import { basisOf } from './places.ts'
import { type LedgerReads, PastNotReady } from './ports.ts'
import type { HoldsAnswer, HoldsQuestion } from './questions.ts'

/** Records with timers behind the last round: a round comes at twice as many records at the latest. */
const SET_LIMIT = 20_000
/** Every record that sets or cancels a timer has it in its line. */
const TIMERS_TEXT = '"ti":[['

export async function holdsPage(reads: LedgerReads, question: HoldsQuestion): Promise<HoldsAnswer> {
  const { walletId, after, limit } = question
  const homes =
    walletId === null
      ? Array.from({ length: reads.partitions }, (_, partition) => partition)
      : [partitionOf(actorKey('wallet', walletId), reads.partitions)]
  const basis = await basisOf(reads, homes)
  const found: HoldPlace[] = []
  for (const partition of homes) {
    for (const hold of (await holdsOf(reads, partition)).values()) {
      if (isWanted(hold, question) && (after === null || compare(hold, after) > 0)) found.push(hold)
    }
  }
  const rows = found.sort(compare).slice(0, limit)
  return { kind: 'holds', ...basis, rows, next: found.length > limit ? (rows.at(-1) ?? null) : null }
}

async function holdsOf(reads: LedgerReads, partition: PartitionId): Promise<ReadonlyMap<string, HoldPlace>> {
  const holds = new Map<string, HoldPlace>()
  const set = (actor: string, timer: string, expiresAtMs: number): void => {
    if (!timer.startsWith(HOLD_TIMER) || !actor.startsWith('wallet/')) return
    const walletId = actor.slice('wallet/'.length) as WalletId // a wallet's key
    holds.set(`${actor} ${timer}`, { expiresAtMs, walletId, name: timer.slice(HOLD_TIMER.length) })
  }
  // The round first: what a newer one has besides is found again behind the older.
  const afterSeq = (await reads.round(partition))?.seq ?? 0
  for (const { actor, name, dueMs } of await reads.timers(partition)) set(actor, name, dueMs)
  const records = await reads.recordsWith({ partition, afterSeq, text: TIMERS_TEXT, limit: SET_LIMIT + 1 })
  if (records.length > SET_LIMIT) throw new PastNotReady(`timers of partition ${partition}`)
  for (const { actor, timers } of records) {
    for (const change of timers) {
      if (change.kind === 'set') set(actor, change.name, change.dueMs)
      else holds.delete(`${actor} ${change.name}`)
    }
  }
  return holds
}

function isWanted(hold: HoldPlace, { walletId, expiresBeforeMs }: HoldsQuestion): boolean {
  if (walletId !== null && hold.walletId !== walletId) return false
  return expiresBeforeMs === null || hold.expiresAtMs < expiresBeforeMs
}

function compare(a: HoldPlace, b: HoldPlace): number {
  if (a.expiresAtMs !== b.expiresAtMs) return a.expiresAtMs - b.expiresAtMs
  if (a.walletId !== b.walletId) return a.walletId < b.walletId ? -1 : 1
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1
}
