// The accounts of one partition as the auditor computes them from nothing but the entries: who may post (M3), what each
// balance must be after a posting (M3), what must never be negative (M5), and that a record balances (M2).

import {
  type AccountSpec,
  accountCode,
  accountSpec,
  accountSubject,
  growsByDebit,
  IN_TRANSIT,
  isOwned,
} from '../../shared/accounts.ts'
import { findAsset, MAX_BALANCE_MINOR } from '../../shared/assets.ts'
import { Flow } from './flow.ts'
import type { EntryLine } from './recordLine.ts'
import { broken } from './violation.ts'

export interface AccountBalance {
  readonly account: string
  readonly asset: string
  readonly owned: boolean
  readonly spec: AccountSpec
  readonly minor: bigint
}

interface Account {
  readonly spec: AccountSpec
  readonly owned: boolean
  /** M3: actor key of the only one who posts here; empty for a system account. */
  readonly writer: string
  readonly byDebit: boolean
  readonly assets: string[]
  readonly nft: boolean[]
  readonly minors: bigint[]
}

export class Accounts {
  private readonly byName = new Map<string, Account>()

  get size(): number {
    return this.byName.size
  }

  /** Posts a record's entries; answers what they put into transit (credit − debit of 2006, per asset). */
  post(entries: readonly EntryLine[], actor: string): Flow {
    const transit = new Flow()
    if (entries.length === 0) return transit
    checkBalanced(entries)
    for (const entry of entries) {
      if (entry.account === IN_TRANSIT) transit.add(entry.asset, entry.debit ? -entry.amountMinor : entry.amountMinor)
    }
    for (const entry of entries) this.postOne(entry, actor)
    return transit
  }

  balance(account: string, asset: string): bigint {
    const found = this.byName.get(account)
    const index = found === undefined ? -1 : found.assets.indexOf(asset)
    return found?.minors[index] ?? 0n
  }

  /** Every asset the account ever held, zero balances included. */
  balancesOf(account: string): readonly (readonly [asset: string, minor: bigint])[] {
    const found = this.byName.get(account)
    return found === undefined ? [] : found.assets.map((asset, index) => [asset, found.minors[index] ?? 0n] as const)
  }

  *all(): Generator<AccountBalance> {
    for (const [account, { spec, owned, assets, minors }] of this.byName) {
      for (const [index, asset] of assets.entries()) yield { account, asset, owned, spec, minor: minors[index] ?? 0n }
    }
  }

  private postOne(entry: EntryLine, actor: string): void {
    const name = entry.account
    const account = this.byName.get(name) ?? this.open(name, actor)
    if (account.owned && account.writer !== actor)
      broken('M3', `${actor} posts to ${name}, which only ${account.writer} may`)
    let index = account.assets.indexOf(entry.asset)
    if (index === -1) index = openAsset(account, entry.asset)
    if (account.nft[index] === true && entry.amountMinor !== 1n)
      broken('M1', `${entry.amountMinor} of ${entry.asset}, whose supply is one`)
    const before = account.minors[index] ?? 0n
    const after = entry.debit === account.byDebit ? before + entry.amountMinor : before - entry.amountMinor
    if (after !== entry.afterMinor) {
      broken('M3', `${name} ${entry.asset} is ${after} after this entry, the record says ${entry.afterMinor}`)
    }
    if (account.owned && after < 0n) broken('M5', `${name} ${entry.asset} falls to ${after}`)
    if (after > MAX_BALANCE_MINOR || after < -MAX_BALANCE_MINOR)
      broken('M1', `${name} ${entry.asset} leaves 64 bits: ${after}`)
    account.minors[index] = after
  }

  private open(name: string, actor: string): Account {
    const spec = accountSpec(name)
    if (spec === null) broken('M3', `no account ${name} in the chart`)
    // Transit is one account per partition: with a subject its money would be in no sum.
    if (accountCode(name) === IN_TRANSIT && name !== IN_TRANSIT)
      broken('M3', `account ${name}: ${IN_TRANSIT} has no parts`)
    const owned = isOwned(spec)
    if (owned) checkOwner(spec, name, actor)
    const account: Account = {
      spec,
      owned,
      writer: owned ? actor : '',
      byDebit: growsByDebit(spec),
      assets: [],
      nft: [],
      minors: [],
    }
    this.byName.set(name, account)
    return account
  }
}

// M2: Σ debit = Σ credit, per asset.
export function checkBalanced(entries: readonly EntryLine[]): void {
  const [one, two] = entries
  const plain = entries.length === 2 && one?.asset === two?.asset && one?.debit !== two?.debit
  if (plain && one?.amountMinor === two?.amountMinor) return
  const sums = new Flow()
  for (const { asset, debit, amountMinor } of entries) sums.add(asset, debit ? amountMinor : -amountMinor)
  const off = sums.firstNonZero()
  if (off !== null) broken('M2', `debits exceed credits by ${off.minor} ${off.asset}`)
}

// M3: the chart names the kinds that own such an account, and its subject is the owner's id.
function checkOwner(spec: AccountSpec, name: string, actor: string): void {
  const slash = actor.indexOf('/')
  if (!spec.owners.includes(actor.slice(0, slash)))
    broken('M3', `${actor} posts to ${name}, which belongs to a ${spec.owners.join(' or ')}`)
  if (accountSubject(name) !== actor.slice(slash + 1)) broken('M3', `${actor} posts to ${name}, which is another's`)
}

function openAsset(account: Account, asset: string): number {
  const spec = findAsset(asset)
  if (spec === null) broken('M1', `asset ${asset} is not registered`)
  account.assets.push(asset)
  account.nft.push(spec.type === 'nft')
  account.minors.push(0n)
  return account.assets.length - 1
}
