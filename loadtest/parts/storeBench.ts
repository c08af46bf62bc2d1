// The storage path by itself, part after part on an otherwise idle machine: appending to the journal, reading it back as
// a recovery does, and projecting it into the store. `node loadtest/parts/storeBench.ts [records] [wallets]`.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { decodeBatch } from '../../actors/runtime/codec.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { openSqliteJournal, type SqliteJournal } from '../../server/journal/sqliteJournal.ts'
import { EmbeddedProjector } from '../../server/store/embeddedProjector.ts'
import { TransferLog } from './transferLog.ts'

const PARTITIONS = 16
const RECORDS_PER_BATCH = 100
const SNAPSHOT_EVERY = 10_000

interface Measured {
  readonly records: number
  readonly seconds: number
  /** Of all threads of this process. */
  readonly cpuSeconds: number
}

async function measure(work: () => Promise<number>): Promise<Measured> {
  const cpu = process.cpuUsage()
  const beganMs = performance.now()
  const records = await work()
  const seconds = (performance.now() - beganMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { records, seconds, cpuSeconds: (user + system) / 1e6 }
}

function print(part: string, { records, seconds, cpuSeconds }: Measured, more = ''): void {
  const rate = Math.round(records / seconds).toLocaleString('en')
  const perCpu = Math.round(records / cpuSeconds).toLocaleString('en')
  console.log(`${part.padEnd(10)} ${rate.padStart(9)} records/s, ${perCpu.padStart(9)} per CPU second ${more}`)
}

/** Appends as a runtime would: each partition has one batch in flight. Answers how many records that was. */
async function append(
  journal: SqliteJournal,
  history: Iterable<readonly StoredBatch[]>,
  latencies: number[],
): Promise<number> {
  const before = journal.committedThrough
  const inFlight = new Map<number, Promise<void>>()
  let records = 0
  for (const group of history) {
    for (const { partition, bytes } of group) {
      await inFlight.get(partition)
      const beganMs = performance.now()
      const settle = journal.append(partition, journal.head(partition), bytes).then((outcome) => {
        if (outcome.kind !== 'committed') throw new Error(`append: ${outcome.kind}`)
        latencies.push(performance.now() - beganMs)
      })
      inFlight.set(partition, settle)
      records += RECORDS_PER_BATCH
    }
  }
  await Promise.all(inFlight.values())
  if (journal.committedThrough === before) throw new Error('nothing was appended')
  return records
}

async function replay(journal: SqliteJournal): Promise<number> {
  let records = 0
  const all = new Map([...Array(PARTITIONS).keys()].map((partition) => [partition, 0]))
  for await (const group of journal.replay(all)) {
    for (const batch of group) records += decodeBatch(batch.bytes).records.length
  }
  return records
}

async function project(journal: SqliteJournal, folder: string): Promise<Measured> {
  const files = { journalFile: join(folder, 'journal.db'), storeFile: join(folder, 'store.db') }
  let projected = 0
  const seqs = new Map<number, number>()
  let finish: () => void = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const records = { wanted: await replay(journal) }
  const projector = await EmbeddedProjector.open(
    { ...files, dataSet: journal.dataSet, snapshotEvery: SNAPSHOT_EVERY },
    {
      onProgress({ partition, projectedSeq }) {
        projected += projectedSeq - (seqs.get(partition) ?? 0)
        seqs.set(partition, projectedSeq)
        if (projected >= records.wanted) finish()
      },
      onAlarm: (event, detail) => console.error(event, detail),
      onLost: (why) => console.error('lost', why),
    },
  )
  const measured = await measure(async () => {
    projector.committed(journal.committedThrough)
    await finished
    return projected
  })
  await projector.close()
  return measured
}

/** The value below which this share of the numbers lies. */
function quantile(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
}

async function main(records: number, wallets: number): Promise<void> {
  // On the disk the server would use, not in what may be a folder in memory.
  mkdirSync('tmp', { recursive: true })
  const folder = mkdtempSync(join('tmp', 'store-bench-'))
  try {
    const file = join(folder, 'journal.db')
    const history = new TransferLog({ wallets, partitions: PARTITIONS, recordsPerBatch: RECORDS_PER_BATCH })
    // Made beforehand, so that making them is not measured.
    const opening = [...history.opening()]
    const transfers = [...history.transfers(records)]
    const bytes = transfers.flat().reduce((sum, batch) => sum + batch.bytes.byteLength, 0)
    const journal = await openSqliteJournal({ file, partitions: PARTITIONS })
    await append(journal, opening, [])
    const latencies: number[] = []
    const appended = await measure(() => append(journal, transfers, latencies))
    latencies.sort((a, b) => a - b)
    const times = [0.5, 0.95, 0.99].map((share) => quantile(latencies, share)).join('/')
    const mb = (bytes / 1e6 / appended.seconds).toFixed(0)
    print('append', appended, `(${mb} MB/s, p50/p95/p99 ${times} ms)`)
    print('replay', await measure(() => replay(journal)), '(with decoding)')
    print('project', await project(journal, folder), `(${wallets.toLocaleString('en')} wallets, snapshots included)`)
    await journal.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main(Number(process.argv[2] ?? 300_000), Number(process.argv[3] ?? 50_000))
