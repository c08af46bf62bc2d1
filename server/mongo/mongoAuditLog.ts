// The audit log on MongoDB, read and appended to by every process of a cluster (auditAppends.ts). The database is the
// composition root's; `close` leaves it open.

import type { Collection, Db, Filter } from 'mongodb'
import type { Clock } from '../../actors/runtime/ports.ts'
import { parseEntry } from '../staff/auditEntry.ts'
import {
  type AuditEntry,
  type AuditFact,
  type AuditHead,
  type AuditLog,
  type AuditPage,
  type AuditQuery,
  READ_AT_ONCE,
  SEARCHED_AT_ONCE,
  type Searched,
  type StoredEntry,
} from '../staff/auditLog.ts'
import { AuditAppends, type AuditDocument, headOf, newestOf } from './auditAppends.ts'
import { StoreGuard } from './storeGuard.ts'

/** Rejects with the driver's error where the database does not answer. */
export async function openMongoAuditLog(db: Db, clock: Clock): Promise<AuditLog> {
  const collection = auditCollection(db)
  await collection.createIndex({ atMs: 1 })
  return new MongoAuditLog(collection, new AuditAppends(collection, clock))
}

/** Makes nothing: for whoever only follows the chain. */
export function openMongoAuditLogForReading(db: Db): Pick<AuditLog, 'read'> {
  const collection = auditCollection(db)
  return { read: (after) => storedAfter(collection, after) }
}

function auditCollection(db: Db): Collection<AuditDocument> {
  return db.collection<AuditDocument>('audit_log', {
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  })
}

class MongoAuditLog implements AuditLog {
  readonly #entries: Collection<AuditDocument>
  readonly #appends: AuditAppends
  readonly #guard = new StoreGuard()

  constructor(entries: Collection<AuditDocument>, appends: AuditAppends) {
    this.#entries = entries
    this.#appends = appends
  }

  async append(fact: AuditFact): Promise<AuditEntry> {
    const waiting = this.#appends.take(fact)
    try {
      return await this.#guard.run(() => waiting.entry)
    } catch (error) {
      waiting.abandon()
      throw error
    }
  }

  page(query: AuditQuery): Promise<AuditPage> {
    return this.#guard.run(async () => {
      const end = ((await newestOf(this.#entries))?._id ?? 0) + 1
      const bottom = query.fromMs === null ? 1 : ((await this.#firstSeqAt(query.fromMs)) ?? end)
      const until = query.toMs === null ? end : ((await this.#firstSeqAt(query.toMs)) ?? end)
      const top = Math.min(query.before ?? end, end, until)
      const lowest = Math.max(bottom, top - SEARCHED_AT_ONCE)
      const { actor, route, outcome, limit } = query
      const filter: Filter<AuditDocument> = {
        _id: { $gte: lowest, $lt: top },
        ...(actor === null ? {} : { actor }),
        ...(route === null ? {} : { route }),
        ...(outcome === null ? {} : { outcome }),
      }
      const found = await this.#entries.find(filter, { sort: { _id: -1 }, limit }).toArray()
      const entries = found.map(readable)
      const last = entries.length < limit ? lowest : (entries.at(-1)?.seq ?? lowest)
      return { entries, next: last > bottom ? last : null }
    })
  }

  head(): Promise<AuditHead | null> {
    return this.#guard.run(async () => {
      const newest = await newestOf(this.#entries)
      return newest === null ? null : headOf(newest)
    })
  }

  read(after: number): Promise<readonly StoredEntry[]> {
    return this.#guard.run(() => storedAfter(this.#entries, after))
  }

  async close(): Promise<void> {
    await this.#appends.settled()
    this.#guard.close()
  }

  async #firstSeqAt(atMs: number): Promise<number | null> {
    const first = await this.#entries.findOne({ atMs: { $gte: atMs } }, { sort: { atMs: 1, _id: 1 } })
    return first?._id ?? null
  }
}

async function storedAfter(entries: Collection<AuditDocument>, after: number): Promise<readonly StoredEntry[]> {
  const found = await entries.find({ _id: { $gt: after } }, { sort: { _id: 1 }, limit: READ_AT_ONCE }).toArray()
  return found.map(({ _id, text, hash, atMs, actor, route, outcome }) => {
    const searched = { atMs, actor, route, outcome } as Searched // compared with what the text says
    return { seq: _id, text, hash, searched }
  })
}

function readable({ text, hash }: AuditDocument): AuditEntry {
  const entry = parseEntry(text, hash)
  if (entry === null) throw new Error('the audit log has an entry that cannot be read: verify it')
  return entry
}
