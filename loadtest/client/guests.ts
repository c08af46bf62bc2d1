// Players for a load: guests signed in over HTTP, a bounded number at a time, and money in their wallets.

import type { HttpClient } from './httpClient.ts'
import { textField } from './httpClient.ts'

export interface Guest {
  readonly token: string
  readonly walletId: string
}

/** Runs `task` for 0 … count-1, at most `concurrency` at a time; the first failure ends it. */
export async function bounded(
  count: number,
  concurrency: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++)
  }
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker))
}

export async function signIn(http: HttpClient): Promise<Guest> {
  const session = await http.expect('POST', '/auth/guest', '')
  return { token: textField(session, 'token'), walletId: textField(session, 'wallet_id') }
}

export async function signInAll(
  http: HttpClient,
  count: number,
  concurrency: number,
  onProgress: (done: number) => void = () => {},
): Promise<readonly Guest[]> {
  const guests: Guest[] = []
  await bounded(count, concurrency, async () => {
    guests.push(await signIn(http))
    onProgress(guests.length)
  })
  return guests
}

/** Deposits sandbox money, once: the key names the deposit. Answers the transaction's id. */
export async function deposit(
  http: HttpClient,
  guest: Guest,
  currency: string,
  amount: string,
  key: string,
): Promise<string> {
  const order = { currency, amount, idempotency_key: key }
  return textField(await http.expect('POST', '/wallet/deposit', guest.token, order), 'transaction_id')
}
