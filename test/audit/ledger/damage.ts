// One way to damage a ledger store on MongoDB: a document, and what the audit has to call it. Documents come with long
// integers as such, so that one put back is the same again.

import type { Document, Long } from 'mongodb'

export interface LedgerDamage {
  readonly what: string
  readonly collection: string
  /** Which document; the first one where nothing is said. */
  readonly which?: (found: Document) => boolean
  /** Another document in its place, one more where its id is another, or none. */
  readonly change: (found: Document) => Document | null
  readonly invariant: string
  /** Part of the place; `<id>` stands for the document's own partition and seq. */
  readonly at?: string
  readonly says: RegExp
}

export const more = (value: Long, by: number): Long => value.add(by)

export const inV = (found: Document, fields: Document): Document => ({ ...found, v: { ...found.v, ...fields } })

export const firstOf = (rows: readonly Document[], fields: Document): readonly Document[] =>
  rows.map((row, index) => (index === 0 ? { ...row, ...fields } : row))
