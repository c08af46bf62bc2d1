// Lists over many actors as the auditor reads them from the store's file (server/store/schema.ts): a row with what finds
// it. A file of an earlier release has none.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Json } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { StoreImage } from './storeImage.ts'
import { listingText, type StoredListings } from './storeListings.ts'

export class ListingImage implements StoredListings {
  private readonly db: DatabaseSync
  private readonly points: ReadonlyMap<PartitionId, { readonly seq: number }>
  private readonly versions: ReadonlyMap<PartitionId, string>
  private readonly isThere: boolean
  private readonly find: StatementSync | null
  private readonly findTag: StatementSync | null

  constructor(db: DatabaseSync, image: StoreImage) {
    this.db = db
    this.points = image.checkpoints()
    this.versions = new Map([...image.partitionSnapshots()].map(([id, { text }]) => [id, versionsOf(text)]))
    this.isThere = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'listings'`).get() !== undefined
    const prepared = (sql: string): StatementSync | null => (this.isThere ? db.prepare(sql) : null)
    this.find = prepared('SELECT kind, status, sort_ms, tags, fields FROM listings WHERE actor = ?')
    this.findTag = prepared(`
      SELECT 1 FROM tag_names n JOIN listing_tags t ON t.tag = n.id
      WHERE n.kind = ? AND n.tag = ? AND t.sort_ms = ? AND t.actor = ?`)
  }

  through(partition: PartitionId): number {
    return this.points.get(partition)?.seq ?? 0
  }

  listingVersions(partition: PartitionId): string {
    return this.versions.get(partition) ?? '[]'
  }

  *listingRows(): Generator<{ readonly actor: string; readonly seq: number }> {
    if (!this.isThere) return
    for (const row of this.db.prepare('SELECT actor, seq FROM listings').iterate())
      yield { actor: String(row.actor), seq: Number(row.seq) }
  }

  listing(actor: string): string | null {
    const row = this.find?.get(actor)
    if (row === undefined) return null
    if (row.status === null) return listingText(null)
    return textOrUnreadable(() => {
      const sortMs = Number(row.sort_ms)
      // Written by listingWriter.ts. A tag that does not find the actor is one it does not have.
      const tags = (JSON.parse(String(row.tags)) as string[]).filter(
        (tag) => this.findTag?.get(String(row.kind), tag, sortMs, actor) !== undefined,
      )
      const fields = JSON.parse(String(row.fields)) as Json
      return listingText({ status: String(row.status), sortMs, tags, fields })
    })
  }

  tagRows(): number {
    return this.isThere ? Number(this.db.prepare('SELECT count(*) AS count FROM listing_tags').get()?.count ?? 0) : 0
  }
}

/** What somebody changed by hand may be anything. */
export function textOrUnreadable(read: () => string): string {
  try {
    return read()
  } catch {
    return 'something unreadable'
  }
}

/** Of a partition's snapshot; one that is no JSON is found elsewhere. */
export function versionsOf(text: string): string {
  try {
    const { listings = [] } = JSON.parse(text) as { readonly listings?: Json }
    return JSON.stringify(listings)
  } catch {
    return '[]'
  }
}
