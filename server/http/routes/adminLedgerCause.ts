// `cause`, as a filter of entries: what a record, or each record of an actor, made happen. Such a page is in the order of
// causes, and its cursors are of a kind of their own.

import { z } from 'zod'
import { isActorKey } from '../../../shared/partition.ts'
import type { CausedAnswer, CausedPlace, CausedQuestion } from '../../ledger/questions.ts'
import { CURSOR_TEXT, legBody, readPosition } from './adminLedgerForms.ts'

const CURSOR = /^c(\d{1,15})\.(\d{1,4})\.(\d{1,12})\.(\d{1,5})((?:\.\d{1,5}){0,3})$/

export const causeSchema = z
  .string()
  .max(170)
  .transform((text, context): CausedQuestion['cause'] => {
    const place = readPosition(text)
    if (place !== null) return place
    if (!isActorKey(text)) context.addIssue({ code: 'custom', message: 'names no record and no actor' })
    return { actor: text }
  })
  .meta({
    description:
      'entries of this record, or of each record of this actor, and of those that took their envelopes, and so on (3 times)',
    examples: ['0-4', '0:4', 'match/m_…'],
  })

export const causedCursorSchema = CURSOR_TEXT.transform((text, context): CausedPlace => {
  const [found, atMs, partition, seq, shown, path = ''] =
    CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? []
  if (found === undefined) context.addIssue({ code: 'custom', message: 'is no cursor of this list' })
  const way = path.split('.').slice(1).map(Number)
  return { atMs: Number(atMs), partition: Number(partition), seq: Number(seq), shown: Number(shown), path: way }
})

function causedCursorText({ atMs, partition, seq, shown, path }: CausedPlace): string {
  return Buffer.from(`c${[atMs, partition, seq, shown, ...path].join('.')}`, 'latin1').toString('base64url')
}

export function causedBody({ legs, undelivered, next }: CausedAnswer) {
  return {
    entries: legs.map((leg) => ({ ...legBody(leg), depth: leg.depth })),
    next_cursor: next === null ? null : causedCursorText(next),
    undelivered,
  }
}
