// Opens journal and store of a cluster's process, the same way on the main thread and in the projector's.

import type { ClusterBacking } from '../config.ts'
import { connectMongo } from '../mongo/mongoConnection.ts'
import { MongoStore } from '../mongo/mongoStore.ts'
import { type JetStreamJournal, openJetStreamJournal } from '../nats/jetstreamJournal.ts'
import { connectNats } from '../nats/natsConnection.ts'
import type { Alarm, NatsLink } from '../nats/natsLink.ts'

export interface OpenedJournal {
  readonly journal: JetStreamJournal
  readonly link: NatsLink
  close(): Promise<void>
}

export interface ClusterData {
  readonly backing: ClusterBacking
  readonly partitions: number
}

/** Rejects with DataSetError where NATS cannot be used. */
export async function openJournal(
  { backing, partitions }: ClusterData,
  role: string,
  onAlarm: Alarm,
): Promise<OpenedJournal> {
  const link = await connectNats({ urls: backing.natsUrls, name: `leet ${backing.dataSet} ${role}`, onAlarm })
  try {
    const journal = await openJetStreamJournal(link, {
      dataSet: backing.dataSet,
      partitions,
      streams: backing.journalStreams,
      replicas: backing.journalReplicas,
      allowLazyFsync: backing.allowLazyFsync,
      monitorUrls: backing.natsMonitorUrls,
      onAlarm,
    })
    return {
      journal,
      link,
      async close() {
        await journal.close()
        await link.close()
      },
    }
  } catch (error) {
    await link.close()
    throw error
  }
}

export interface StoreData extends ClusterData {
  /** The journal's: the store has to be made from it. */
  readonly dataSetId: string
}

/** Rejects with DataSetError where MongoDB cannot be used. `notice` is told what the server lacks. */
export async function openStore(data: StoreData, notice: (text: string) => void = () => {}): Promise<MongoStore> {
  const { backing, partitions, dataSetId } = data
  const connection = await connectMongo(backing.mongoUrl, backing.dataSet)
  try {
    return await MongoStore.open(connection, { id: dataSetId, partitions }, notice)
  } catch (error) {
    await connection.close()
    throw error
  }
}
