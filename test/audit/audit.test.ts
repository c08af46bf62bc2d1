// What the auditor lets pass, what it tells about a sound log, and what it remembers.

import { expect } from 'chai'
import { Audit } from '../../server/audit/audit.ts'
import { LogBuilder, type SealedBatch } from '../support/logBuilder.ts'
import { sampleLog } from '../support/sampleLog.ts'

const DAY_MS = 24 * 60 * 60 * 1000

function fed(batches: readonly SealedBatch[], partitions = 2): Audit {
  const audit = new Audit({ partitions, keepKeys: true })
  for (const { partition, position, bytes } of batches) audit.take(partition, position, bytes)
  return audit
}

describe('audit: a sound log', () => {
  it('passes, in whatever order the partitions are read', () => {
    const batches = sampleLog().log.seal()
    const byPartition = [...batches].sort((a, b) => b.partition - a.partition)
    expect(fed(batches).finish().violation).to.equal(null)
    expect(fed(byPartition).finish().violation).to.equal(null)
  })

  it('passes empty', () => {
    const { violation, summary } = new Audit({ partitions: 16 }).finish()
    expect(violation).to.equal(null)
    expect(summary).to.include({ records: 0, batches: 0, accounts: 0, undelivered: 0 })
    expect(summary.assets).to.deep.equal([])
  })

  it('is summed up', () => {
    const { summary } = fed(sampleLog().log.seal()).finish()
    expect(summary).to.include({ records: 22, refused: 2, parked: 1, timers: 0, undelivered: 1 })
    expect(summary.assets).to.deep.equal([
      {
        asset: 'USD',
        debitMinor: 17_000n,
        creditMinor: 17_000n,
        ownedMinor: 16_875n,
        transitMinor: 125n,
        undeliveredMinor: 25n,
        parkedMinor: 100n,
      },
    ])
    expect(summary.partitions.map(({ partition, seq, epoch }) => ({ partition, seq, epoch }))).to.deep.equal([
      { partition: 0, seq: 15, epoch: 2 },
      { partition: 1, seq: 7, epoch: 1 },
    ])
  })

  it('answers balances as the log states them', () => {
    const { log, alice, bob, carol } = sampleLog()
    const audit = fed(log.seal())
    for (const wallet of [alice, bob, carol])
      expect(audit.balanceOf(`2001:${wallet}`, 'USD')).to.equal(log.balance(wallet))
    expect(audit.balanceOf('1002', 'USD')).to.equal(17_000n)
    expect(audit.balanceOf('1002', 'USD', 1)).to.equal(5_000n)
    expect(audit.balanceOf('2001:nobody', 'USD')).to.equal(0n)
    const owned = [...audit.ownedBalances()].map(({ account, minor }) => `${account} ${minor}`)
    expect(owned).to.have.members([
      `2001:${alice} ${log.balance(alice)}`,
      `2005:${alice} 0`,
      `2001:${bob} ${log.balance(bob)}`,
      `2001:${carol} ${log.balance(carol)}`,
    ])
  })

  it('tells which record carried out a key', () => {
    const { log, alice, bob, record } = sampleLog()
    const audit = fed(log.seal())
    expect(audit.takenRecords(`wallet/${alice}`, record.send.c?.[1] ?? '')).to.deep.equal([
      { recordId: '0-4', refused: null },
    ])
    expect(audit.takenRecords(`wallet/${bob}`, record.refusedCommand.c?.[1] ?? '')).to.deep.equal([
      { recordId: '1-3', refused: 'wallet.insufficient_funds' },
    ])
    expect(audit.takenRecords(`wallet/${bob}`, 'never used')).to.deep.equal([])
  })
})

