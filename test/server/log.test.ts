// What never reaches the log.

import { expect } from 'chai'
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
