// A large store for staff's questions: made by the projector and the store's own writer from a made-up history, or found
// where an earlier run has left it. The same number of entries gives the same ledger.

import { existsSync, renameSync, rmSync } from 'node:fs'
import { KINDS } from '../../actors/kinds.ts'
import type { ProjectionStore } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { SqliteStore } from '../../server/store/sqliteStore.ts'
import { TransferLog } from './transferLog.ts'

export const PARTITIONS = 16
const RECORDS_PER_BATCH = 100
const SNAPSHOT_EVERY = 10_000
const ENTRIES_A_WALLET = 200
/** Batches in one write, as many as the projector's thread reads together. */
const BATCHES_A_WRITE = 25
/** Of a hundred transfers one is the busy wallet's; of a thousand one is followed by a hold. */
const BUSY_EVERY = 100
const HOLD_EVERY = 1_000

/** What questions are drawn from. */
export interface LedgerMade {
  readonly wallets: readonly string[]
  /** Null where it was there already. */
  readonly recordsPerSecond: number | null
}

export const dataSet = { id: 'bench', partitions: PARTITIONS }

/** `entries`: of owned accounts; in all there are twice as many. A file that is there is taken as it is. */
export async function makeLedger(file: string, entries: number): Promise<LedgerMade> {
  const history = ledgerHistory(entries)
  const wallets = history.wallets.map(({ id }) => id)
  if (existsSync(file)) return { wallets, recordsPerSecond: null }
  const draft = `${file}.draft`
  for (const suffix of ['', '-wal', '-shm']) rmSync(draft + suffix, { force: true })
  const store = new SqliteStore(draft, dataSet)
  const recordsPerSecond = await projectAll(store, history, entries)
  store.close()
  renameSync(draft, file)
  return { wallets, recordsPerSecond }
}

export function ledgerHistory(entries: number): TransferLog {
  return new TransferLog({
    wallets: Math.max(100, Math.round(entries / ENTRIES_A_WALLET)),
    partitions: PARTITIONS,
    recordsPerBatch: RECORDS_PER_BATCH,
    busyEvery: BUSY_EVERY,
    holdEvery: HOLD_EVERY,
  })
}

/** Answers the records projected in a second; making them is not counted. */
export async function projectAll(store: ProjectionStore, history: TransferLog, entries: number): Promise<number> {
  const projector = new Projector({ kinds: KINDS, store, snapshotEvery: SNAPSHOT_EVERY })
  await projector.resume([...Array(PARTITIONS).keys()])
  let position = 0
  let waiting: StoredBatch[] = []
  let spentMs = 0
  const take = async (): Promise<void> => {
    const beganMs = performance.now()
    await projector.take(waiting)
    spentMs += performance.now() - beganMs
    waiting = []
  }
  for (const groups of [history.opening(), history.transfers(entries - history.wallets.length)]) {
    for (const group of groups) {
      // The history has no journal: positions are given here.
      for (const batch of group) waiting.push({ ...batch, position: ++position })
      if (waiting.length >= BATCHES_A_WRITE) await take()
    }
  }
  await take()
  await projector.round()
  const records = history.logs.reduce((sum, { seq }) => sum + seq, 0)
  return (records * 1000) / spentMs
}
