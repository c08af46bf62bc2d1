// A thread that answers staff's questions about the ledger from the store, one after the other, each inside one read
// transaction. A thread of its own: what staff ask may take long, and players' histories must not wait for it (A5).

import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../dataSetError.ts'
import { answerQuestion } from '../ledger/answerer.ts'
import type { Answer, Question } from '../ledger/questions.ts'
import { SqliteLedgerRows } from './ledgerRows.ts'
import { openStoreForReading } from './storeFile.ts'
import type { ReaderOptions } from './storeProtocol.ts'

export interface ToLedger {
  readonly id: number
  /** Null ends the thread. */
  readonly question: Question | null
}

export type FromLedger =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: Answer | null }
  | { readonly id: number; readonly kind: 'failed'; readonly error: string }

async function reply(db: DatabaseSync, rows: SqliteLedgerRows, { id, question }: ToLedger): Promise<FromLedger> {
  try {
    if (question === null) return { id, kind: 'answer', answer: null }
    db.exec('BEGIN')
    return { id, kind: 'answer', answer: await answerQuestion(rows, question) }
  } catch (error) {
    return { id, kind: 'failed', error: messageOf(error) }
  } finally {
    if (db.isTransaction) db.exec('COMMIT')
  }
}

function serve(port: NonNullable<typeof parentPort>, { storeFile, dataSet }: ReaderOptions): void {
  const db = openStoreForReading(storeFile, dataSet)
  const rows = new SqliteLedgerRows(db, dataSet.partitions)
  let last: Promise<void> = Promise.resolve()
  const take = async (message: ToLedger): Promise<void> => {
    port.postMessage(await reply(db, rows, message))
    if (message.question !== null) return
    db.close()
    port.close()
  }
  port.on('message', (message: ToLedger) => {
    last = last.then(() => take(message))
  })
}

if (parentPort !== null) serve(parentPort, workerData as ReaderOptions)
