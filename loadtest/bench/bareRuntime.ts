// The real runtime over the real journal in this process, with no sockets and no projector: what parts of the benchmark ask
// that measure the core alone.

import { KINDS } from '../../actors/kinds.ts'
import { LocalTransport } from '../../actors/runtime/localTransport.ts'
import type { CommitFeed, RecoveryStore } from '../../actors/runtime/ports.ts'
import { Runtime } from '../../actors/runtime/runtime.ts'
import { openSqliteJournal } from '../../server/journal/sqliteJournal.ts'
import { randomIds, systemClock, systemScheduler } from '../../server/system.ts'

const PARTITIONS = 16
const DRAIN_WITHIN_MS = 30_000
const PROGRESS_MS = 20

/** As new data sets are: nothing in the store, everything in the journal. */
const emptyStore: RecoveryStore = {
  partitionSnapshot: async () => null,
  actorSnapshots: async () => [],
  recentKeys: async () => new Map(),
  findKey: async () => null,
}

export interface BareOptions {
  readonly journalFile: string
  readonly feed: CommitFeed
  /** Hears how many records each batch has that was appended. */
  readonly committed: (records: number) => void
}

export interface BareRuntime {
  readonly runtime: Runtime
  /** Drained, and its journal closed. */
  stop(): Promise<void>
}

export async function startBare({ journalFile, feed, committed }: BareOptions): Promise<BareRuntime> {
  const journal = await openSqliteJournal({ file: journalFile, partitions: PARTITIONS })
  const transport = new LocalTransport()
  const runtime = new Runtime({
    partitions: PARTITIONS,
    kinds: KINDS,
    journal,
    store: emptyStore,
    transport,
    clock: systemClock,
    scheduler: systemScheduler,
    ids: randomIds,
    observer: {
      committed: (_partition, records) => committed(records),
      answered() {},
      alarm(event, detail) {
        throw new Error(`${event} ${JSON.stringify(detail)}`)
      },
    },
    // As many as are wanted in flight: this measures work, not waiting.
    limits: { standingWaitMs: Number.POSITIVE_INFINITY },
    feed,
  })
  transport.attach(runtime)
  await runtime.start([...Array(PARTITIONS).keys()])
  const keepingUp = setInterval(() => projected(runtime), PROGRESS_MS)
  return {
    runtime,
    async stop() {
      clearInterval(keepingUp)
      if (!(await runtime.drain(DRAIN_WITHIN_MS))) throw new Error('the runtime did not drain')
      runtime.stop()
      await journal.close()
    },
  }
}

/** As a projector that keeps up would say: recent keys then shrink as they do in the server (M6). */
function projected(runtime: Runtime): void {
  for (const [partition, { seqs }] of runtime.partitions)
    runtime.progress({ partition, projectedSeq: seqs.durableSeq, snapshotSeq: 0 })
}
