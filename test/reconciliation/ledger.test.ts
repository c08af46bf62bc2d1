// The ledger's own checks over whole data folders: what a store behind its journal is worth, how old money may be under
// way, and that whatever is damaged is found by the check that it belongs to, and by no other.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CheckResult } from '../../server/reconciliation/checks.ts'
import type { LedgerReading } from '../../server/reconciliation/ledger/ledgerReading.ts'
import { readFolder } from '../../server/reconciliation/ledger/readFolder.ts'
import { LAG_LIMIT_MS, TRANSIT_CRITICAL_MS, TRANSIT_LATE_MS } from '../../server/reconciliation/limits.ts'
import type { WalletId } from '../../shared/ids.ts'
import { damages } from '../audit/damages.ts'
import { tamper, writeJournal, writeStore } from '../support/dataFolder.ts'
import { LogBuilder } from '../support/logBuilder.ts'
import { sampleLog } from '../support/sampleLog.ts'

describe('reconciliation: the ledger', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leet-reconcile-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const check = ({ checks }: LedgerReading, name: string): CheckResult => {
    const found = checks.find((one) => one.check === name)
    if (found === undefined) throw new Error(`no check ${name}`)
    return found
  }
  const of = ({ checks }: LedgerReading, status: CheckResult['status']): readonly string[] =>
    checks.filter((one) => one.status === status).map((one) => one.check)
  /** One wallet with a deposit, a hold and an open withdrawal. */
  function plainLog(): { readonly log: LogBuilder; readonly wallet: string; readonly atMs: number } {
    const log = new LogBuilder(1)
    const wallet = log.walletIn(0, 'ann')
    log.epoch(0)
    log.command(wallet, 'open', { ev: [['opened', 'u_ann']] })
    log.deposit(wallet, 10_000n)
    log.hold(wallet, 700n, 'h', log.nowMs + 60_000)
    return { log, wallet, atMs: log.nowMs }
  }
  async function written(log: LogBuilder, behind = 0): Promise<void> {
    const batches = log.seal()
    const dataSet = writeJournal(folder, batches, log.partitions)
    await writeStore(folder, dataSet, batches.slice(0, batches.length - behind), { finalRound: true })
  }

  it('is clean, check by check, and gives the movements of providers’ accounts', async () => {
    const { log, wallet, atMs } = plainLog()
    await written(log)
    const reading = await readFolder(folder, () => atMs)
    expect(of(reading, 'clean')).to.have.length(13)
    expect(check(reading, 'holds').counts).to.deep.equal({ open: 1 })
    expect(reading.beyondStore).to.equal(0)
    expect(reading.movements.accounts.get('1002')).to.deep.equal([
      {
        ...{ side: 'movement', record: '0-3', wallet: wallet as WalletId, asset: 'USD', direction: 'in' },
        ...{ amountMinor: 10_000n, atMs: atMs - 2, references: [`deposit:${wallet}:x`] },
      },
    ])
  })

  it('without a store says so of every check of one', async () => {
    const { log, atMs } = plainLog()
    writeJournal(folder, log.seal(), 1)
    const reading = await readFolder(folder, () => atMs)
    expect(of(reading, 'clean')).to.deep.equal(['chain', 'entries', 'trial_balance', 'transit', 'withdrawals', 'holds'])
    expect(check(reading, 'keys')).to.deep.include({ status: 'not_checked', reason: 'there is no store here' })
  })

  it('checks a store that is behind as of its checkpoint, unless it has stood too long', async () => {
    const { log, wallet, atMs } = plainLog()
    log.cut(0)
    log.deposit(wallet, 500n)
    await written(log, 1)
    const young = await readFolder(folder, () => atMs + LAG_LIMIT_MS)
    expect(of(young, 'clean')).to.have.length(13)
    expect(young.beyondStore).to.equal(1)
    const old = await readFolder(folder, () => atMs + LAG_LIMIT_MS + 1)
    expect(check(old, 'snapshots').reason).to.match(/has nothing of the last 60 s, 1 records: its projector stands/)
    expect(of(old, 'clean')).to.have.length(6)
  })

  for (const [ageMs, severity, status] of [
    [0, 'info', 'clean'],
    [TRANSIT_LATE_MS, 'warning', 'discrepancies'],
    [TRANSIT_CRITICAL_MS, 'critical', 'discrepancies'],
  ] as const) {
    it(`money that is under way for ${ageMs / 1000} s is ${severity}`, async () => {
      const { log, wallet } = plainLog()
      const sent = log.send(wallet, log.walletIn(0, 'bob'), 25n)
      await written(log)
      const transit = check(await readFolder(folder, () => sent.t + ageMs), 'transit')
      expect(transit).to.deep.include({ status, counts: { undelivered: 1, parked: 0 } })
      expect(transit.discrepancies[0]).to.deep.include({ class: 'in_transit', severity, amountMinor: 25n, ageMs })
    })
  }

  it('money in parked envelopes is never explained', async () => {
    const { log } = sampleLog()
    await written(log)
    const transit = check(await readFolder(folder, () => log.nowMs), 'transit')
    expect(transit.status).to.equal('discrepancies')
    expect(transit.discrepancies.map(({ severity, text }) => `${severity} ${text}`)).to.include(
      'critical parked USD: 1.00 USD lies in parked envelopes',
    )
  })

  it('events that open more than the entries is the first finding, and nothing else is called clean for it', async () => {
    const { log, wallet, atMs } = plainLog()
    log.command(wallet, 'withdraw', {
      op: 'withdrawal',
      ev: [['withdrawal_requested', '0-5', 'USD', '1', '0', '1', 'd']],
    })
    writeJournal(folder, log.seal(), 1)
    const reading = await readFolder(folder, () => atMs)
    // What the wallet believes is another check's finding, and the first: the others are not taken for clean.
    expect(check(reading, 'entries').discrepancies[0]?.text).to.match(/A3: wallet\/\w+ believes in \d+ USD/)
    expect(check(reading, 'withdrawals').status).to.equal('not_checked')
  })

  for (const [index, { what, file, at, says }] of damages(sampleLog()).entries()) {
    it(`${file}: ${what}: is named, by its own check`, async () => {
      const sample = sampleLog()
      await written(sample.log)
      tamper(folder, file, damages(sample)[index]?.sql ?? '')
      const reading = await readFolder(folder, () => sample.log.nowMs)
      const found = reading.checks
        .filter(({ check: name }) => name !== 'transit' || file === 'journal.db')
        .flatMap(({ discrepancies }) => discrepancies)
        .filter(({ class: kind, severity }) => kind === 'broken' && severity === 'critical')
      // `place: invariant: what is wrong`.
      const said = found.map(({ text }) => text.replace(/^\S+: [A-Z]\d: /, ''))
      expect(
        said.some((text) => says.test(text)),
        said.join('\n'),
      ).to.equal(true)
      expect(found.map(({ text }) => text.split(': ')[0])).to.include(at)
      if (file === 'store.db') {
        expect(of(reading, 'clean')).to.include.members(['chain', 'entries', 'trial_balance', 'withdrawals', 'holds'])
        expect(reading.isWhole).to.equal(true)
      } else {
        expect(of(reading, 'clean'), 'nothing behind a fault of the journal is called clean').to.not.include(
          'snapshots',
        )
        expect(reading.isWhole).to.equal(false)
      }
    })
  }
})
