// The messages of the `wallet` room: one zod schema each gives the validator, the type and docs/rooms.md.

import { z } from 'zod'

const asset = z.string().max(160).describe('asset code, such as USD')
const amount = z.string().max(64).describe('positive decimal string, at most as precise as the asset: "12.34"')
const key = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/)
  .describe('idempotency key: the same key with the same body is carried out once and answered the same')

// Controls, text direction overrides and lone surrogates could make one memo look like another, or break its reader.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff]/u

export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text)
}

/** What somebody writes beside a transfer. */
export const memoText = z.string().max(140).refine(isPrintable, { error: 'takes printable text only' })

/** Where a withdrawal goes, as its owner writes it: it is staff's, and later a provider's, to understand. */
export const withdrawalAddress = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/)
  .describe('bank account or chain address, printable ASCII, no blanks around it')

/** What a client asks, by message type. */
export const WALLET_REQUESTS = {
  balance: z.object({}).optional().describe('available and held balance of every asset'),
  transfer: z
    .object({
      to: z.string().max(64).describe('wallet id of the receiver'),
      currency: asset,
      amount,
      key,
      memo: memoText.optional().describe('shown to both sides'),
    })
    .describe('sends money to another wallet; answered once the sender’s record is durable'),
  deposit: z.object({ currency: asset, amount, key }).describe('adds sandbox money; refused in production'),
  history: z
    .object({
      limit: z.number().int().min(1).max(100).optional(),
      offset: z.number().int().min(0).max(1_000_000).optional(),
      currency: asset.optional(),
    })
    .optional()
    .describe('the wallet’s transactions, newest first'),
  withdraw: z
    .object({ currency: asset, amount, to_address: withdrawalAddress, key })
    .describe('asks money out; held until staff has looked at it'),
  convert: z
    .object({
      from: asset,
      to: asset,
      amount,
      quote: z.string().max(1024).optional().describe('from POST /wallet/convert/quote; else the rate of the moment'),
      key,
    })
    .describe('changes money of one asset into another, or buys credits; what buys nothing stays'),
} as const

export type WalletRequest = keyof typeof WALLET_REQUESTS

const balanceRow = z.object({ available: z.string(), held: z.string() })

/** What the server answers; a refusal is the error body of shared/errors.ts instead. */
export const WALLET_REPLIES = {
  balance: z.object({
    wallet_id: z.string(),
    balances: z.record(z.string(), balanceRow).describe('held: for stakes and for withdrawals'),
    version: z.number().describe('grows with every change'),
    is_locked: z.boolean(),
  }),
  transfer: z.object({
    transaction_id: z.string(),
    status: z.enum(['pending', 'confirmed']),
    position: z.string().describe('place in the ledger, for a history that shall include it'),
  }),
  deposit: z.object({ transaction_id: z.string(), status: z.enum(['pending', 'confirmed']), position: z.string() }),
  withdraw: z.object({ transaction_id: z.string(), status: z.literal('pending'), position: z.string() }),
  convert: z.object({
    transaction_id: z.string(),
    status: z.literal('confirmed'),
    position: z.string(),
    paid: z.string(),
    received: z.string(),
  }),
} as const

/** What the server pushes to the wallet's owner, at most once per push interval and only of durable records. */
export const WALLET_PUSHES = {
  balance: z
    .object({ version: z.number(), balances: z.record(z.string(), balanceRow) })
    .describe('assets that changed, with their newest balances'),
  transaction: z
    .object({
      transactions: z.array(
        z.object({
          transaction_id: z.string(),
          status: z.enum(['pending', 'confirmed', 'returned', 'failed', 'cancelled']),
          type: z.string().optional(),
          entry_type: z.enum(['debit', 'credit']).optional(),
          currency: z.string().optional(),
          amount: z.string().optional(),
          balance_after: z.string().optional(),
          created_at: z.string().optional(),
        }),
      ),
    })
    .describe(
      'new transactions, and later news of earlier ones: a transfer confirmed by the receiver, or returned; a withdrawal confirmed, failed or cancelled; a transfer confirmed at once is told once',
    ),
  error: z
    .object({ code: z.string(), message: z.string(), retryable: z.boolean() })
    .describe('the session cannot go on'),
} as const
