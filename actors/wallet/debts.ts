// What a wallet owes the platform (1004): money that was to be taken back and was not there. Whatever comes to what is
// available in that asset, from wherever, pays it first, in the same record: in as usual, and out again to 1004. So while
// something is owed nothing is available, and the owner sees both lines.

import type { Decision } from '../runtime/actor.ts'
import type { Posting } from '../runtime/record.ts'
import type { WalletEvent } from './commands.ts'
import { available, move, RECEIVABLE } from './postings.ts'
import type { Wallet } from './state.ts'

export function owes(wallet: Wallet, asset: string): boolean {
  return (wallet.pockets.get(asset)?.owedMinor ?? 0n) > 0n
}

export function owesAnything(wallet: Wallet): boolean {
  for (const { owedMinor } of wallet.pockets.values()) if (owedMinor > 0n) return true
  return false
}

/** The decision, and what of its money goes to what is owed. */
export function payingDebts(wallet: Wallet, decision: Decision<WalletEvent>): Decision<WalletEvent> {
  if (decision.kind === 'rejected' || decision.postings.length === 0 || !owesAnything(wallet)) return decision
  const events: WalletEvent[] = []
  const postings: Posting[] = []
  for (const [asset, { owedMinor }] of [...wallet.pockets].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const cameMinor = cameIn(decision.postings, available(wallet), asset)
    const amountMinor = lesser(cameMinor, owedMinor)
    if (amountMinor === 0n) continue
    events.push({ kind: 'repaid', asset, amountMinor })
    postings.push(...move(asset, amountMinor, available(wallet), RECEIVABLE))
  }
  return { ...decision, events: [...decision.events, ...events], postings: [...decision.postings, ...postings] }
}

export function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

function cameIn(postings: readonly Posting[], account: string, code: string): bigint {
  let sum = 0n
  for (const leg of postings)
    if (leg.account === account && leg.asset === code && leg.side === 'credit') sum += leg.amountMinor
  return sum
}
