// Lists over many actors of a kind, as the store has them (S1): which a page is to show, and what it shows. Plain values,
// so that they pass between threads.

import type { Json } from '../../actors/runtime/record.ts'

/** Where a page ended. */
export interface ListPlace {
  readonly sortMs: number
  /** Actor key. */
  readonly actor: string
}

export interface ListQuery {
  /** The kind of the actors. */
  readonly of: string
  /** Null takes every one. */
  readonly status: string | null
  /** Those that have all of these; at most MAX_ASKED_TAGS. */
  readonly tags: readonly string[]
  /** By their time, and by their key where that is the same. */
  readonly order: 'newest' | 'oldest'
  /** The last one that was seen; null for the first page. */
  readonly after: ListPlace | null
  /** Passed over behind `after`; at most MAX_OFFSET. */
  readonly offset: number
  /** At most MAX_PAGE; 0 only counts. */
  readonly limit: number
}

export interface ListedActor extends ListPlace {
  /** The record that it is listed as of. */
  readonly seq: number
  readonly status: string
  readonly tags: readonly string[]
  readonly fields: Json
}

export interface ListFound {
  readonly rows: readonly ListedActor[]
  /** How many suit, on whichever page; the least that it can be where more than COUNTED_LIMIT had to be looked at. */
  readonly total: number
}

export const MAX_PAGE = 100
export const MAX_OFFSET = 10_000
export const MAX_ASKED_TAGS = 8
export const COUNTED_LIMIT = 10_000
