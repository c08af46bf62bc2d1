// A thread that reads the store. Each question is answered inside one read transaction, so that what comes together
// belongs together, whatever the projector writes meanwhile.

import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../dataSetError.ts'
import { HistoryReads } from './historyReads.ts'
import { PendingReads } from './pendingReads.ts'
import { openStoreForReading } from './storeFile.ts'
import type { FromReader, QuestionName, ReaderOptions, StoreQuestions, ToReader } from './storeProtocol.ts'
import { StoreReads } from './storeReads.ts'

type Answers = {
  readonly [Name in QuestionName]: (ask: StoreQuestions[Name]['ask']) => StoreQuestions[Name]['answer']
}

function answersFrom(db: DatabaseSync): Answers {
  const reads = new StoreReads(db)
  const history = new HistoryReads(db)
  const pending = new PendingReads(db, history)
  return {
    partitionSnapshot: ({ partition }) => reads.partitionSnapshot(partition),
    actorSnapshots: ({ actors }) => reads.actorSnapshots(actors),
    recentKeys: ({ actors, sinceMs }) => reads.recentKeys(actors, sinceMs),
    findKey: ({ actor, key }) => reads.findKey(actor, key),
    history: (query) => history.page(query),
    pending: (query) => pending.page(query),
    transaction: ({ partition, seq, account, line }) => history.transaction(partition, seq, account, line),
  }
}

function answer(db: DatabaseSync, answers: Answers, { id, name, ask }: ToReader): FromReader {
  try {
    if (name === 'close') return { id, kind: 'answer', answer: null }
    db.exec('BEGIN')
    // What was sent under a name is that name's question; the compiler cannot follow the pair apart.
    const reply = answers[name] as (ask: unknown) => unknown
    return { id, kind: 'answer', answer: reply(ask) }
  } catch (error) {
    return { id, kind: 'failed', error: messageOf(error) }
  } finally {
    if (db.isTransaction) db.exec('COMMIT')
  }
}

function serve(port: NonNullable<typeof parentPort>, options: ReaderOptions): void {
  const db = openStoreForReading(options.storeFile, options.dataSet)
  const answers = answersFrom(db)
  port.on('message', (message: ToReader) => {
    port.postMessage(answer(db, answers, message))
    if (message.name !== 'close') return
    db.close()
    port.close()
  })
}

if (parentPort !== null) serve(parentPort, workerData as ReaderOptions)
