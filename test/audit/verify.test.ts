// `npm run verify` as its user sees it: what it prints and how it exits.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { lockDataFolder } from '../../server/journal/lock.ts'
import { tamper, writeJournal, writeStore } from '../support/dataFolder.ts'
import { sampleLog } from '../support/sampleLog.ts'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function verify(args: readonly string[], dataDir = ''): Ended {
  const script = join(import.meta.dirname, '..', '..', 'server', 'verify.ts')
  const done = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    encoding: 'utf8',
    env: dataDir === '' ? {} : { DATA_DIR: dataDir },
    cwd: tmpdir(),
  })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

describe('verify', () => {
  let folder = ''
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'leet-verify-'))
    const batches = sampleLog().log.seal()
    await writeStore(folder, writeJournal(folder, batches, 2), batches, { finalRound: true })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('prints a table and that the ledger is sound', () => {
    const { code, out, err } = verify(['--data', folder])
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    expect(out).to.match(/records +22 in 11 batches \(2 refused, 1 parked\)/)
    expect(out).to.match(/USD +168\.75 +170\.00 +170\.00 +1\.25 +0\.25 +1\.00 +balanced/)
    expect(out).to.match(/3 actor and 2 partition snapshots, 19 entries, 13 keys/)
    expect(out).to.match(/records\/s\nledger is sound\n$/)
  })

  it('takes the folder from DATA_DIR, and says the same as JSON', () => {
    const { code, out } = verify(['--json'], folder)
    expect(code).to.equal(0)
    const report = JSON.parse(out)
    expect(report).to.include({ folder, sound: true, violation: null, partitions: 2 })
    expect(report.summary.assets[0]).to.include({ asset: 'USD', transitMinor: '125', undeliveredMinor: '25' })
  })

  it('checks the journal alone where there is no store, and says so', () => {
    rmSync(join(folder, 'store.db'))
    const { code, out } = verify(['--data', folder])
    expect(code).to.equal(0)
    expect(out).to.contain('the journal alone was checked')
  })

  it('names the broken invariant, the place and the remedy', () => {
    tamper(folder, 'store.db', 'UPDATE balances SET minor = minor + 1')
    const { code, out } = verify(['--data', folder])
    expect(code).to.equal(1)
    expect(out).to.match(/BROKEN S1 at \d:\d+: the store has .*\nremedy: .*delete store\.db/)
  })

  it('checks partitions through a range, beside a server as well, and says what it left out', () => {
    const lock = lockDataFolder(folder)
    const { code, out } = verify(['--data', folder, '--partition', '1', '--from', '2', '--to', '5'])
    lock.release()
    expect(code).to.equal(0)
    expect(out).to.match(
      /^partition 1: 4 records checked, chain followed through 1:\d+, head [0-9a-f]{64}\nsound as far/,
    )
    expect(out).to.include('not checked: envelopes between partitions (M4)')
    const all = JSON.parse(verify(['--data', folder, '--from', '1', '--json']).out)
    expect(all).to.deep.include({ sound: true })
    expect(all.partitions.map(({ records }: { records: number }) => records)).to.deep.equal([15, 7])
  })

  it('names what is broken in a range', () => {
    tamper(folder, 'journal.db', 'UPDATE commits SET checksum = 1 WHERE id = 3')
    const { code, out } = verify(['--data', folder, '--partition', '1'])
    expect(code).to.equal(1)
    expect(out).to.match(/^BROKEN J3 at 1:\d+: .*commit 3.*\nNOT SOUND\n$/)
  })

  const refused: readonly (readonly [string, (folder: string) => readonly string[], number, RegExp])[] = [
    ['an unknown option', () => ['--fast'], 2, /Unknown option '--fast'.*usage: npm run verify/],
    ['a range backwards', () => ['--from', '5', '--to', '4'], 2, /--to is before --from.*usage/],
    ['no number', () => ['--partition', 'x'], 2, /--partition takes a whole number from 0/],
    ['a partition too many', (own) => ['--data', own, '--partition', '2'], 2, /partition 2: is none.*They are 0 to 1/],
    ['a missing folder', (own) => ['--data', join(own, 'none')], 2, /none: no such folder\. Name a data folder/],
    ['a folder without a journal', () => ['--data', import.meta.dirname], 2, /no data set is here/],
  ]
  for (const [what, args, code, says] of refused) {
    it(`answers ${what} with one line and ${code}`, () => {
      const ended = verify(args(folder))
      expect(ended.code).to.equal(code)
      expect(ended.err).to.match(says)
      expect(ended.err.trim().split('\n')).to.have.length(1)
      expect(existsSync(join(folder, 'none'))).to.equal(false)
    })
  }

  it('refuses a folder that a running server has', () => {
    const lock = lockDataFolder(folder)
    const { code, err } = verify(['--data', folder])
    lock.release()
    expect(code).to.equal(2)
    expect(err).to.match(/^Cannot verify: .*in use by another server, pid \d+/)
    expect(verify(['--data', folder]).code).to.equal(0)
  })

  it('answers a store of another journal, and files that are none, with 1', () => {
    tamper(folder, 'store.db', `UPDATE facts SET value = 'another' WHERE name = 'data_set'`)
    const foreign = verify(['--data', folder])
    expect(foreign.code).to.equal(1)
    expect(foreign.err).to.match(/made from another journal/)
    tamper(folder, 'journal.db', 'DROP TABLE facts')
    const torn = verify(['--data', folder])
    expect(torn.code).to.equal(1)
    expect(torn.err).to.match(/journal\.db: not readable as a journal/)
  })
})
