// What the operator's tool holds of a data set while it runs: a connection to NATS, to hear and tell its processes, and
// the book of decisions.

import type { NatsConnection } from '@nats-io/nats-core'
import type { ClusterBacking } from '../config.ts'
import { connectNats } from '../nats/natsConnection.ts'
import { type DecisionBook, openDecisionBook } from './decisionBook.ts'

export interface Cluster {
  readonly connection: NatsConnection
  readonly book: DecisionBook
  readonly dataSet: string
  close(): Promise<void>
}

/** Rejects with DataSetError where one of the services cannot be used. */
export async function connectAsOperator({ natsUrls, mongoUrl, dataSet }: ClusterBacking): Promise<Cluster> {
  const link = await connectNats({ urls: natsUrls, name: `leet ${dataSet} operator` })
  try {
    const { book, close } = await openDecisionBook(mongoUrl, dataSet)
    return {
      connection: link.connection,
      book,
      dataSet,
      async close() {
        await close()
        await link.close()
      },
    }
  } catch (error) {
    await link.close()
    throw error
  }
}
