// What the lists over many actors show of one, and what it is found by there (S1). A kind says it of a state; the
// projector keeps the newest of each actor. Bounded, since it is written with each batch that touches the actor.

import { strict as assert } from 'node:assert'
import type { AnyKind } from './actor.ts'
import type { Json } from './record.ts'

export interface Listing {
  /** Lower case, e.g. `open`. A list may ask for one. */
  readonly status: string
  /** What lists are ordered by: when the actor was made, as a rule. Milliseconds since the Unix epoch. */
  readonly sortMs: number
  /** What it is found by, beside its status: `player:u_x`, `game:arena`, `region:eu-west`, `dispute:open`. */
  readonly tags: readonly string[]
  /** What a list shows: small, and nothing personal. */
  readonly fields: Json
}

export const MAX_LISTING_TAGS = 64
export const LISTING_STATUS = /^[a-z][a-z_]{0,31}$/
/** `<name>:<value>`, of printable ASCII. */
export const LISTING_TAG = /^[a-z][a-z_]{0,31}:[\x21-\x7e]{1,128}$/
/** Of the fields as JSON text. */
const MAX_FIELDS_CHARACTERS = 4_096

/**
 * What the kind lists of the actor now; null where it lists nothing. A listing that throws, or is not as it has to be, is
 * a bug of its kind: `failed` is told and the actor is not listed, since the money of its partition has to go on.
 */
export function listingOf(kind: AnyKind, state: unknown, failed: (error: unknown) => void): Listing | null {
  try {
    const listing = kind.listing?.(state) ?? null
    if (listing !== null) check(listing)
    return listing
  } catch (error) {
    failed(error)
    return null
  }
}

function check({ status, sortMs, tags, fields }: Listing): void {
  assert(LISTING_STATUS.test(status), 'a status of a listing is lower case')
  assert(Number.isSafeInteger(sortMs) && sortMs >= 0, 'a listing is ordered by a time')
  assert(tags.length <= MAX_LISTING_TAGS, `a listing has at most ${MAX_LISTING_TAGS} tags`)
  assert(new Set(tags).size === tags.length, 'a listing has each tag once')
  for (const tag of tags) assert(LISTING_TAG.test(tag), 'a tag is <name>:<value>')
  assert(JSON.stringify(fields).length <= MAX_FIELDS_CHARACTERS, 'what a list shows of an actor is small')
}

export type ListingVersions = readonly (readonly [kind: string, version: number])[]

/** How the kinds list, where it is not as their first release did: a store made otherwise has to be made anew. */
export function listingVersions(kinds: ReadonlyMap<string, AnyKind>): ListingVersions {
  return [...kinds.values()]
    .map(({ kind, listingVersion }) => [kind, listingVersion ?? 1] as const)
    .filter(([, version]) => version > 1)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
