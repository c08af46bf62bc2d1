// What the auditor says of NFTs (M1): sound logs pass, and each rule broken in a log whose hashes and counts were computed
// after the damage is found at its record.

import { expect } from 'chai'
import { Audit } from '../../server/audit/audit.ts'
import type { Violation } from '../../server/audit/violation.ts'
import type { SealedBatch, WireRecord } from '../support/logBuilder.ts'
import { type NftLog, type NftLogRecord, nftLog, tokenCode } from '../support/nftLog.ts'
import { entry, rename } from './mutations/mutation.ts'

function auditOf(batches: readonly SealedBatch[]): Violation | null {
  const audit = new Audit({ partitions: 2 })
  for (const { partition, position, bytes } of batches) audit.take(partition, position, bytes)
  return audit.finish().violation
}

describe('audit: NFTs (M1)', () => {
  it('passes tokens with a wallet, on their way, unclaimed and burned, however the partitions are read', () => {
    const batches = nftLog().log.seal()
    expect(auditOf(batches)).to.equal(null)
    const byPartition = [...batches].sort((a, b) => b.partition - a.partition)
    expect(auditOf(byPartition)).to.equal(null)
  })

  it('keeps nothing of a token that has gone', () => {
    const { log, alice, bob, first } = nftLog()
    const audit = new Audit({ partitions: 2 })
    for (const { partition, position, bytes } of log.seal()) audit.take(partition, position, bytes)
    expect(audit.balanceOf(`2001:${bob}`, first)).to.equal(1n)
    expect(audit.logs[0]?.accounts.balancesOf(`2001:${alice}`)).to.deep.equal([])
  })

  const rules: readonly (readonly [string, NftLogRecord, (log: NftLog) => void, string])[] = [
    ['a token is minted twice', 'mintAgain', ({ log, first, alice }) => void log.mint(first, alice), 'M1'],
    [
      'minted into the custody of another chain',
      'mint',
      ({ record }) => {
        for (const row of [record.mint]) rename(row, 0, '1003:1')
      },
      'M1',
    ],
    ['minted out of a bank', 'mint', ({ record }) => rename(record.mint, 0, '1001'), 'M1'],
    ['minted by the actor of another token', 'mint', ({ record, second }) => name(record.mint, second), 'M1'],
    [
      'minted by a wallet',
      'mint',
      ({ record, alice }) => {
        record.mint.a = `wallet/${alice}`
      },
      'M1',
    ],
    [
      'two of one token',
      'mint',
      ({ record }) => {
        for (const row of record.mint.en ?? []) row[3] = '2'
      },
      'M1',
    ],
    [
      'a token of no registered form',
      'mint',
      ({ record, first }) => {
        for (const row of record.mint.en ?? []) row[1] = first.replace('0xab', '0xAB')
      },
      'M1',
    ],
    ['sold for the conversion position', 'send', ({ record }) => rename(record.send, 1, '3002'), 'M1'],
    [
      'a burned token is left with its actor',
      'burn',
      ({ record }) => {
        entry(record.burn, 1)[2] = 'D'
        entry(record.burn, 0)[2] = 'C'
        entry(record.burn, 0)[4] = '2'
        entry(record.burn, 1)[4] = '2'
      },
      'M1',
    ],
  ]
  for (const [what, at, damage, invariant] of rules) {
    it(`finds that ${what}`, () => {
      const sample = nftLog()
      const place = what.endsWith('twice') ? nextOf(sample) : sample.log.at(sample.record[at])
      damage(sample)
      const violation = auditOf(sample.log.seal())
      expect(violation).to.include({ invariant, at: place }, violation?.message)
    })
  }

  it('finds two owners in one partition, though each has one', () => {
    const sample = nftLog()
    const { log, alice, bob, first, record } = sample
    // The transfer never left alice, and bob has the token all the same: to himself the log adds up.
    const other = log.walletIn(1, 'other')
    const again = log.send(bob, other, 1n, first)
    log.receive(1, 1)
    delete again.out
    expect(alice).to.be.a('string')
    expect(auditOf(log.seal())).to.include({ invariant: 'M4', at: log.at(again) })
    expect(record.receiveOfBob.en).to.have.length(2)
  })

  it('finds a token whose owners and custody differ in the end', () => {
    const { log, first, alice } = nftLog()
    const nowhere = tokenCode(999)
    expect(first).to.not.equal(nowhere)
    const record = log.deposit(alice, 1n, nowhere)
    for (const row of record.en ?? []) if (row[0] === '1002') row[0] = '1003:137'
    expect(auditOf(log.seal())).to.include({ invariant: 'M1', at: log.at(record) })
  })
})

function name(record: WireRecord, asset: string): void {
  record.a = `nft/${asset.slice(4)}`
}

/** Where the next record of partition 0 will stand. */
function nextOf({ log, record }: NftLog): string {
  const [partition, seq] = log.at(record.mintAgain).split(':')
  return `${partition}:${Number(seq) + 1}`
}
