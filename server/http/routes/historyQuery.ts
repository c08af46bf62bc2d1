// The query of the transaction list: what the web client may send, and the filter it becomes.

import { z } from 'zod'
import type { HistoryFilter } from '../../../actors/wallet/service.ts'
import { currencySchema } from '../schemas.ts'
import { ASSET_TYPES, ENTRY_TYPES, TRANSACTION_STATUSES, TRANSACTION_TYPES } from './walletForms.ts'

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 100
const OFFSET_MAX = 100_000
const DAY_MS = 24 * 60 * 60 * 1000

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'takes a whole number' })
    .transform(Number)
    .pipe(z.number().min(least).max(most))

const momentSchema = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: 'takes a date or an RFC 3339 time' })
  .meta({ description: 'a date (UTC) or an RFC 3339 time; inclusive' })

export const historyQuery = z.object({
  currency: currencySchema.optional(),
  asset_type: z.enum(ASSET_TYPES).optional(),
  entry_type: z.enum(ENTRY_TYPES).optional(),
  operation_type: z.enum(TRANSACTION_TYPES).optional(),
  type: z.enum(TRANSACTION_TYPES).optional().meta({ description: 'the same as operation_type, and goes before it' }),
  status: z.enum(TRANSACTION_STATUSES).optional(),
  from_date: momentSchema.optional(),
  to_date: momentSchema.optional(),
  sort_by: z.enum(['created_at', 'amount']).optional(),
  sort_order: z.enum(['asc', 'desc']).optional(),
  limit: wholeNumber(1, LIMIT_MAX).optional(),
  offset: wholeNumber(0, OFFSET_MAX).optional(),
  position: z
    .string()
    .regex(/^[0-9A-Za-z_.:-]{1,64}$/)
    .optional()
    .meta({ description: 'position of a receipt: waits up to a second until the list includes it' }),
})

export function readFilter(query: z.output<typeof historyQuery>): HistoryFilter {
  return {
    currency: query.currency ?? null,
    assetType: query.asset_type ?? null,
    entryType: query.entry_type ?? null,
    type: query.type ?? query.operation_type ?? null,
    status: query.status ?? null,
    fromMs: query.from_date === undefined ? null : Date.parse(query.from_date),
    toMs: query.to_date === undefined ? null : endOf(query.to_date),
    sortBy: query.sort_by ?? 'created_at',
    sortOrder: query.sort_order ?? 'desc',
    limit: query.limit ?? LIMIT_DEFAULT,
    offset: query.offset ?? 0,
    position: query.position ?? null,
  }
}

/** A date alone means all of that day. */
function endOf(moment: string): number {
  return Date.parse(moment) + (moment.length === 'YYYY-MM-DD'.length ? DAY_MS - 1 : 0)
}
