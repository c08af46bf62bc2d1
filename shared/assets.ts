// M1: the registry of assets, and the only way between decimal strings (every wire) and bigint minor units (inside).

export interface AssetSpec {
  readonly code: string
  /** Decimals of the minor unit: USD 2 means one minor unit is a cent. */
  readonly exponent: number
  readonly type: 'fiat' | 'crypto' | 'token' | 'nft'
}

export const ASSETS: Readonly<Record<string, AssetSpec>> = Object.freeze({
  USD: { code: 'USD', exponent: 2, type: 'fiat' },
  USDC: { code: 'USDC', exponent: 6, type: 'crypto' },
  USDT: { code: 'USDT', exponent: 6, type: 'crypto' },
  CREDIT: { code: 'CREDIT', exponent: 0, type: 'token' },
})

export type AssetCode = string

// One spelling for each NFT, or it would be two assets: the address in lower case, no number with leading zeros.
const NFT_PATTERN = /^NFT:[1-9]\d{0,9}:0x[0-9a-f]{40}:(?:0|[1-9]\d{0,77})$/
/** The same, with an address as people write it: mixed case is a checksum (EIP-55) and names no other contract. */
const WRITTEN_NFT_PATTERN = /^(NFT:[1-9]\d{0,9}:0x)([0-9a-fA-F]{40})(:(?:0|[1-9]\d{0,77}))$/
const NFT_PREFIX = 'NFT:'

/** Largest amount of one movement, in minor units; balances are kept below 2^63 so that they fit a signed 64-bit column. */
export const MAX_AMOUNT_MINOR = 10n ** 15n
export const MAX_BALANCE_MINOR = 2n ** 63n - 1n

/** The asset registered under this code, or null. An NFT is an asset of its own, with a supply of one. */
export function findAsset(code: string): AssetSpec | null {
  if (Object.hasOwn(ASSETS, code)) return ASSETS[code] ?? null
  return NFT_PATTERN.test(code) ? { code, exponent: 0, type: 'nft' } : null
}

/** Stands for all NFTs where they are counted together; no asset has this code. */
export const ALL_NFTS = 'NFT'

/** Of a registered code: no other begins so. */
export function isNft(code: string): boolean {
  return code.startsWith(NFT_PREFIX)
}

/**
 * The code that a text from outside stands for: an NFT's contract may be in any case there, and is in lower case here.
 * What names no asset stays as it is.
 */
export function assetCode(text: string): string {
  const [, head = '', contract = '', token = ''] = WRITTEN_NFT_PATTERN.exec(text) ?? []
  return contract === '' ? text : `${head}${contract.toLowerCase()}${token}`
}

export type ParsedAmount =
  | { kind: 'amount'; minor: bigint }
  | { kind: 'invalid'; reason: 'malformed' | 'not_positive' | 'too_precise' | 'too_large' }

/** Longer than any message may be is not read at all. */
const LONGEST = 4096
const DECIMAL_PATTERN = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/
/** More digits than the largest amount of any asset has. */
const MOST_DIGITS = 30

/**
 * Reads a positive decimal string as minor units of the asset. Exact: no rounding ever happens here.
 * Signs, exponents, separators, white space and digits other than 0–9 are malformed.
 */
export function parseAmount(text: string, asset: AssetSpec): ParsedAmount {
  const match = text.length > LONGEST ? null : DECIMAL_PATTERN.exec(text)
  if (match === null) return { kind: 'invalid', reason: 'malformed' }
  const whole = match[1] ?? ''
  const fraction = match[2] ?? ''
  if (fraction.length > asset.exponent) return { kind: 'invalid', reason: 'too_precise' }
  if (whole.length > MOST_DIGITS) return { kind: 'invalid', reason: 'too_large' }
  const minor = BigInt(whole + fraction.padEnd(asset.exponent, '0'))
  if (minor === 0n) return { kind: 'invalid', reason: 'not_positive' }
  // M1: there is one of each NFT.
  if (minor > (asset.type === 'nft' ? 1n : MAX_AMOUNT_MINOR)) return { kind: 'invalid', reason: 'too_large' }
  return { kind: 'amount', minor }
}

/** Writes minor units as a decimal string with all of the asset's decimals: 1234n USD → "12.34". */
export function formatAmount(minor: bigint, asset: AssetSpec): string {
  const negative = minor < 0n
  const digits = (negative ? -minor : minor).toString().padStart(asset.exponent + 1, '0')
  const cut = digits.length - asset.exponent
  const text = asset.exponent === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`
  return negative ? `-${text}` : text
}
