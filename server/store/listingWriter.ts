// Keeps the rows of lists over many actors (S1): the newest of each actor, and a row for each of its tags. Most changes of
// an actor leave what it is found by as it was, or change its status alone: then nothing else is touched.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ProjectedListing } from '../../actors/projection/ports.ts'
import type { Listing } from '../../actors/runtime/listing.ts'

/** An actor's row as the file has it. */
interface Known {
  readonly id: number
  readonly seq: number
  readonly status: string | null
  readonly sortMs: number
  readonly tags: readonly string[]
}

export class ListingWriter {
  private readonly find: StatementSync
  private readonly add: StatementSync
  private readonly change: StatementSync
  private readonly changeStatus: StatementSync
  private readonly changeFields: StatementSync
  private readonly findTag: StatementSync
  private readonly newTag: StatementSync
  private readonly addTag: StatementSync
  private readonly dropTag: StatementSync

  constructor(db: DatabaseSync) {
    this.find = db.prepare('SELECT id, seq, status, sort_ms, tags FROM listings WHERE actor = ?')
    this.add = db.prepare(`
      INSERT INTO listings (actor, kind, seq, status, sort_ms, tags, fields) VALUES (?, ?, ?, ?, ?, ?, ?)`)
    this.change = db.prepare(`
      UPDATE listings SET seq = ?, status = ?, sort_ms = ?, tags = ?, fields = ? WHERE id = ?`)
    this.changeStatus = db.prepare('UPDATE listings SET seq = ?, status = ?, fields = ? WHERE id = ?')
    this.changeFields = db.prepare('UPDATE listings SET seq = ?, fields = ? WHERE id = ?')
    this.findTag = db.prepare('SELECT id FROM tag_names WHERE kind = ? AND tag = ?')
    this.newTag = db.prepare('INSERT INTO tag_names (kind, tag) VALUES (?, ?)')
    this.addTag = db.prepare('INSERT INTO listing_tags (tag, sort_ms, actor) VALUES (?, ?, ?)')
    this.dropTag = db.prepare('DELETE FROM listing_tags WHERE tag = ? AND sort_ms = ? AND actor = ?')
  }

  /** Within the caller's transaction. */
  put(listings: readonly ProjectedListing[]): void {
    for (const { actor, seq, listing } of listings) {
      const known = this.known(actor)
      // The same record again may be listed in another way than an earlier release did.
      if (known === null) this.begin(actor, seq, listing)
      else if (known.seq <= seq) this.renew(actor, known, seq, listing)
    }
  }

  private known(actor: string): Known | null {
    const row = this.find.get(actor)
    if (row === undefined) return null
    const status = row.status === null ? null : String(row.status)
    const tags = JSON.parse(String(row.tags)) as string[] // written below
    return { id: Number(row.id), seq: Number(row.seq), status, sortMs: Number(row.sort_ms), tags }
  }

  private begin(actor: string, seq: number, listing: Listing | null): void {
    const kind = kindOf(actor)
    const { status = null, sortMs = 0, tags = [], fields = null } = listing ?? {}
    this.add.run(actor, kind, seq, status, sortMs, JSON.stringify(tags), JSON.stringify(fields))
    for (const tag of tags) this.addTag.run(this.tagId(kind, tag), sortMs, actor)
  }

  private renew(actor: string, known: Known, seq: number, listing: Listing | null): void {
    const { status = null, sortMs = 0, tags = [], fields = null } = listing ?? {}
    const text = JSON.stringify(fields)
    if (known.sortMs !== sortMs || known.tags.join(' ') !== tags.join(' ')) {
      const kind = kindOf(actor)
      for (const tag of known.tags) this.dropTag.run(this.tagId(kind, tag), known.sortMs, actor)
      for (const tag of tags) this.addTag.run(this.tagId(kind, tag), sortMs, actor)
      this.change.run(seq, status, sortMs, JSON.stringify(tags), text, known.id)
    } else if (known.status !== status) this.changeStatus.run(seq, status, text, known.id)
    else this.changeFields.run(seq, text, known.id)
  }

  private tagId(kind: string, tag: string): number {
    const found = this.findTag.get(kind, tag)
    return Number(found === undefined ? this.newTag.run(kind, tag).lastInsertRowid : found.id)
  }
}

function kindOf(actor: string): string {
  return actor.slice(0, actor.indexOf('/'))
}
