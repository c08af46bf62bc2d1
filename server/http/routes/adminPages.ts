// Pages of records for staff: how long, and after which record.

import { z } from 'zod'
import { parseRecordId, type RecordId, recordId } from '../../../shared/ids.ts'

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(64).optional().meta({ description: '`next_cursor` of the page before' }),
}

export const unreadableSchema = z.array(z.string()).meta({
  description: 'wallets of this page that nobody could answer for now: what is open there is missing here',
})

/** The record after which to go on, null at the beginning; `none` for what is no cursor. */
export function readCursor(cursor: string | undefined): RecordId | null | 'none' {
  if (cursor === undefined) return null
  const place = parseRecordId(cursor)
  return place === null ? 'none' : recordId(place.partition, place.seq)
}
