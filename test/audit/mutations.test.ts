// Every rule the auditor watches, broken one at a time in an otherwise sound log whose hashes and counts were computed
// after the damage: only the rule itself can give it away.

import { expect } from 'chai'
import { Audit } from '../../server/audit/audit.ts'
import type { Violation } from '../../server/audit/violation.ts'
import type { SealedBatch } from '../support/logBuilder.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { ENVELOPES } from './mutations/envelopes.ts'
import { FRAME } from './mutations/frame.ts'
import { OTHERS } from './mutations/keysAndTimers.ts'
import { MONEY } from './mutations/money.ts'
import { REVERSALS, reversalLog } from './mutations/reversals.ts'

function auditOf(batches: readonly SealedBatch[], partitions = 2): Violation | null {
  const audit = new Audit({ partitions })
  for (const { partition, position, bytes } of batches) audit.take(partition, position, bytes)
  const originals = audit.originals()
  for (const { partition, position, bytes } of batches) originals?.take(partition, position, bytes)
  return audit.finish().violation
}

describe('audit: what each broken rule is called, and where', () => {
  for (const { breaks, invariant, at, damage } of [...FRAME, ...MONEY, ...ENVELOPES, ...OTHERS]) {
    it(`${invariant}: ${breaks}`, () => {
      const sample = sampleLog()
      const { log, record } = sample
      const places = new Map<string, string>(Object.entries(record).map(([name, row]) => [name, log.at(row)]))
      places.set('lastEpochStart', log.at(record.secondEpoch))
      damage(sample)
      const violation = auditOf(log.seal())
      expect(violation).to.include({ invariant, at: places.get(at) }, violation?.message)
    })
  }
})

describe('audit: what was reversed (M8)', () => {
  it('is sound, and is not passed by without reading it again', () => {
    const batches = reversalLog().log.seal()
    expect(auditOf(batches)).to.equal(null)
    const audit = new Audit({ partitions: 2 })
    for (const { partition, position, bytes } of batches) audit.take(partition, position, bytes)
    expect(audit.finish().violation?.message).to.include('which was not read again')
  })

  it('is read again where something was reversed, and nowhere else', () => {
    const audit = new Audit({ partitions: 2 })
    for (const { partition, position, bytes } of sampleLog().log.seal()) audit.take(partition, position, bytes)
    expect(audit.originals()).to.equal(null)
  })

  for (const { breaks, says, damage } of REVERSALS) {
    it(breaks, () => {
      const sample = reversalLog()
      damage(sample)
      const violation = auditOf(sample.log.seal())
      expect(violation).to.include({ invariant: 'M8', part: 'journal' }, violation?.message)
      expect(violation?.message).to.match(says)
      expect(violation?.at).to.match(/^0:[78]$/)
    })
  }
})
