// The ends of partitions that were asked for one after the other, while envelopes went on between them.

import { expect } from 'chai'
import { Audit } from '../../server/audit/audit.ts'
import { readOn } from '../../server/audit/cluster/readOn.ts'
import { sampleLog } from '../support/sampleLog.ts'

describe('audit of a journal that goes on', () => {
  const batches = sampleLog().log.seal()
  for (const late of [0, 1]) {
    for (let read = 0; read < batches.length; read++) {
      it(`partition ${late} read through batch ${read} of all, the other to its end`, async () => {
        const audit = new Audit({ partitions: 2 })
        for (const [index, { partition, position, bytes }] of batches.entries()) {
          if (partition !== late || index < read) audit.take(partition, position, bytes)
        }
        const next = async (partition: number, after: number) =>
          batches.find((batch) => batch.partition === partition && batch.position > after) ?? null
        await readOn({ next }, audit)
        expect(audit.finish().violation).to.equal(null)
      })
    }
  }

  it('what is nowhere is named', async () => {
    const audit = new Audit({ partitions: 2 })
    for (const { partition, position, bytes } of batches) if (partition === 0) audit.take(partition, position, bytes)
    await readOn({ next: async () => null }, audit)
    expect(audit.finish().violation).to.include({ invariant: 'M4' })
  })
})
