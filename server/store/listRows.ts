// Pages of lists over many actors, from the store's file. Every list is walked in the order of one index: of a status, of
// a time, or of the tag that fewest have; the other tags are looked up for each row of it.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Json } from '../../actors/runtime/record.ts'
import { COUNTED_LIMIT, type ListedActor, type ListFound, type ListQuery } from '../lists/ports.ts'

/** A part of a statement with what its question marks stand for. */
interface Part {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

export class ListRows {
  private readonly db: DatabaseSync
  /** By their text: there are as many as ways to ask. */
  private readonly statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.db = db
  }

  list(query: ListQuery): ListFound {
    const from = query.tags.length === 0 ? untagged(query) : this.tagged(query)
    const [{ count } = { count: 0 }] = this.all({
      sql: `SELECT count(*) AS count FROM (SELECT 1 ${from.sql} LIMIT ${COUNTED_LIMIT})`,
      values: from.values,
    })
    return { rows: query.limit === 0 ? [] : this.page(query, from), total: Number(count) }
  }

  private page({ order, after, offset, limit }: ListQuery, from: Part): readonly ListedActor[] {
    const [than, way] = order === 'newest' ? ['<', 'DESC'] : ['>', 'ASC']
    const behind: Part =
      after === null
        ? { sql: '', values: [] }
        : { sql: `AND (t.sort_ms, t.actor) ${than} (?, ?)`, values: [after.sortMs, after.actor] }
    const rows = this.all({
      sql: `
        SELECT l.actor, l.seq, l.status, l.sort_ms, l.tags, l.fields
        FROM (SELECT t.actor, t.sort_ms ${from.sql} ${behind.sql} ORDER BY t.sort_ms ${way}, t.actor ${way} LIMIT ? OFFSET ?) p
        JOIN listings l ON l.actor = p.actor ORDER BY p.sort_ms ${way}, p.actor ${way}`,
      values: [...from.values, ...behind.values, limit, offset],
    })
    return rows.map(listedOf)
  }

  private tagged({ of, status, tags }: ListQuery): Part {
    const [first = '', ...others] = this.byRarity(of, status, tags)
    const having = others.map(
      () => `AND EXISTS (SELECT 1 FROM listing_tags o
        WHERE o.kind = t.kind AND o.tag = ? AND o.status = t.status AND o.sort_ms = t.sort_ms AND o.actor = t.actor)`,
    )
    const from = tagPart(of, first, status)
    return { sql: `${from.sql} ${having.join(' ')}`, values: [...from.values, ...others] }
  }

  private byRarity(of: string, status: string | null, tags: readonly string[]): readonly string[] {
    if (tags.length < 2) return tags
    const counts = tags.map((tag) => {
      const { sql, values } = tagPart(of, tag, status)
      const [row] = this.all({ sql: `SELECT count(*) AS count FROM (SELECT 1 ${sql} LIMIT ${COUNTED_LIMIT})`, values })
      return { tag, count: Number(row?.count) }
    })
    return counts.sort((a, b) => a.count - b.count).map(({ tag }) => tag)
  }

  private all({ sql, values }: Part): readonly Readonly<Record<string, unknown>>[] {
    const statement = this.statements.get(sql) ?? this.db.prepare(sql)
    this.statements.set(sql, statement)
    return statement.all(...values)
  }
}

function untagged({ of, status }: ListQuery): Part {
  // The index holds those with a status alone, and is only thought of where the question says so.
  return status === null
    ? { sql: 'FROM listings t INDEXED BY listings_by_time WHERE t.kind = ? AND t.status IS NOT NULL', values: [of] }
    : { sql: 'FROM listings t INDEXED BY listings_by_status WHERE t.kind = ? AND t.status = ?', values: [of, status] }
}

function tagPart(of: string, tag: string, status: string | null): Part {
  return status === null
    ? { sql: 'FROM listing_tags t INDEXED BY listing_tags_by_time WHERE t.kind = ? AND t.tag = ?', values: [of, tag] }
    : { sql: 'FROM listing_tags t WHERE t.kind = ? AND t.tag = ? AND t.status = ?', values: [of, tag, status] }
}

function listedOf(row: Readonly<Record<string, unknown>>): ListedActor {
  return {
    actor: String(row.actor),
    seq: Number(row.seq),
    status: String(row.status),
    sortMs: Number(row.sort_ms),
    // Written by listingWriter.ts.
    tags: JSON.parse(String(row.tags)) as string[],
    fields: JSON.parse(String(row.fields)) as Json,
  }
}
