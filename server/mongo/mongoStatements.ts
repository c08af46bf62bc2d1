// Statements that staff handed in, on MongoDB: one document each, inserted once under the id of what it says.

import type { Collection, Db } from 'mongodb'
import type { UserId } from '../../shared/ids.ts'
import {
  MOST_STATEMENTS,
  type StatementBook,
  type StatementRow,
  type StoredStatement,
} from '../reconciliation/statements/book.ts'
import type { HandedIn } from '../reconciliation/statements/fileStatement.ts'
import type { StatementFormat } from '../reconciliation/statements/statementText.ts'
import { inserted } from './identityCollections.ts'
import { StoreGuard } from './storeGuard.ts'

interface StatementDocument {
  readonly _id: string
  readonly account: string
  readonly format: StatementFormat
  readonly fromMs: number
  readonly toMs: number
  readonly lines: number
  readonly by: UserId
  readonly atMs: number
  readonly text: string
}

/** Rejects with the driver's error where the database does not answer. */
export async function openMongoStatements(db: Db): Promise<StatementBook> {
  const statements = statementsOf(db)
  await statements.createIndex({ account: 1, atMs: 1 })
  await statements.createIndex({ atMs: 1, _id: 1 })
  return new MongoStatements(statements)
}

/** Makes nothing: for tools that only read. */
export function readMongoStatements(db: Db): StatementBook {
  return new MongoStatements(statementsOf(db))
}

function statementsOf(db: Db): Collection<StatementDocument> {
  return db.collection<StatementDocument>('reconciliation_statements', {
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  })
}

class MongoStatements implements StatementBook {
  readonly #statements: Collection<StatementDocument>
  readonly #guard = new StoreGuard()

  constructor(statements: Collection<StatementDocument>) {
    this.#statements = statements
  }

  add({ id: _id, ...statement }: StoredStatement): Promise<'added' | 'already' | 'full'> {
    return this.#guard.run(async () => {
      if ((await this.#statements.findOne({ _id }, { projection: { _id: 1 } })) !== null) return 'already'
      // Two at once may pass it by one.
      if ((await this.#statements.countDocuments({})) >= MOST_STATEMENTS) return 'full'
      return (await inserted(this.#statements.insertOne({ _id, ...statement }))) ? 'added' : 'already'
    })
  }

  list(before: string | null, limit: number): Promise<readonly StatementRow[]> {
    return this.#guard.run(async () => {
      const place = before === null ? null : await this.#statements.findOne({ _id: before })
      const older =
        place === null ? {} : { $or: [{ atMs: { $lt: place.atMs } }, { atMs: place.atMs, _id: { $lt: place._id } }] }
      const found = await this.#statements
        .find(older, { sort: { atMs: -1, _id: -1 }, limit, projection: { text: 0 } })
        .toArray()
      return found.map(({ _id: id, account, format, fromMs, toMs, lines, by, atMs }) => {
        return { id, account, format, fromMs, toMs, lines, by, atMs }
      })
    })
  }

  accounts(): Promise<readonly string[]> {
    return this.#guard.run(async () => (await this.#statements.distinct('account')).sort())
  }

  async *of(account: string): AsyncGenerator<HandedIn, void, undefined> {
    const ids = await this.#guard.run(() =>
      this.#statements.find({ account }, { sort: { atMs: 1, _id: 1 }, projection: { _id: 1 } }).toArray(),
    )
    for (const { _id } of ids) {
      const found = await this.#guard.run(() => this.#statements.findOne({ _id }))
      if (found === null) continue
      const { format, fromMs, toMs, text } = found
      yield { account, format, fromMs, toMs, text }
    }
  }

  async close(): Promise<void> {
    this.#guard.close()
  }
}
