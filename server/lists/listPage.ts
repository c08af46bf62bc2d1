// One page of a list over many actors, and how far the store was when it was read.

import { basisOf } from '../ledger/places.ts'
import type { LedgerReads } from '../ledger/ports.ts'
import type { ListAnswer, ListQuestion } from '../ledger/questions.ts'

export async function listPage(reads: LedgerReads, question: ListQuestion): Promise<ListAnswer> {
  const { limit } = question
  const basis = await basisOf(reads, null)
  // One more than is shown tells whether there is a next page.
  const { rows, total } = await reads.list({ ...question, limit: limit === 0 ? 0 : limit + 1 })
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  const next = last === undefined ? null : { sortMs: last.sortMs, actor: last.actor }
  return { kind: 'list', ...basis, rows: shown, total, next }
}
