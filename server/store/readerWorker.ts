// A thread that reads the store. Each question is answered inside one read transaction, so that what comes together
// belongs together, whatever the projector writes meanwhile.

import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, troubleOf } from '../dataSetError.ts'
import { History } from './history.ts'
import type { FromReader, Question, ReaderOptions, StoreQuestions, ToReader } from './readerProtocol.ts'
import { openStoreForReading, STORE_REMEDY } from './storeFile.ts'
import { StoreReads } from './storeReads.ts'

function questionsOf(db: DatabaseSync): StoreQuestions {
  const reads = new StoreReads(db)
  const history = new History(db)
  return {
    checkpoint: (partition) => reads.checkpoint(partition),
    partitionSnapshot: (partition) => reads.partitionSnapshot(partition),
    actorSnapshots: (actors) => reads.actorSnapshots(actors),
    recentKeys: (actors, sinceMs) => reads.recentKeys(actors, sinceMs),
    findKey: (actor, key) => reads.findKey(actor, key),
    history: (query) => history.page(query),
    record: (partition, seq) => history.record(partition, seq),
  }
}

function answer(questions: StoreQuestions, { method, args }: Question): unknown {
  // `args` are this method's own, as Question pairs them; the compiler cannot follow the pair apart.
  const ask = questions[method] as (...args: unknown[]) => unknown
  return ask(...args)
}

function serve(port: NonNullable<typeof parentPort>, options: ReaderOptions): void {
  const say = (message: FromReader): void => port.postMessage(message)
  let db: DatabaseSync
  let questions: StoreQuestions
  try {
    db = openStoreForReading(options.file, options.dataSet)
    questions = questionsOf(db)
    say({ kind: 'opened' })
  } catch (error) {
    say({ kind: 'refused', trouble: troubleOf(error, options.file, STORE_REMEDY) })
    return
  }
  port.on('message', (message: ToReader) => {
    if (message.kind === 'close') {
      db.close()
      return port.close()
    }
    const { request, question } = message
    try {
      db.exec('BEGIN')
      say({ kind: 'answer', request, answer: answer(questions, question) })
    } catch (error) {
      say({ kind: 'failed', request, message: messageOf(error) })
    } finally {
      if (db.isTransaction) db.exec('COMMIT')
    }
  })
}

if (parentPort !== null) serve(parentPort, workerData as ReaderOptions)
