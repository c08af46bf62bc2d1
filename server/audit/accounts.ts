// The accounts of one partition as the auditor computes them from nothing but the entries: who may post (M3), what each
// balance must be after a posting (M3), what must never be negative (M5), and that a record balances (M2). What exists once
// is looked after in nfts.ts.

import {
  type AccountSpec,
  accountCode,
  accountSpec,
  accountSubject,
  growsByDebit,
  IN_TRANSIT,
  isOwned,
} from '../../shared/accounts.ts'
import { findAsset, isNft, MAX_BALANCE_MINOR } from '../../shared/assets.ts'
import { Flow } from './flow.ts'
import { Nfts } from './nfts.ts'
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
  readonly minors: bigint[]
  /** NFTs that are there: of those that left, nothing stays. */
  nfts: Map<string, bigint> | null
}

export class Accounts {
  readonly nfts = new Nfts()
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
    let moved: EntryLine | null = null
    for (const entry of entries) if (this.postOne(entry, actor)) moved = entry
    if (moved !== null) this.nfts.check(entries)
    return transit
  }

  balance(account: string, asset: string): bigint {
    const found = this.byName.get(account)
    return found === undefined ? 0n : minorOf(found, asset)
  }

  /** Every asset the account ever held, zero balances included, but of NFTs only those that are there. */
  balancesOf(account: string): readonly (readonly [asset: string, minor: bigint])[] {
    const found = this.byName.get(account)
    return found === undefined ? [] : [...rowsOf(found)]
  }

  *all(): Generator<AccountBalance> {
    for (const [account, found] of this.byName) {
      const { spec, owned } = found
      for (const [asset, minor] of rowsOf(found)) yield { account, asset, owned, spec, minor }
    }
  }

  /** Answers whether it moved an NFT. */
  private postOne(entry: EntryLine, actor: string): boolean {
    const name = entry.account
    const account = this.byName.get(name) ?? this.open(name, actor)
    if (account.owned && account.writer !== actor)
      broken('M3', `${actor} posts to ${name}, which only ${account.writer} may`)
    const nft = isNft(entry.asset)
    if (!nft && !account.assets.includes(entry.asset)) openAsset(account, entry.asset)
    const before = minorOf(account, entry.asset)
    const after = entry.debit === account.byDebit ? before + entry.amountMinor : before - entry.amountMinor
    if (nft) this.nfts.post(entry, account.spec, actor, after - before)
    if (after !== entry.afterMinor) {
      broken('M3', `${name} ${entry.asset} is ${after} after this entry, the record says ${entry.afterMinor}`)
    }
    if (account.owned && after < 0n) broken('M5', `${name} ${entry.asset} falls to ${after}`)
    if (after > MAX_BALANCE_MINOR || after < -MAX_BALANCE_MINOR)
      broken('M1', `${name} ${entry.asset} leaves 64 bits: ${after}`)
    if (nft) keepNft(account, entry.asset, after)
    else account.minors[account.assets.indexOf(entry.asset)] = after
    return nft
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
      minors: [],
      nfts: null,
    }
    this.byName.set(name, account)
    return account
  }
}

// M2: Σ debit = Σ credit, per asset.
function checkBalanced(entries: readonly EntryLine[]): void {
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

function minorOf({ assets, minors, nfts }: Account, asset: string): bigint {
  return (isNft(asset) ? nfts?.get(asset) : minors[assets.indexOf(asset)]) ?? 0n
}

function* rowsOf({ assets, minors, nfts }: Account): Generator<readonly [string, bigint]> {
  for (const [index, asset] of assets.entries()) yield [asset, minors[index] ?? 0n]
  if (nfts !== null) yield* nfts
}

function openAsset(account: Account, asset: string): void {
  if (findAsset(asset) === null) broken('M1', `asset ${asset} is not registered`)
  account.assets.push(asset)
  account.minors.push(0n)
}

function keepNft(account: Account, asset: string, minor: bigint): void {
  account.nfts ??= new Map()
  if (minor === 0n) account.nfts.delete(asset)
  else account.nfts.set(asset, minor)
}
