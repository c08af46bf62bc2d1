// (11): staff's questions over a large embedded store: it is made by the projector and the store's own writer from a
// made-up history, and asked through the thread that the server asks. Also how fast the projector was at making it.

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { statementCsv, statementHtml } from '../../server/http/routes/statementText.ts'
import type { Answer, Question } from '../../server/ledger/questions.ts'
import { SqliteLedgerReader } from '../../server/store/ledgerReader.ts'
import { SqliteLedgerRows } from '../../server/store/ledgerRows.ts'
import { openStoreForReading } from '../../server/store/storeFile.ts'
import { type Draw, type Drawn, ledgerQuestions } from '../parts/ledgerQuestions.ts'
import { dataSet, makeLedger, PARTITIONS } from '../parts/ledgerStore.ts'
import { ROOT } from '../server.ts'
import type { Figure, PartResult } from './figures.ts'
import { newHistogram } from './fleet.ts'
import { percentileMs } from './loops.ts'
import type { Scale } from './scale.ts'

const SAMPLES = 300
const P95_MS = 50

export async function ledgerPart({ ledgerEntries, ledgerStore }: Scale): Promise<PartResult> {
  mkdirSync(join(ROOT, 'tmp'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'tmp', 'bench-'))
  const storeFile = ledgerStore ?? join(folder, 'store.db')
  try {
    const { wallets, recordsPerSecond } = await makeLedger(storeFile, ledgerEntries)
    const reader = new SqliteLedgerReader({ storeFile, dataSet })
    const figures: Figure[] = []
    const drawn = await drawnFrom(storeFile, wallets)
    for (const [name, draw] of Object.entries(ledgerQuestions(drawn))) {
      figures.push(...(await measured(reader, name, draw)))
    }
    await reader.close()
    const [load = 0] = loadavg()
    figures.push({ name: 'store', value: statSync(storeFile).size / 2 ** 20, unit: 'MB' })
    figures.push({ name: 'load average at the end', value: load, unit: '' })
    if (recordsPerSecond !== null) {
      const note = 'decoded, folded and written, on one thread'
      figures.push({ name: 'projected while it was made', value: recordsPerSecond, unit: 'records/s', note })
    }
    const entries = ledgerEntries.toLocaleString('en-US')
    const title = `(11) Questions about a ledger of ${entries} entries of owned accounts, ${SAMPLES} of each`
    return { part: 'ledger', title, figures, audit: null }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function drawnFrom(storeFile: string, wallets: readonly string[]): Promise<Drawn> {
  const db = openStoreForReading(storeFile, dataSet)
  const reads = new SqliteLedgerRows(db, PARTITIONS)
  const heads = await reads.heads()
  const newest = await Promise.all(
    heads.map(({ partition, seq }) => reads.recordsBefore(partition, seq, Number.MAX_SAFE_INTEGER, 1)),
  )
  db.close()
  const lastMs = Math.max(...newest.flat().map(({ atMs }) => atMs))
  return { wallets, lastMs, seqs: heads.map(({ seq }) => seq) }
}

async function measured(reader: SqliteLedgerReader, name: string, draw: Draw): Promise<readonly Figure[]> {
  const histogram = newHistogram()
  let found = 0
  let most = 0
  const cpu = process.cpuUsage()
  for (let index = 0; index < SAMPLES; index++) {
    const question = draw(index)
    const beganMs = performance.now()
    const answer = await reader.ask(question)
    write(name, question, answer)
    const tookMs = performance.now() - beganMs
    histogram.recordValue(Math.max(1, Math.round(tookMs * 1000)))
    most = Math.max(most, tookMs)
    found += check(name, answer)
  }
  const { user, system } = process.cpuUsage(cpu)
  const note = found === 0 ? {} : { note: `${Math.round(found / SAMPLES)} found in the mean` }
  return [
    { name: `${name}: p95`, value: percentileMs(histogram, 95), unit: 'ms', target: { most: P95_MS }, ...note },
    { name: `${name}: p50`, value: percentileMs(histogram, 50), unit: 'ms' },
    { name: `${name}: longest`, value: most, unit: 'ms' },
    { name: `${name}: processor, mean`, value: (user + system) / 1000 / SAMPLES, unit: 'ms' },
  ]
}

/** A statement is made into what is asked for. */
function write(name: string, question: Question, answer: Answer): void {
  if (question.kind !== 'statement' || answer.kind !== 'statement') return
  if (name.endsWith('CSV')) statementCsv(question, answer)
  if (name.endsWith('page')) statementHtml(question, answer)
}

/** Answers how much was found. Throws for what cannot be right. */
function check(name: string, answer: Answer): number {
  switch (answer.kind) {
    case 'refused':
      throw new Error(`${name}: ${answer.code}`)
    case 'entries':
    case 'statement':
    case 'caused':
      return answer.legs.length
    case 'wallets':
    case 'holds':
      return answer.rows.length
    case 'trial': {
      const sum = answer.rows.reduce((left, { debitMinor, creditMinor }) => left + debitMinor - creditMinor, 0n)
      if (sum !== 0n) throw new Error(`${name}: the trial balance is off by ${sum}`)
      return 0
    }
    default:
      return 0
  }
}
