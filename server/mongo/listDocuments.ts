// Lists over many actors in MongoDB (S1): a document for each actor, replaced as a whole by the record that is newer. One
// that is in no list any more keeps its document, of no kind, so that nothing older takes its place.

import type { Collection, Filter, IndexDescription } from 'mongodb'
import type { ProjectedListing } from '../../actors/projection/ports.ts'
import type { Json } from '../../actors/runtime/record.ts'
import { COUNTED_LIMIT, type ListedActor, type ListFound, type ListQuery } from '../lists/ports.ts'
import type { BulkWrites } from './bulkWrites.ts'
import { type ListingDocument, long } from './documents.ts'

/** Of a status, of all, and both by tag: each in the order of time. */
export const LISTING_INDEXES: readonly IndexDescription[] = [
  { name: 'by_status', key: { 'v.kind': 1, 'v.status': 1, 'v.sort': 1, _id: 1 } },
  { name: 'by_time', key: { 'v.kind': 1, 'v.sort': 1, _id: 1 } },
  { name: 'tags_by_status', key: { 'v.kind': 1, 'v.tags': 1, 'v.status': 1, 'v.sort': 1, _id: 1 } },
  { name: 'tags_by_time', key: { 'v.kind': 1, 'v.tags': 1, 'v.sort': 1, _id: 1 } },
]

export function putListings(
  bulk: BulkWrites,
  listings: Collection<ListingDocument>,
  rows: readonly ProjectedListing[],
): Promise<void> {
  return bulk.raise<ListingDocument>(listings, rows.map(documentOf))
}

/** A row may be newer than the checkpoint of its partition, never older: it goes in before that moves. */
export async function findListed(listings: Collection<ListingDocument>, query: ListQuery): Promise<ListFound> {
  const suits = suiting(query)
  const total = await listings.countDocuments(suits, { limit: COUNTED_LIMIT })
  if (query.limit === 0) return { rows: [], total }
  const way = query.order === 'newest' ? -1 : 1
  const found = await listings
    .find(behind(query, suits), { sort: { 'v.sort': way, _id: way }, skip: query.offset, limit: query.limit })
    .toArray()
  return { rows: found.map(listedOf), total }
}

function suiting({ of, status, tags }: ListQuery): Filter<ListingDocument> {
  return {
    'v.kind': of,
    ...(status === null ? {} : { 'v.status': status }),
    ...(tags.length === 0 ? {} : { 'v.tags': { $all: [...tags] } }),
  }
}

function behind({ order, after }: ListQuery, suits: Filter<ListingDocument>): Filter<ListingDocument> {
  if (after === null) return suits
  const sort = long(after.sortMs)
  const than = order === 'newest' ? '$lt' : '$gt'
  return {
    ...suits,
    $or: [{ 'v.sort': { [than]: sort } }, { 'v.sort': sort, _id: { [than]: after.actor } }],
  } as Filter<ListingDocument> // the operators have computed names
}

function documentOf({ actor, seq, version, listing }: ProjectedListing): ListingDocument {
  const kind = listing === null ? '' : actor.slice(0, actor.indexOf('/'))
  const { status = '', sortMs = 0, tags = [], fields = null } = listing ?? {}
  const v = { s: long(seq), n: version, kind, status, sort: long(sortMs), tags, fields: JSON.stringify(fields) }
  return { _id: actor, v }
}

function listedOf({ _id, v }: ListingDocument): ListedActor {
  return {
    actor: _id,
    seq: Number(v.s),
    status: v.status,
    sortMs: Number(v.sort),
    tags: v.tags,
    fields: JSON.parse(v.fields) as Json, // written by documentOf
  }
}
