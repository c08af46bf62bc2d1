// The projector in its thread, between a real journal and a real store: it follows what is durable, is taken up again
// after a stop and after a kill, makes a lost store again, and refuses a journal that has lost its end.

import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Progress, StoredBatch } from '../../actors/runtime/ports.ts'
import { TransferLog } from '../../loadtest/parts/transferLog.ts'
import { DataSetError } from '../../server/dataSetError.ts'
import { openSqliteJournal, type SqliteJournal } from '../../server/journal/sqliteJournal.ts'
import { EmbeddedProjector } from '../../server/store/embeddedProjector.ts'
import { SqliteStoreReader } from '../../server/store/storeReader.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import { temporaryFolder } from '../support/server.ts'

const PARTITIONS = 16
const SNAPSHOT_EVERY = 100

/** What 40 wallets wrote: opened, given money, and 1,000 records of transfers; in two halves. */
const history = ((): { first: StoredBatch[]; rest: StoredBatch[]; log: TransferLog } => {
  const log = new TransferLog({ wallets: 40, partitions: PARTITIONS, recordsPerBatch: 10 })
  const first = [...log.opening(), ...log.transfers(400)].flat()
  return { first, rest: [...log.transfers(600)].flat(), log }
})()

describe('projector thread', () => {
  let folder: string
  let journal: SqliteJournal
  let projector: EmbeddedProjector | null
  let progress: Map<PartitionId, Progress>
  let alarms: string[]

  const journalFile = (): string => join(folder, 'journal.db')
  const storeFile = (): string => join(folder, 'store.db')

  async function openJournal(): Promise<void> {
    journal = await openSqliteJournal({
      file: journalFile(),
      partitions: PARTITIONS,
      minCommitIntervalMs: 0,
      onCommitted: (position) => projector?.committed(position),
    })
  }

  async function openProjector(): Promise<EmbeddedProjector> {
    const { dataSet } = journal
    projector = await EmbeddedProjector.open(
      { journalFile: journalFile(), storeFile: storeFile(), dataSet, snapshotEvery: SNAPSHOT_EVERY },
      {
        onProgress: (news) => progress.set(news.partition, news),
        onAlarm: (event, detail) => alarms.push(`${event} ${JSON.stringify(detail)}`),
        onLost: (why) => alarms.push(why),
      },
    )
    projector.committed(journal.committedThrough)
    return projector
  }

  async function append(batches: readonly StoredBatch[]): Promise<void> {
    for (const { partition, bytes } of batches) {
      const outcome = await journal.append(partition, journal.head(partition), bytes)
      expect(outcome.kind).to.equal('committed')
    }
  }

  /** Until the store has every record of these batches. */
  async function caughtUp(lastSeqs: ReadonlyMap<PartitionId, number>): Promise<void> {
    for (const [partition, seq] of lastSeqs) await projector?.reached(partition, seq, 20_000)
    for (const [partition, seq] of lastSeqs) expect(projector?.projectedSeq(partition)).to.equal(seq)
  }

  const all = (): ReadonlyMap<PartitionId, number> => new Map(history.log.logs.map((log) => [log.partition, log.seq]))

  /** What the store says of every wallet: its snapshot, its newest lines, how many there are. */
  async function image(): Promise<unknown[]> {
    const lost: string[] = []
    const reader = new SqliteStoreReader({ storeFile: storeFile(), dataSet: journal.dataSet }, (why) => lost.push(why))
    const shown: unknown[] = []
    for (const { id, log } of history.log.wallets) {
      const { partition } = log
      const plain = { assets: null, side: null, operation: null, status: null, fromMs: null, toMs: null, offset: 0 }
      const sort = { sortBy: 'created_at', sortOrder: 'desc', limit: 5 } as const
      shown.push(
        await reader.actorSnapshots(partition, [actorKey('wallet', id)]),
        await reader.history({ ...plain, ...sort, partition, account: `2001:${id}` }),
        await reader.recentKeys(partition, [actorKey('wallet', id)], 0),
      )
    }
    for (const { partition } of history.log.logs) shown.push(await reader.partitionSnapshot(partition))
    await reader.close()
    expect(lost).to.deep.equal([])
    return shown
  }

  async function stop(): Promise<void> {
    await projector?.close()
    projector = null
    await journal.close()
  }

  beforeEach(async () => {
    folder = temporaryFolder()
    progress = new Map()
    alarms = []
    projector = null
    await openJournal()
  })
  afterEach(stop)

  it('follows what is durable, and leaves a round behind when it stops', async () => {
    await openProjector()
    await append([...history.first, ...history.rest])
    await caughtUp(all())
    await projector?.close()
    expect(new Map([...progress].map(([partition, { snapshotSeq }]) => [partition, snapshotSeq]))).to.deep.equal(all())
    const shown = await image()
    const wallets = history.log.wallets.length
    expect(shown.slice(0, 3 * wallets).filter((rows) => Array.isArray(rows) && rows.length === 1)).to.have.length(
      wallets,
    )
    expect(alarms).to.deep.equal([])
  })

  it('comes to the same after a stop in between, after a kill, and when its store is lost', async () => {
    await openProjector()
    await append([...history.first, ...history.rest])
    await stop()
    await openJournal()
    const straight = await image()

    await journal.close()
    const whole = folder
    folder = temporaryFolder()
    cpSync(join(whole, 'journal.db'), journalFile())
    await openJournal()
    await openProjector()
    await caughtUp(all())
    await projector?.close()
    expect(await image(), 'from genesis, in one go').to.deep.equal(straight)

    // Killed half-way: the store has less than the journal, and its last round is older still.
    await stop()
    folder = temporaryFolder()
    await openJournal()
    await openProjector()
    await append(history.first)
    await projector?.reached(0, 1, 20_000)
    const killed = temporaryFolder()
    cpSync(folder, killed, { recursive: true })
    await stop()
    folder = killed
    await openJournal()
    await openProjector()
    await append(history.rest)
    await caughtUp(all())
    await projector?.close()
    expect(await image(), 'after a kill').to.deep.equal(straight)
  })

  it('refuses a journal that ends before what the store was made from', async () => {
    await openProjector()
    await append(history.first)
    await stop()
    const { dataSet } = journal
    for (const suffix of ['', '-wal', '-shm']) rmSync(journalFile() + suffix, { force: true })
    await openJournal()
    expect(journal.dataSet.id).not.to.equal(dataSet.id)
    expect((await refusal()).message).to.match(/made from another journal/)
    await journal.close()

    // The same data set, an older copy of its journal.
    folder = temporaryFolder()
    await openJournal()
    const older = temporaryFolder()
    const half = Math.floor(history.first.length / 2)
    await append(history.first.slice(0, half))
    await journal.close()
    cpSync(journalFile(), join(older, 'journal.db'))
    await openJournal()
    await openProjector()
    await append(history.first.slice(half))
    await stop()
    cpSync(join(older, 'journal.db'), journalFile())
    for (const suffix of ['-wal', '-shm']) rmSync(journalFile() + suffix, { force: true })
    await openJournal()
    const refused = await refusal()
    expect(refused.message).to.match(/its end is lost/)
    expect(refused.file).to.equal(journalFile())
  })

  async function refusal(): Promise<DataSetError> {
    const error = await openProjector().then(
      () => new Error('it was opened'),
      (failure: unknown) => failure,
    )
    if (error instanceof DataSetError) return error
    throw error
  }
})
