// The projector's thread of a process in a cluster: opens journal and store for itself, and does what it is told.

import { parentPort, workerData } from 'node:worker_threads'
import { KINDS } from '../../actors/kinds.ts'
import { troubleOf } from '../dataSetError.ts'
import { yieldToOthers } from '../yieldingThread.ts'
import { openJournal, openStore } from './openServices.ts'
import type { ClusterProjectorOptions, FromClusterProjector, ToClusterProjector } from './projectorProtocol.ts'
import { ProjectorWork } from './projectorWork.ts'

async function serve(port: NonNullable<typeof parentPort>, options: ClusterProjectorOptions): Promise<void> {
  const say = (message: FromClusterProjector): void => port.postMessage(message)
  try {
    const alarm = (event: string, detail: Readonly<Record<string, unknown>>): void =>
      say({ kind: 'trouble', error: `${event} ${JSON.stringify(detail)}` })
    const opened = await openJournal(options, 'projector', alarm)
    const journal = {
      read: opened.journal.read.bind(opened.journal),
      close: () => opened.close(),
    }
    const store = await openStore(options)
    const thread = new ProjectorWork({ options, journal, store, kinds: KINDS, say, end: () => port.close() })
    port.on('message', (message: ToClusterProjector) => thread.heard(message))
    // From now on: a start under load is short enough of time as it is.
    yieldToOthers()
    say({ kind: 'opened' })
  } catch (error) {
    say({ kind: 'refused', trouble: troubleOf(error, 'MONGO_URL', 'Check that the services answer') })
  }
}

if (parentPort !== null) await serve(parentPort, workerData as ClusterProjectorOptions)
