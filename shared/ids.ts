// Branded identifiers. Every id that may enter a record matches ID_PATTERN, so record lines can be assembled
// without escaping and account names can be split at their first colon.

declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: Name }

export type WalletId = Brand<string, 'WalletId'>
export type UserId = Brand<string, 'UserId'>
/** `<partition>-<seq>`: names the one record in the ledger that carried out a command. */
export type RecordId = Brand<string, 'RecordId'>
export type PartitionId = number

const ID_PATTERN = /^[A-Za-z0-9_.:-]{1,128}$/
const WALLET_PATTERN = /^w_[A-Za-z0-9_-]{4,40}$/
const USER_PATTERN = /^u_[A-Za-z0-9_-]{4,40}$/
const RECORD_PATTERN = /^(0|[1-9]\d{0,3})-([1-9]\d{0,14})$/

export function isId(text: string): boolean {
  return ID_PATTERN.test(text)
}

export function isWalletId(text: string): text is WalletId {
  return WALLET_PATTERN.test(text)
}

export function isUserId(text: string): text is UserId {
  return USER_PATTERN.test(text)
}

export function isRecordId(text: string): text is RecordId {
  return RECORD_PATTERN.test(text)
}

/** S2: the wallet id derives from the user id, so that login can repeat `open` without asking anybody. */
export function walletOf(user: UserId): WalletId {
  return `w_${user.slice(2)}` as WalletId
}

export function recordId(partition: PartitionId, seq: number): RecordId {
  return `${partition}-${seq}` as RecordId
}

/** Answers null where the text names no record. */
export function parseRecordId(text: string): { partition: PartitionId; seq: number } | null {
  const match = RECORD_PATTERN.exec(text)
  if (match === null) return null
  return { partition: Number(match[1]), seq: Number(match[2]) }
}
