// The names of a token: its asset's code, its actor's id, and the account that it is custody of.

import { isNft } from '../../shared/assets.ts'
import { isId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'

export const NFT_KIND = 'nft'

const PREFIX = 'NFT:'
/** A token's number is an unsigned word of 256 bits; NFT codes have room for somewhat more. */
const MOST_TOKEN_ID = 2n ** 256n - 1n

export interface Token {
  /** `NFT:<chain>:<contract>:<token id>`. */
  readonly asset: string
  readonly chain: number
  readonly contract: string
  readonly tokenId: string
}

/** Of a registered code (shared/assets.ts); null where no such token can be. */
export function tokenOf(asset: string): Token | null {
  const [, chain = '', contract = '', tokenId = ''] = asset.split(':')
  if (!isNft(asset) || tokenId === '' || BigInt(tokenId) > MOST_TOKEN_ID) return null
  return { asset, chain: Number(chain), contract, tokenId }
}

/** The actor that mints it. There is one for each code, since a token has one code. */
export function actorIdOf(token: Token): string {
  return token.asset.slice(PREFIX.length)
}

export function assetOfActor(id: string): string {
  return `${PREFIX}${id}`
}

export function custodyOf(id: string): string {
  return `1003:${id.slice(0, id.indexOf(':'))}`
}

export const unclaimed = (id: string): string => `2007:${id}`

// The longest name that a token of a known chain can have is one that an actor can have.
for (const chain of RULES.chains) {
  const longest = `${chain}:0x${'f'.repeat(40)}:${MOST_TOKEN_ID}`
  if (!isId(longest)) throw new Error(`no actor can be called ${longest}`)
}
