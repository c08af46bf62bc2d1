// Questions about the ledger, answered from a SQLite file: the suite, and what only a file of an earlier release can lack.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import fc from 'fast-check'
import { answerQuestion } from '../../server/ledger/answerer.ts'
import { SqliteLedgerRows } from '../../server/store/ledgerRows.ts'
import { SqliteStore } from '../../server/store/sqliteStore.ts'
import { openStoreForReading } from '../../server/store/storeFile.ts'
import { plainLegs, plainTrial } from '../support/ledgerFold.ts'
import { LogBuilder } from '../support/logBuilder.ts'
import { temporaryFolder } from '../support/server.ts'
import { LEDGER_PARTITIONS, type LedgerUnderTest, ledgerSuite, play, project, scripts } from './ledger.suite.ts'
import { ledgerWalletsSuite } from './ledgerWallets.suite.ts'

const dataSet = { id: 'suite', partitions: LEDGER_PARTITIONS }

async function open(file = join(temporaryFolder(), 'store.db')): Promise<LedgerUnderTest> {
  const store = new SqliteStore(file, dataSet)
  const db = openStoreForReading(file, dataSet)
  return {
    store,
    reads: () => new SqliteLedgerRows(db, LEDGER_PARTITIONS),
    async close() {
      db.close()
      store.close()
    },
  }
}

ledgerSuite('SQLite', { open, runs: 20, steps: 300 })
ledgerWalletsSuite('SQLite', { open, runs: 20, steps: 200 })

describe('questions about the ledger: a file', () => {
  it('of an earlier release gets its closings from the journal, once, and keeps what it has', async () => {
    const file = join(temporaryFolder(), 'store.db')
    const [script = []] = fc.sample(scripts(900), { seed: 4, numRuns: 1 })
    const { log } = play(script)
    const first = await open(file)
    await project(first.store, log)
    await first.close()
    const closings = age(file)
    expect(closings.length).to.be.greaterThan(0)
    const again = await open(file)
    await project(again.store, log)
    expect(rowsOf(file)).to.deep.equal(closings)
    const atMs = log.nowMs
    // The record that every new owner of a partition begins with, and with it the next round.
    for (let partition = 0; partition < LEDGER_PARTITIONS; partition++) log.epoch(partition)
    await project(again.store, log)
    const answer = await answerQuestion(again.reads(), { kind: 'trial', asset: null, atMs })
    if (answer.kind !== 'trial') throw new Error(`refused: ${JSON.stringify(answer)}`)
    const trial = answer.rows.map(({ asset, code, debitMinor, creditMinor }) => [asset, code, debitMinor, creditMinor])
    expect(trial.filter(([, , debit, credit]) => debit !== credit)).to.deep.equal(plainTrial(plainLegs(log), atMs))
    for (let partition = 0; partition < LEDGER_PARTITIONS; partition++) {
      expect(await again.store.partitionSnapshot(partition)).to.have.property('owned')
    }
    await again.close()
  })

  it('has closings all along a long log, and each moment between them', async () => {
    const file = join(temporaryFolder(), 'store.db')
    const [script = []] = fc.sample(scripts(4_000), { seed: 11, numRuns: 1 })
    const { log } = play(script)
    const begunMs = log.batches[0]?.records[0]?.t ?? 0
    const opened = await open(file)
    await project(opened.store, log)
    expect(rowsOf(file).length).to.be.greaterThan(12)
    const legs = plainLegs(log)
    for (let part = 1; part <= 40; part++) {
      const atMs = begunMs + Math.floor(((log.nowMs - begunMs) * part) / 40)
      const answer = await answerQuestion(opened.reads(), { kind: 'trial', asset: null, atMs })
      if (answer.kind !== 'trial') throw new Error(`refused: ${JSON.stringify(answer)}`)
      const trial = answer.rows.map(({ asset, code, debitMinor, creditMinor }) => [
        asset,
        code,
        debitMinor,
        creditMinor,
      ])
      expect(trial.filter(([, , debit, credit]) => debit !== credit)).to.deep.equal(plainTrial(legs, atMs))
    }
    await opened.close()
  })

  it('finds an entry far back in a long history', async () => {
    const file = join(temporaryFolder(), 'store.db')
    const log = new LogBuilder(LEDGER_PARTITIONS)
    const wallet = log.walletIn(1, 'long')
    log.command(wallet, 'open', { ev: [['opened', 'u_long']] })
    const begunMs = log.nowMs
    for (let index = 0; index < 1_000; index++) {
      log.deposit(wallet, 1n)
      if (index % 50 === 0) log.cut(1)
    }
    const opened = await open(file)
    await project(opened.store, log)
    for (const count of [1, 127, 128, 129, 500, 1_000]) {
      const question = { kind: 'balance', account: `2001:${wallet}`, asset: 'USD', atMs: begunMs + count - 1 } as const
      expect(await answerQuestion(opened.reads(), question)).to.include({ minor: BigInt(count) })
    }
    await opened.close()
  })
})

/** Takes out of the file what an earlier release did not write; answers the closings it had. */
function age(file: string): unknown[] {
  const closings = rowsOf(file)
  const db = new DatabaseSync(file)
  db.exec('DROP TABLE closings; DROP TABLE entry_marks')
  db.exec(`UPDATE partition_snapshots SET snapshot = json_remove(snapshot, '$.owned')`)
  db.close()
  return closings
}

function rowsOf(file: string): unknown[] {
  const db = new DatabaseSync(file, { readOnly: true })
  const rows = db.prepare('SELECT * FROM closings ORDER BY partition, at_ms, seq').all()
  db.close()
  return rows
}
