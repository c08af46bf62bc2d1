// Wallets by what they are and have, from the snapshots of the store: a page looks through so many of them, in the order
// of their ids, and says where the next goes on. No wallet is woken up for it.

import { walletKind } from '../../actors/wallet/kind.ts'
import type { WalletView } from '../../actors/wallet/views.ts'
import type { PartitionId, WalletId } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import { basisOf } from './places.ts'
import type { LedgerReads } from './ports.ts'
import type { StoredWallet, WalletFilter, WalletsAnswer, WalletsQuestion } from './questions.ts'

/** Wallets that one page looks at. */
export const LOOKED_AT_LIMIT = 1_000
const CHUNK = 250

export async function walletsPage(reads: LedgerReads, question: WalletsQuestion): Promise<WalletsAnswer> {
  const { limit } = question
  const basis = await basisOf(reads, null)
  const rounds = new Map<PartitionId, number>()
  const rows: StoredWallet[] = []
  let after = question.after === null ? '' : actorKey('wallet', question.after)
  for (let seen = 0; seen < LOOKED_AT_LIMIT; seen += CHUNK) {
    const snapshots = await reads.snapshotsAfter('wallet', after, CHUNK)
    for (const { actor, seq, state } of snapshots) {
      after = actor
      const wallet = walletKind.decodeState(state)
      const view = walletKind.view(wallet, { kind: 'balance' })
      if (view.status === 'unopened' || !suitsWallet(view, question)) continue
      const partition = partitionOf(actor, reads.partitions)
      const asOfMs = rounds.get(partition) ?? (await reads.round(partition))?.atMs ?? 0
      rounds.set(partition, asOfMs)
      rows.push({ walletId: wallet.id, view, version: seq, asOfMs })
      if (rows.length === limit) return { kind: 'wallets', ...basis, rows, next: wallet.id }
    }
    if (snapshots.length < CHUNK) return { kind: 'wallets', ...basis, rows, next: null }
  }
  return { kind: 'wallets', ...basis, rows, next: after.slice('wallet/'.length) as WalletId } // a wallet's key
}

export function suitsWallet({ status, kycLevel, assets }: WalletView, filter: WalletFilter): boolean {
  if (filter.status !== null && filter.status !== status) return false
  if (filter.kycLevel !== null && filter.kycLevel !== kycLevel) return false
  if (filter.asset === null) return true
  const pocket = assets.find(({ asset }) => asset === filter.asset)
  const minor = pocket === undefined ? 0n : pocket.availableMinor + pocket.heldMinor + pocket.pendingMinor
  return filter.minMinor === null ? minor > 0n : minor >= filter.minMinor
}
