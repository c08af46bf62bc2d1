// What a flood of refusals leaves in the audit log: who, what and how often, and no more than a bounded number of entries.

import { expect } from 'chai'
import type { AuditFact } from '../../server/staff/auditLog.ts'
import { RefusalTally } from '../../server/staff/refusalTally.ts'
import { auditFact } from '../conformance/auditLog.suite.ts'
import { ManualTime } from '../support/manualTime.ts'

const MINUTE_MS = 60_000

describe('refusals of those who are no staff', () => {
  let time: ManualTime
  let recorded: AuditFact[]
  let tally: RefusalTally
  beforeEach(() => {
    time = new ManualTime(0)
    recorded = []
    tally = new RefusalTally(time, (fact) => recorded.push(fact))
  })

  const refusal = (address: string): AuditFact =>
    auditFact({ actor: null, roles: [], address, outcome: 'refused', status: 401, code: 'unauthenticated' })
  const seen = () => recorded.map(({ address, outcome, count }) => [address, outcome, count])

  it('are on record at once, and those that follow within a minute as one number', async () => {
    for (let call = 0; call < 1_000; call++) tally.note(refusal('192.0.2.1'))
    tally.note(refusal('192.0.2.2'))
    const first = [
      ['192.0.2.1', 'refused', 1],
      ['192.0.2.2', 'refused', 1],
    ]
    expect(seen()).to.deep.equal(first)
    await time.advance(MINUTE_MS)
    expect(seen()).to.deep.equal([...first, ['192.0.2.1', 'counted', 999]])
    tally.note(refusal('192.0.2.1'))
    expect(seen().at(-1)).to.deep.equal(['192.0.2.1', 'refused', 1])
  })

  it('from everywhere at once cost no more than 65 entries a minute, and none is lost from the count', async () => {
    for (let call = 0; call < 100_000; call++) tally.note(refusal(`2001:db8:0:${(call % 50_000).toString(16)}::/64`))
    await time.advance(MINUTE_MS)
    expect(recorded).to.have.length(65)
    expect(recorded.reduce((sum, { count }) => sum + count, 0)).to.equal(100_000)
    expect(recorded.at(-1)).to.deep.include({ address: null, route: null, outcome: 'counted', count: 100_000 - 64 })
  })

  it('that wait to be counted are on record when the server stops', () => {
    for (let call = 0; call < 3; call++) tally.note(refusal('192.0.2.1'))
    tally.flush()
    expect(seen().at(-1)).to.deep.equal(['192.0.2.1', 'counted', 2])
  })
})
