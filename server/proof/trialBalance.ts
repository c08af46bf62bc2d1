// The trial balance of a ledger, per asset: each system account by its name, owned accounts as one sum for each code, and
// what debits and credits come to. NFTs, of which there may be millions, are counted together as one asset.

import { accountSpec, growsByDebit } from '../../shared/accounts.ts'
import { ALL_NFTS, findAsset } from '../../shared/assets.ts'
import type { Audit } from '../audit/audit.ts'

export interface AssetFigures {
  readonly asset: string
  /** Σ assets + expenses and Σ liabilities + equity + revenue, in minor units: equal (M2). */
  readonly debits: bigint
  readonly credits: bigint
  /** Balance on the account's own side, by account; over all partitions and, where actors own it, all owners. */
  readonly accounts: readonly (readonly [account: string, minor: bigint])[]
}

export function trialBalance(audit: Audit): readonly AssetFigures[] {
  const sums = new Map<string, Map<string, bigint>>()
  for (const log of audit.logs) {
    for (const { account, asset, owned, spec, minor } of log.accounts.all()) {
      const name = findAsset(asset)?.type === 'nft' ? ALL_NFTS : asset
      const accounts = sums.get(name) ?? new Map<string, bigint>()
      sums.set(name, accounts)
      const row = owned ? spec.code : account
      accounts.set(row, (accounts.get(row) ?? 0n) + minor)
    }
  }
  return [...sums].sort(byName).map(([asset, accounts]) => {
    const rows = [...accounts].sort(byName)
    return { asset, ...sidesOf(rows), accounts: rows }
  })
}

/** What the accounts come to on either side. An account that is not in the chart counts on none. */
export function sidesOf(accounts: AssetFigures['accounts']): { readonly debits: bigint; readonly credits: bigint } {
  let debits = 0n
  let credits = 0n
  for (const [account, minor] of accounts) {
    const spec = accountSpec(account)
    if (spec === null) continue
    if (growsByDebit(spec)) debits += minor
    else credits += minor
  }
  return { debits, credits }
}

/** By code units: the same order everywhere. */
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
