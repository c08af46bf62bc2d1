// (11): staff's questions over a large embedded store: it is made by the projector and the store's own writer from a
// made-up history, and asked through the thread that the server asks. Also how fast the projector was at making it.

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { KINDS } from '../../actors/kinds.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { EntriesQuestion, Question } from '../../server/ledger/questions.ts'
import { SqliteLedgerReader } from '../../server/store/ledgerReader.ts'
import { SqliteStore } from '../../server/store/sqliteStore.ts'
import { START_MS } from '../../test/support/batches.ts'
import { TransferLog } from '../parts/transferLog.ts'
import { ROOT } from '../server.ts'
import type { Figure, PartResult } from './figures.ts'
import { newHistogram } from './fleet.ts'
import { percentileMs } from './loops.ts'
import type { Scale } from './scale.ts'

const PARTITIONS = 16
const RECORDS_PER_BATCH = 100
const SNAPSHOT_EVERY = 10_000
const ENTRIES_A_WALLET = 200
/** Batches in one write, as many as the projector's thread reads together. */
const BATCHES_A_WRITE = 25
const SAMPLES = 300
const P95_MS = 50

/** What questions are drawn from. */
interface Made {
  readonly wallets: readonly string[]
  readonly lastMs: number
  readonly recordsPerSecond: number
  readonly seqs: readonly number[]
}

