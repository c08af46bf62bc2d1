// The names that the platform gives to what it asks of a provider, and that the provider's lines carry: of a deposit the
// wallet and the key it was asked under, of a payout the wallet and the record that asked for it.

import { isWalletId, parseRecordId, type RecordId, recordId, type WalletId } from '../../../shared/ids.ts'

export function depositReference(wallet: WalletId, key: string): string {
  return `deposit:${wallet}:${key}`
}

export function payoutReference(wallet: WalletId, withdrawal: RecordId): string {
  return `payout:${wallet}:${withdrawal}`
}

const FORM = /^(deposit|payout):(w_[A-Za-z0-9_-]+):(.+)$/

export function walletOfReference(reference: string): WalletId | null {
  const wallet = FORM.exec(reference)?.[2]
  return wallet !== undefined && isWalletId(wallet) ? wallet : null
}

/** The withdrawal that it pays out; null where it is about something else. */
export function payoutOf(reference: string): RecordId | null {
  const [, kind, , id] = FORM.exec(reference) ?? []
  const place = kind === 'payout' && id !== undefined ? parseRecordId(id) : null
  return place === null ? null : recordId(place.partition, place.seq)
}
