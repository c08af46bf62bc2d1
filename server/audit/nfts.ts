// M1: of an NFT there is one. What a partition's log alone shows of that, after each of its records:
//   - custody of a token (1003 of its chain) is written by that token's own actor alone, and is 0 or 1;
//   - it lies on no account but custody, transit and those that actors own;
//   - all accounts that actors own in this partition have 0 or 1 of it together.
// The last follows from the others where every envelope is taken once (M4), and no prefix of any log may show otherwise:
// whatever a record rests on was before it in the other logs. Over all logs, summary.ts has the sum.

import { type AccountSpec, IN_TRANSIT, isOwned } from '../../shared/accounts.ts'
import { findAsset } from '../../shared/assets.ts'
import type { EntryLine } from './recordLine.ts'
import { broken } from './violation.ts'

const CUSTODY = '1003'

interface Place {
  /** In custody, and on accounts that actors own. */
  custody: bigint
  owned: bigint
}

export class Nfts {
  /** Of tokens that are, or are minted, in this partition. */
  private readonly places = new Map<string, Place>()

  /** One entry, `change` on the account's normal side. */
  post(entry: EntryLine, spec: AccountSpec, actor: string, change: bigint): void {
    const { account, asset, amountMinor } = entry
    if (amountMinor !== 1n) broken('M1', `${amountMinor} of ${asset}, whose supply is one`)
    const place = this.places.get(asset) ?? this.open(asset)
    if (isOwned(spec)) place.owned += change
    else if (spec.code === CUSTODY) {
      checkCustody(entry, actor)
      place.custody += change
    } else if (account !== IN_TRANSIT) broken('M1', `${asset} on ${account}, where no NFT can be`)
  }

  /** After all entries of a record. */
  check(entries: readonly EntryLine[]): void {
    for (const { asset } of entries) {
      const place = this.places.get(asset)
      if (place === undefined) continue
      const { custody, owned } = place
      if (custody < 0n || custody > 1n) broken('M1', `${custody} of ${asset} in custody, whose supply is one`)
      if (owned > 1n) broken('M1', `${owned} of ${asset} have owners here, whose supply is one`)
      if (custody === 0n && owned === 0n) this.places.delete(asset)
    }
  }

  *all(): Generator<readonly [asset: string, place: Readonly<Place>]> {
    yield* this.places
  }

  private open(asset: string): Place {
    if (findAsset(asset) === null) broken('M1', `asset ${asset} is not registered`)
    const place: Place = { custody: 0n, owned: 0n }
    this.places.set(asset, place)
    return place
  }
}

// The token's actor has its name, so that there is one for each, and one writer (M3).
function checkCustody({ account, asset }: EntryLine, actor: string): void {
  const id = asset.slice(asset.indexOf(':') + 1)
  if (actor !== `nft/${id}`) broken('M1', `${actor} posts ${asset} to ${account}, which only nft/${id} may`)
  const chain = id.slice(0, id.indexOf(':'))
  if (account !== `${CUSTODY}:${chain}`) broken('M1', `${asset} in ${account}, a token of chain ${chain}`)
}
