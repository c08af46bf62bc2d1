// Keeps the rows of lists over many actors (S1): the newest of each actor, and a row for each of its tags. Most changes of
// an actor leave what it is found by as it was: then its tags are not touched.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ProjectedListing } from '../../actors/projection/ports.ts'
import type { Listing } from '../../actors/runtime/listing.ts'

/** What finds an actor, as the file has it. */
interface Found {
  readonly status: string
  readonly sortMs: number
  readonly tags: readonly string[]
}

export class ListingWriter {
  private readonly find: StatementSync
  private readonly row: StatementSync
  private readonly addTag: StatementSync
  private readonly dropTag: StatementSync

  constructor(db: DatabaseSync) {
    this.find = db.prepare('SELECT seq, status, sort_ms, tags FROM listings WHERE actor = ?')
    this.row = db.prepare(`
      INSERT INTO listings (actor, kind, seq, status, sort_ms, tags, fields) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (actor) DO UPDATE SET
        seq = excluded.seq, status = excluded.status, sort_ms = excluded.sort_ms, tags = excluded.tags,
        fields = excluded.fields`)
    this.addTag = db.prepare('INSERT INTO listing_tags (kind, tag, status, sort_ms, actor) VALUES (?, ?, ?, ?, ?)')
    this.dropTag = db.prepare(`
      DELETE FROM listing_tags WHERE kind = ? AND tag = ? AND status = ? AND sort_ms = ? AND actor = ?`)
  }

  /** Within the caller's transaction. */
  put(listings: readonly ProjectedListing[]): void {
    for (const row of listings) this.putOne(row)
  }

  private putOne({ actor, seq, listing }: ProjectedListing): void {
    const old = this.find.get(actor)
    // The same record again may be listed in another way than an earlier release did.
    if (old !== undefined && Number(old.seq) > seq) return
    const kind = actor.slice(0, actor.indexOf('/'))
    const found = old === undefined || old.status === null ? null : foundOf(old)
    if (!findsAlike(found, listing)) {
      for (const tag of found?.tags ?? []) this.dropTag.run(kind, tag, found?.status ?? '', found?.sortMs ?? 0, actor)
      for (const tag of listing?.tags ?? [])
        this.addTag.run(kind, tag, listing?.status ?? '', listing?.sortMs ?? 0, actor)
    }
    const { status = null, sortMs = 0, tags = [], fields = null } = listing ?? {}
    this.row.run(actor, kind, seq, status, sortMs, JSON.stringify(tags), JSON.stringify(fields))
  }
}

function foundOf(row: Readonly<Record<string, unknown>>): Found {
  // Written by `putOne`.
  return { status: String(row.status), sortMs: Number(row.sort_ms), tags: JSON.parse(String(row.tags)) as string[] }
}

function findsAlike(found: Found | null, listing: Listing | null): boolean {
  if (found === null || listing === null) return found === listing
  const { status, sortMs, tags } = listing
  return found.status === status && found.sortMs === sortMs && found.tags.join(' ') === tags.join(' ')
}
