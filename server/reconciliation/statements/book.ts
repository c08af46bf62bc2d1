// Statements that staff handed in, as they were handed in: no projection (S2), durable, never changed. Every adapter passes
// test/conformance/statementBook.suite.ts.

import { createHash } from 'node:crypto'
import type { UserId } from '../../../shared/ids.ts'
import type { HandedIn } from './fileStatement.ts'

export interface StoredStatement extends HandedIn {
  /** Of what it says: the same statement again is the same one. */
  readonly id: string
  /** How many lines it has. */
  readonly lines: number
  readonly by: UserId
  readonly atMs: number
}

export type StatementRow = Omit<StoredStatement, 'text'>

/** Of a data set: a run reads all of an account's (A5). */
export const MOST_STATEMENTS = 5_000

/** Methods reject with ServiceError('unavailable') where the book cannot be read or written. */
export interface StatementBook {
  /** `full`: there are MOST_STATEMENTS. */
  add(statement: StoredStatement): Promise<'added' | 'already' | 'full'>
  /** The newest first, before the one of this id; `limit` at most. */
  list(before: string | null, limit: number): Promise<readonly StatementRow[]>
  /** Accounts that any is about. */
  accounts(): Promise<readonly string[]>
  /** All of an account, in the order they were handed in. */
  of(account: string): AsyncIterable<HandedIn>
  close(): Promise<void>
}

export function statementId({ account, format, fromMs, toMs, text }: HandedIn): string {
  const said = JSON.stringify([account, format, fromMs, toMs, text])
  return `st_${createHash('sha256').update(said).digest('base64url').slice(0, 22)}`
}
