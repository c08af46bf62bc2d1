// What never reaches the log, and what reaches it once in a while.

import { expect } from 'chai'
import { AlarmLog } from '../../server/alarmLog.ts'
import { createLog } from '../../server/log.ts'

describe('log', () => {
  it('cuts out tokens, passwords and secrets, wherever they stand', () => {
    const lines: string[] = []
    const log = createLog('info', { write: (line) => lines.push(line) })
    const hidden = 'HIDDEN'
    const headers = { authorization: hidden, 'x-resource-owner-id': hidden, cookie: hidden, host: 'here' }
    const body = { password: hidden, refresh_token: hidden, email: 'ann@example.com' }
    log.error({ headers, token: hidden, request: { headers, body }, secret: hidden, requestId: 'r1' }, 'request failed')
    const written = lines.join('')
    expect(written).not.to.include(hidden)
    expect(JSON.parse(written)).to.deep.include({ level: 'error', msg: 'request failed', requestId: 'r1' })
    expect(written).to.include('ann@example.com').and.include('here')
  })
})

describe('alarms in the log', () => {
  const raised: readonly (readonly [atMs: number, event: string, partition: number | null, line: object | null])[] = [
    [0, 'journal.write_failed', null, { event: 'journal.write_failed' }],
    [50, 'journal.write_failed', null, null],
    [50, 'journal.uncertain', 1, { event: 'journal.uncertain', partition: 1 }],
    [60, 'journal.uncertain', 2, { event: 'journal.uncertain', partition: 2 }],
    [100, 'journal.uncertain', 1, null],
    [150, 'journal.write_failed', null, null],
    [160, 'actor.threw', null, { event: 'actor.threw' }],
    [161, 'actor.threw', null, { event: 'actor.threw' }],
    [10_000, 'journal.write_failed', null, { event: 'journal.write_failed', leftOut: 2 }],
    [10_001, 'journal.write_failed', null, null],
    [30_000, 'journal.uncertain', 2, { event: 'journal.uncertain', partition: 2 }],
  ]

  it('of a trouble met with every try: the first, then one in ten seconds that counts the rest', () => {
    const lines: string[] = []
    let nowMs = 0
    const alarms = new AlarmLog(createLog('info', { write: (line) => lines.push(line) }), () => nowMs)
    for (const [atMs, event, partition, line] of raised) {
      nowMs = atMs
      lines.length = 0
      alarms.tell(event, partition === null ? {} : { partition })
      const told = lines.map((text) => JSON.parse(text))
      const about = `${event} at ${atMs}`
      if (line === null) expect(told, about).to.deep.equal([])
      else expect(told[0], about).to.deep.include({ msg: 'alarm', ...line })
    }
  })
})
