// Opens journal and store of a cluster's process, the same way on the main thread and in the projector's.

import type { ClusterBacking } from '../config.ts'
import { DataSetError } from '../dataSetError.ts'
import { connectMongo } from '../mongo/mongoConnection.ts'
import { openMongoSandbox } from '../mongo/mongoSandbox.ts'
import { MongoStore } from '../mongo/mongoStore.ts'
import { type JetStreamJournal, openJetStreamJournal } from '../nats/jetstreamJournal.ts'
import { connectNats } from '../nats/natsConnection.ts'
import type { Alarm, NatsLink } from '../nats/natsLink.ts'
import type { SandboxProvider } from '../sandbox/port.ts'
import { systemClock } from '../system.ts'

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

/** The sandbox provider's book, over a connection of its own. Rejects with DataSetError where MongoDB cannot be used. */
export async function openClusterSandbox({ mongoUrl, dataSet }: ClusterBacking): Promise<SandboxProvider> {
  const connection = await connectMongo(mongoUrl, dataSet)
  try {
    const sandbox = await openMongoSandbox(connection.db, systemClock)
    return {
      carryOut: (order) => sandbox.carryOut(order),
      takeBack: (reference) => sandbox.takeBack(reference),
      async close() {
        await sandbox.close()
        await connection.close()
      },
    }
  } catch (error) {
    await connection.close()
    throw error instanceof DataSetError ? error : connection.refusal(error)
  }
}
