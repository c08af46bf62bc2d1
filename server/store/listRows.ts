// Pages of lists over many actors, from the store's file. A list is walked in the order of one index, the one in which
// the fewest suit: of a status, of a tag, or of all; whatever else is asked for is looked up for each row of it.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Json } from '../../actors/runtime/record.ts'
import { COUNTED_LIMIT, type ListedActor, type ListFound, type ListQuery } from '../lists/ports.ts'

/** Of two ways by which more are found than this, either may be walked. */
const RARE_LIMIT = 2_000

/** A part of a statement with what its question marks stand for. */
interface Part {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

/** One way to find actors: walked as `from` and `where`, or looked up for a row `t` of another as `check`. */
interface Path {
  readonly from: string
  readonly where: Part
  readonly check: Part
}

type Row = Readonly<Record<string, unknown>>

export class ListRows {
  private readonly db: DatabaseSync
  /** By their text: there are as many as ways to ask. */
  private readonly statements = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.db = db
  }

  list(query: ListQuery): ListFound {
    const paths = this.pathsOf(query)
    if (paths === null) return { rows: [], total: 0 }
    const [walked, ...checked] = this.byRarity(paths)
    if (walked === undefined) throw new Error('a list has a way to be walked')
    const rows = query.limit === 0 ? [] : this.page(query, walked, checked)
    return { rows, total: this.count(walked, checked) }
  }

  /** Null where a tag is asked for that nobody has ever had. */
  private pathsOf({ of, status, tags }: ListQuery): readonly Path[] | null {
    const paths: Path[] = []
    if (status !== null) paths.push(statusPath(of, status))
    for (const tag of tags) {
      const [named] = this.all({ sql: 'SELECT id FROM tag_names WHERE kind = ? AND tag = ?', values: [of, tag] })
      if (named === undefined) return null
      paths.push(tagPath(Number(named.id)))
    }
    return paths.length === 0 ? [everyPath(of)] : paths
  }

  private byRarity(paths: readonly Path[]): readonly Path[] {
    if (paths.length < 2) return paths
    const counted = paths.map((path) => ({ path, count: this.count(path, [], RARE_LIMIT) }))
    return counted.sort((a, b) => a.count - b.count).map(({ path }) => path)
  }

  /** Of the first so many of the walked, those that suit. */
  private count({ from, where }: Path, checked: readonly Path[], limit = COUNTED_LIMIT): number {
    const { sql, values } = every(checked.map(({ check }) => check))
    const [row] = this.all({
      sql: `
        SELECT count(*) AS count FROM (
          SELECT t.sort_ms, t.actor FROM ${from} WHERE ${where.sql} ORDER BY t.sort_ms, t.actor LIMIT ?
        ) t WHERE ${sql}`,
      values: [...where.values, limit, ...values],
    })
    return Number(row?.count ?? 0)
  }

  private page(
    { order, after, offset, limit }: ListQuery,
    { from, where }: Path,
    checked: readonly Path[],
  ): readonly ListedActor[] {
    const [than, way] = order === 'newest' ? ['<', 'DESC'] : ['>', 'ASC']
    const behind: readonly Part[] =
      after === null ? [] : [{ sql: `(t.sort_ms, t.actor) ${than} (?, ?)`, values: [after.sortMs, after.actor] }]
    const { sql, values } = every([where, ...behind, ...checked.map(({ check }) => check)])
    const rows = this.all({
      sql: `
        SELECT l.actor, l.seq, l.status, l.sort_ms, l.tags, l.fields FROM (
          SELECT t.actor, t.sort_ms FROM ${from} WHERE ${sql} ORDER BY t.sort_ms ${way}, t.actor ${way} LIMIT ? OFFSET ?
        ) p JOIN listings l ON l.actor = p.actor ORDER BY p.sort_ms ${way}, p.actor ${way}`,
      values: [...values, limit, offset],
    })
    return rows.map(listedOf)
  }

  private all({ sql, values }: Part): readonly Row[] {
    const statement = this.statements.get(sql) ?? this.db.prepare(sql)
    this.statements.set(sql, statement)
    return statement.all(...values)
  }
}

// Their indexes hold those with a status alone, and serve only where the question says so.
function everyPath(of: string): Path {
  const where: Part = { sql: 't.kind = ? AND t.status IS NOT NULL', values: [of] }
  return { from: 'listings t INDEXED BY listings_by_time', where, check: { sql: 'TRUE', values: [] } }
}

function statusPath(of: string, status: string): Path {
  return {
    from: 'listings t INDEXED BY listings_by_status',
    where: { sql: 't.kind = ? AND t.status = ?', values: [of, status] },
    check: {
      sql: 'EXISTS (SELECT 1 FROM listings o WHERE o.actor = t.actor AND o.status = ?)',
      values: [status],
    },
  }
}

function tagPath(tag: number): Path {
  return {
    from: 'listing_tags t',
    where: { sql: 't.tag = ?', values: [tag] },
    check: {
      sql: 'EXISTS (SELECT 1 FROM listing_tags o WHERE o.tag = ? AND o.sort_ms = t.sort_ms AND o.actor = t.actor)',
      values: [tag],
    },
  }
}

function every(parts: readonly Part[]): Part {
  if (parts.length === 0) return { sql: 'TRUE', values: [] }
  return { sql: parts.map(({ sql }) => sql).join(' AND '), values: parts.flatMap(({ values }) => values) }
}

function listedOf(row: Row): ListedActor {
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