export async function ledgerPart(scale: Scale): Promise<PartResult> {
  mkdirSync(join(ROOT, 'tmp'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'tmp', 'bench-'))
  const storeFile = join(folder, 'store.db')
  const dataSet = { id: 'bench', partitions: PARTITIONS }
  try {
    const made = await make(storeFile, scale.ledgerEntries)
    const reader = new SqliteLedgerReader({ storeFile, dataSet })
    const figures: Figure[] = []
    for (const [name, draw] of Object.entries(questions(made))) figures.push(...(await measured(reader, name, draw)))
    await reader.close()
    const size = statSync(storeFile).size / 2 ** 20
    return {
      part: 'ledger',
      title: `(11) Questions about a ledger of ${scale.ledgerEntries.toLocaleString('en-US')} entries, ${SAMPLES} of each`,
      figures: [
        ...figures,
        {
          name: 'projected while it was made',
          value: made.recordsPerSecond,
          unit: 'records/s',
          note: 'decoded, folded and written, on one thread',
        },
        { name: 'store', value: size, unit: 'MB' },
      ],
      audit: null,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function make(file: string, entries: number): Promise<Made> {
  const wallets = Math.max(100, Math.round(entries / ENTRIES_A_WALLET))
  const history = new TransferLog({ wallets, partitions: PARTITIONS, recordsPerBatch: RECORDS_PER_BATCH })
  const store = new SqliteStore(file, { id: 'bench', partitions: PARTITIONS })
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
  for (const groups of [history.opening(), history.transfers(entries - wallets)]) {
    for (const group of groups) {
      // The history has no journal: positions are given here.
      for (const batch of group) waiting.push({ ...batch, position: ++position })
      if (waiting.length >= BATCHES_A_WRITE) await take()
    }
  }
  await take()
  await projector.round()
  store.close()
  const seqs = history.logs.map(({ seq }) => seq)
  const records = seqs.reduce((sum, seq) => sum + seq, 0)
  return {
    wallets: history.wallets.map(({ id }) => id),
    lastMs: Math.max(...history.logs.map(({ atMs }) => atMs)),
    recordsPerSecond: (records * 1000) / spentMs,
    seqs,
  }
}

type Draw = (index: number) => Question

/** Every page of docs/ledger.md. Wallets, moments and records are spread evenly, and the same in every run. */
function questions({ wallets, lastMs, seqs }: Made): Readonly<Record<string, Draw>> {
  const spread = (index: number, below: number): number => Math.floor(((index * 0.618_033_988_75) % 1) * below)
  const moment = (index: number): number => START_MS + 1 + spread(index * 7 + 3, lastMs - START_MS)
  const account = (index: number): string => `2001:${wallets[spread(index, wallets.length)]}`
  const actor = (index: number): string => `wallet/${wallets[spread(index, wallets.length)]}`
  const window = Math.max(1, Math.round((lastMs - START_MS) / 1_000))
  return {
    'one record': (index) => {
      const partition = index % PARTITIONS
      return { kind: 'record', partition, seq: 1 + spread(index, seqs[partition] ?? 1) }
    },
    'entries of a wallet, newest': (index) => ({ ...everything, actor: actor(index) }),
    'entries of a wallet, before a moment': (index) => ({ ...everything, actor: actor(index), toMs: moment(index) }),
    'entries of all, a thousandth of the time': (index) => {
      return { ...everything, fromMs: moment(index), toMs: moment(index) + window }
    },
    'entries of all, two amounts only': (index) => {
      return { ...everything, fromMs: START_MS, toMs: moment(index), asset: 'USD', minMinor: 13n, maxMinor: 14n }
    },
    'entries of a system account, newest': () => ({ ...everything, account: '2006', fromMs: START_MS }),
    'entries of a system account, none found': (index) => {
      return { ...everything, account: '4001', fromMs: START_MS, toMs: moment(index) }
    },
    'statement of a wallet, all of it': (index) => {
      return { kind: 'statement', account: account(index), asset: 'USD', fromMs: START_MS, toMs: lastMs }
    },
    'statement of a wallet, a tenth of the time': (index) => {
      const fromMs = moment(index)
      return { kind: 'statement', account: account(index), asset: 'USD', fromMs, toMs: fromMs + window * 100 }
    },
    'balance of a wallet, now': (index) => ({ kind: 'balance', account: account(index), asset: 'USD', atMs: null }),
    'balance of a wallet, as of a moment': (index) => {
      return { kind: 'balance', account: account(index), asset: 'USD', atMs: moment(index) }
    },
    'balance of a system account, as of a moment': (index) => {
      return { kind: 'balance', account: '1002', asset: 'USD', atMs: moment(index) }
    },
    'trial balance, now': () => ({ kind: 'trial', asset: null, atMs: null }),
    'trial balance, as of a moment': (index) => ({ kind: 'trial', asset: null, atMs: moment(index) }),
  }
}

const everything: EntriesQuestion = {
  kind: 'entries',
  account: null,
  actor: null,
  asset: null,
  operation: null,
  side: null,
  fromMs: null,
  toMs: null,
  minMinor: null,
  maxMinor: null,
  cursor: null,
  limit: 50,
}

async function measured(reader: SqliteLedgerReader, name: string, draw: Draw): Promise<readonly Figure[]> {
  const histogram = newHistogram()
  let found = 0
  for (let index = 0; index < SAMPLES; index++) {
    const beganMs = performance.now()
    const answer = await reader.ask(draw(index))
    histogram.recordValue(Math.max(1, Math.round((performance.now() - beganMs) * 1000)))
    if (answer.kind === 'refused') throw new Error(`${name}: ${answer.code}`)
    if (answer.kind === 'entries' || answer.kind === 'statement') found += answer.legs.length
    if (answer.kind !== 'trial') continue
    const sum = answer.rows.reduce((left, { debitMinor, creditMinor }) => left + debitMinor - creditMinor, 0n)
    if (sum !== 0n) throw new Error(`${name}: the trial balance is off by ${sum}`)
  }
  const note = found === 0 ? {} : { note: `${Math.round(found / SAMPLES)} entries in the mean` }
  return [
    { name: `${name}: p95`, value: percentileMs(histogram, 95), unit: 'ms', target: { most: P95_MS }, ...note },
    { name: `${name}: p50`, value: percentileMs(histogram, 50), unit: 'ms' },
  ]
}
