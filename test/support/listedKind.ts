// A kind of actor that is nothing but its listing: each event says what it is listed as from then on.

import type { ActorKind, AnyKind } from '../../actors/runtime/actor.ts'
import type { Listing } from '../../actors/runtime/listing.ts'
import type { Json } from '../../actors/runtime/record.ts'

interface Listed {
  readonly id: string
  listing: Listing | null
}

export const listedKind: ActorKind<Listed, never, Listing | null, null, null> = {
  kind: 'listed',
  initial: (id) => ({ id, listing: null }),
  decide: () => {
    throw new Error('it is only ever folded')
  },
  evolve(state, listing) {
    state.listing = listing
  },
  view: () => null,
  commandName: () => 'none',
  commandText: () => '',
  incoming: () => {
    throw new Error('it takes no messages')
  },
  encodeEvent: listingJson,
  decodeEvent: (json) => json as unknown as Listing | null, // written by encodeEvent
  encodeState: ({ id, listing }) => [id, listingJson(listing)],
  decodeState(json) {
    const [id, listing] = json as unknown as [string, Listing | null] // written by encodeState
    return { id, listing }
  },
  listing({ listing }) {
    if (listing?.status === 'throws') throw new Error('told to throw')
    return listing
  },
}

/** The same kind as a later release lists it. */
export function listedOtherwise(version: number): ReadonlyMap<string, AnyKind> {
  const kind = {
    ...listedKind,
    listingVersion: version,
    listing: ({ listing }: Listed): Listing | null =>
      listing === null ? null : { ...listing, tags: [...listing.tags, `release:${version}`] },
  }
  return new Map<string, AnyKind>([[kind.kind, kind]])
}

export const LISTED_KINDS: ReadonlyMap<string, AnyKind> = new Map<string, AnyKind>([[listedKind.kind, listedKind]])

export function listingJson(listing: Listing | null): Json {
  if (listing === null) return null
  const { status, sortMs, tags, fields } = listing
  return { status, sortMs, tags: [...tags], fields }
}