describe('audit: as it goes', () => {
  it('checks after every batch in the order of commits', () => {
    const { log } = sampleLog()
    const audit = new Audit({ partitions: 2 })
    for (const { partition, position, bytes } of log.seal()) {
      expect(audit.take(partition, position, bytes)).to.equal(null)
      expect(audit.check()).to.equal(null)
    }
  })

  it('stays with the first finding', () => {
    const { log, record } = sampleLog()
    record.deposit.t = 0
    const audit = fed(log.seal())
    const first = audit.violation
    expect(first).to.include({ invariant: 'A7', at: '0:3' })
    expect(audit.take(0, 99, Buffer.from('{}\n'))).to.equal(first)
    expect(audit.finish().violation).to.equal(first)
  })

  it('finds positions that do not grow, and partitions that are none', () => {
    const [first, , second] = sampleLog().log.seal()
    const audit = new Audit({ partitions: 2 })
    audit.take(0, 7, first?.bytes ?? Buffer.alloc(0))
    expect(audit.take(0, 7, second?.bytes ?? Buffer.alloc(0))).to.include({ invariant: 'J2', at: '0:5' })
    expect(new Audit({ partitions: 2 }).take(2, 1, first?.bytes ?? Buffer.alloc(0))).to.include({ invariant: 'J1' })
  })

  const garbage = [
    '',
    '\n',
    '{}',
    '{}\n',
    'null\n',
    '[]\n',
    '"x"\n',
    '{"v":1}\n',
    '{"v":1,"partition":0,"epoch":-1}\n',
    '\u0000\n',
  ]
  for (const text of garbage) {
    it(`answers J3 to ${JSON.stringify(text)}`, () => {
      expect(new Audit({ partitions: 1 }).take(0, 1, Buffer.from(text))).to.include({ invariant: 'J3', at: '0:1' })
    })
  }

  it('answers J3 to bytes that are no text', () => {
    expect(new Audit({ partitions: 1 }).take(0, 1, Buffer.from([0xff, 0xfe, 0x0a]))).to.include({ invariant: 'J3' })
  })
})

describe('audit: keys (M6)', () => {
  const repeatAfter = (pauseMs: number, twice: number): string | undefined => {
    const log = new LogBuilder(1)
    const wallet = log.walletIn(0, 'keys')
    log.epoch(0)
    for (let round = 0; round <= twice; round++) {
      log.command(wallet, 'send', { x: 'wallet.insufficient_funds' }, 'the-key')
      log.nowMs += pauseMs - 1 // the builder's clock moves 1 ms a record
    }
    return fed(log.seal(), 1).finish().violation?.invariant
  }

  it('one outcome within 24 h, another only after that', () => {
    expect(repeatAfter(5, 1)).to.equal('M6')
    expect(repeatAfter(DAY_MS - 1, 1)).to.equal('M6')
    expect(repeatAfter(DAY_MS, 1)).to.equal(undefined)
    expect(repeatAfter(DAY_MS, 5)).to.equal(undefined)
  })

  it('remembers the first of many thousand keys', () => {
    const log = new LogBuilder(1)
    const wallet = log.walletIn(0, 'keys')
    log.epoch(0)
    const refusal = { x: 'wallet.insufficient_funds' }
    for (let index = 0; index < 5_000; index++) log.command(wallet, 'send', refusal)
    const audit = fed(log.seal(), 1)
    expect(audit.finish().violation).to.equal(null)
    log.cut(0)
    log.command(wallet, 'send', refusal, 'k-1')
    const last = log.seal().at(-1)
    expect(audit.take(0, 2, last?.bytes ?? Buffer.alloc(0))).to.include({ invariant: 'M6', at: '0:5002' })
  })

  it('the same key of another actor is another key', () => {
    const log = new LogBuilder(1)
    log.epoch(0)
    for (const stem of ['one', 'two', 'three']) log.command(log.walletIn(0, stem), 'open', {}, 'open')
    expect(fed(log.seal(), 1).finish().violation).to.equal(null)
  })
})

describe('audit: money in transit (M4)', () => {
  it('a record may take one envelope and send its money on', () => {
    const log = new LogBuilder(2)
    const [a, b, c] = [log.walletIn(0, 'aaaa'), log.walletIn(1, 'bbbb'), log.walletIn(0, 'cccc')]
    log.epoch(0)
    log.epoch(1)
    log.deposit(a, 500n)
    log.send(a, b, 500n)
    const relayed = log.relay(0, 1, c)
    log.cut(0)
    log.receive(1, 0)
    expect(fed(log.seal()).finish().violation).to.equal(null)
    const row = relayed?.out?.[0]
    if (row !== undefined) row[4] = ['USD', '501']
    expect(fed(log.seal()).violation).to.include({ invariant: 'M4', at: '1:2' })
  })
})
