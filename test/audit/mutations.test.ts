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

function auditOf(batches: readonly SealedBatch[], partitions = 2): Violation | null {
  const audit = new Audit({ partitions })
  for (const { partition, position, bytes } of batches) audit.take(partition, position, bytes)
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
