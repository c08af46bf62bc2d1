// Balances of a set of accounts, and the posting of a record's legs to them. A partition has one Books for its system
// accounts and each actor one for its own; `stage` checks M1, M2, M3 and M5 before anything changes.

import {
  type AccountSpec,
  accountSpec,
  growsByDebit,
  isAccountOf,
  isOwned,
  isOwnedAccount,
} from '../../shared/accounts.ts'
import { isNft, MAX_BALANCE_MINOR } from '../../shared/assets.ts'
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

export interface Balance {
  readonly account: string
  readonly asset: string
  /** Minor units on the account's normal side. */
  minor: bigint
}

/** Beyond this many rows they are found through an index. */
const LISTED = 8

/**
 * Balances by account and asset. Few actors have more than a handful: a short list is found through faster than a map.
 * Of an NFT zero is no row: how many pass through an account over the years has no bound.
 */
export class Balances {
  private rows: Balance[] = []
  /** Has every row, once there are many. */
  private index: Map<string, Balance> | null = null

  /** In minor units; 0 where nothing was ever posted. */
  get(account: string, asset: string): bigint {
    return this.find(account, asset)?.minor ?? 0n
  }

  set(account: string, asset: string, minor: bigint): void {
    if (minor === 0n && isNft(asset)) return this.drop(account, asset)
    const row = this.find(account, asset)
    if (row !== undefined) {
      row.minor = minor
      return
    }
    const added = { account, asset, minor }
    if (this.index !== null) {
      this.index.set(balanceKey(account, asset), added)
      return
    }
    this.rows.push(added)
    if (this.rows.length <= LISTED) return
    this.index = new Map(this.rows.map((each) => [balanceKey(each.account, each.asset), each]))
    this.rows = []
  }

  get size(): number {
    return this.index?.size ?? this.rows.length
  }

  /** In the order of their first postings. */
  get all(): readonly Readonly<Balance>[] {
    return this.index === null ? this.rows : [...this.index.values()]
  }

  private drop(account: string, asset: string): void {
    if (this.index !== null) this.index.delete(balanceKey(account, asset))
    else this.rows = this.rows.filter((row) => row.asset !== asset || row.account !== account)
  }

  private find(account: string, asset: string): Balance | undefined {
    if (this.index !== null) return this.index.get(balanceKey(account, asset))
    for (const row of this.rows) if (row.asset === asset && row.account === account) return row
    return undefined
  }
}

export function balanceKey(account: string, asset: string): string {
  return `${account}/${asset}`
}

/**
 * Checks postings and turns them into entries with their balances; nothing moves. Throws LedgerRuleError. `actor` is the
 * actor key that posts; its own accounts are in `own`, the partition's in `system`.
 */
export function stage(postings: readonly Posting[], actor: string, own: Balances, system: Balances): readonly Entry[] {
  if (postings.length === 0) return NO_ENTRIES
  assertBalanced(postings)
  const entries: Entry[] = []
  for (const posting of postings) {
    const { account, asset, side, amountMinor } = posting
    if (amountMinor !== 1n && isNft(asset)) throw new LedgerRuleError('M1', `${amountMinor} of ${asset}`)
    const owned = assertMayPost(posting, actor)
    const before = earlier(entries, account, asset) ?? (owned ? own : system).get(account, asset)
    const after = before + signed(posting)
    if (owned && after < 0n) throw new LedgerRuleError('M5', `${balanceKey(account, asset)} would be ${after}`)
    if (after > MAX_BALANCE_MINOR || after < LEAST_BALANCE_MINOR)
      throw new LedgerRuleError('M1', `${balanceKey(account, asset)} would be ${after}`)
    entries.push({ account, asset, side, amountMinor, balanceAfterMinor: after })
  }
  return entries
}

/** Takes over the balances that entries of an actor state for its own accounts. Cannot fail. */
export function postOwned(entries: readonly Entry[], own: Balances): void {
  for (const { account, asset, balanceAfterMinor } of entries)
    if (isOwnedAccount(account)) own.set(account, asset, balanceAfterMinor)
}

/** The same for the system accounts of its partition. */
export function postSystem(entries: readonly Entry[], system: Balances): void {
  for (const { account, asset, balanceAfterMinor } of entries)
    if (!isOwnedAccount(account)) system.set(account, asset, balanceAfterMinor)
}

const LEAST_BALANCE_MINOR = -MAX_BALANCE_MINOR
const NO_ENTRIES: readonly Entry[] = Object.freeze([])

function earlier(entries: readonly Entry[], account: string, asset: string): bigint | undefined {
  for (let index = entries.length - 1; index >= 0; index--) {
    const entry = entries[index]
    if (entry !== undefined && entry.account === account && entry.asset === asset) return entry.balanceAfterMinor
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
