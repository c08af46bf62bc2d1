// Balances of a set of accounts, and the posting of a record's legs to them. A partition has one Books for its system
// accounts and each actor one for its own; `stage` checks M1, M2, M3 and M5 before anything changes.

import { type AccountSpec, accountSpec, growsByDebit, isAccountOf, isOwned } from '../../shared/accounts.ts'
import { MAX_BALANCE_MINOR } from '../../shared/assets.ts'
import type { Entry, Posting } from './record.ts'

/** Thrown by `stage` when `decide` asked for something a ledger must not hold: a bug in the kind, caught before it lands. */
export class LedgerRuleError extends Error {
  readonly invariant: 'M1' | 'M2' | 'M3' | 'M5'
  constructor(invariant: 'M1' | 'M2' | 'M3' | 'M5', message: string) {
    super(`${invariant}: ${message}`)
    this.name = 'LedgerRuleError'
    this.invariant = invariant
  }
}

/** Balances by `<account>/<asset>`, in minor units on the account's normal side. */
export type Balances = Map<string, bigint>

export function balanceKey(account: string, asset: string): string {
  return `${account}/${asset}`
}

export interface Staged {
  readonly entries: readonly Entry[]
  /** Moves the balances to what the entries say. Cannot fail. */
  apply(): void
}

/**
 * Checks postings and turns them into entries with their balances; nothing moves before `apply`. Throws LedgerRuleError.
 * `actor` is the actor key that posts; its own accounts are in `own`, the partition's in `system`.
 */
export function stage(postings: readonly Posting[], actor: string, own: Balances, system: Balances): Staged {
  if (postings.length === 0) return NOTHING_STAGED
  assertBalanced(postings)
  const entries: Entry[] = []
  const touched: [Balances, string, bigint][] = []
  for (const posting of postings) {
    const owned = assertMayPost(posting, actor)
    const balances = owned ? own : system
    const key = balanceKey(posting.account, posting.asset)
    const before = earlier(touched, balances, key) ?? balances.get(key) ?? 0n
    const after = before + signed(posting)
    if (owned && after < 0n) throw new LedgerRuleError('M5', `${key} would be ${after}`)
    if (after > MAX_BALANCE_MINOR || after < -MAX_BALANCE_MINOR)
      throw new LedgerRuleError('M1', `${key} would be ${after}`)
    touched.push([balances, key, after])
    entries.push({
      account: posting.account,
      asset: posting.asset,
      side: posting.side,
      amountMinor: posting.amountMinor,
      balanceAfterMinor: after,
    })
  }
  return {
    entries,
    apply() {
      for (const [balances, key, after] of touched) balances.set(key, after)
    },
  }
}

/** Takes over the balances an entry states, as replay does. */
export function replayEntry(entry: Entry, own: Balances, system: Balances): void {
  const spec = accountSpec(entry.account)
  const balances = spec !== null && isOwned(spec) ? own : system
  balances.set(balanceKey(entry.account, entry.asset), entry.balanceAfterMinor)
}

const NOTHING_STAGED: Staged = Object.freeze({ entries: [], apply() {} })

function earlier(touched: readonly [Balances, string, bigint][], balances: Balances, key: string): bigint | undefined {
  for (let index = touched.length - 1; index >= 0; index--) {
    const row = touched[index]
    if (row !== undefined && row[0] === balances && row[1] === key) return row[2]
  }
  return undefined
}

/** The change of the account's balance, on its normal side. */
export function signed(posting: Posting): bigint {
  const spec = accountSpec(posting.account)
  if (spec === null) throw new LedgerRuleError('M3', `no account ${posting.account} in the chart`)
  return (posting.side === 'debit') === growsByDebit(spec) ? posting.amountMinor : -posting.amountMinor
}

// M2: Σ debit = Σ credit per asset.
function assertBalanced(postings: readonly Posting[]): void {
  const [first, second] = postings
  if (postings.length === 2 && first !== undefined && second !== undefined && first.amountMinor > 0n) {
    // The usual record: two legs of one amount.
    if (first.asset === second.asset && first.side !== second.side && first.amountMinor === second.amountMinor) return
  }
  const sums = new Map<string, bigint>()
  for (const posting of postings) {
    if (posting.amountMinor <= 0n)
      throw new LedgerRuleError('M1', `amount ${posting.amountMinor} of ${posting.account}`)
    const change = posting.side === 'debit' ? posting.amountMinor : -posting.amountMinor
    sums.set(posting.asset, (sums.get(posting.asset) ?? 0n) + change)
  }
  for (const [asset, sum] of sums) {
    if (sum !== 0n) throw new LedgerRuleError('M2', `${asset} is out of balance by ${sum}`)
  }
}

// M3: own accounts, and the system accounts of the own partition. Answers whether the account is owned.
function assertMayPost(posting: Posting, actor: string): boolean {
  const spec = accountSpec(posting.account)
  if (spec === null) throw new LedgerRuleError('M3', `no account ${posting.account} in the chart`)
  if (!isOwned(spec)) return false
  const slash = actor.indexOf('/')
  const mine = isAccountOf(posting.account, actor.slice(slash + 1)) && isOwnedBy(spec, actor.slice(0, slash))
  if (!mine) throw new LedgerRuleError('M3', `${actor} posts to ${posting.account}`)
  return true
}

function isOwnedBy(spec: AccountSpec, kind: string): boolean {
  for (const owner of spec.owners) if (owner === kind) return true
  return false
}
