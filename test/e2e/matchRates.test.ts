// Disputes have a rate of their own in the room of a match, far from that of inputs.

import { expect } from 'chai'
import { ControlClient } from '../../loadtest/match/controlClient.ts'
import { newGuest, newKey } from '../support/http.ts'
import { MatchClient } from '../support/matchClient.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

/** Fewer than the room lets go of a connection for. */
const TOO_MANY = 20

describe('match rooms, with rate limits', () => {
  let server: TestServer

  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'on' }, { program: 'loadtest/match/matchServer.ts' })
  })
  after(async () => {
    expect(await server.stop(), server.output).to.equal(0)
  })

  it('a player’s disputes are refused when there are too many; inputs are not', async () => {
    const control = new ControlClient(server.dataDir)
    const guests = [await newGuest(server.url), await newGuest(server.url)]
    const match = await control.ready({ users: guests.map(({ userId }) => userId) })
    const [anna, bert] = await Promise.all(guests.map((guest) => MatchClient.joinSoon(server.url, guest, match)))
    if (anna === undefined || bert === undefined) throw new Error('two')
    await anna.pushed('view')
    // At once, so that they are many more than a slow machine lets pass in the meantime.
    const asked = Array.from({ length: TOO_MANY }, () => anna.room.request('dispute', { type: 'bug', key: newKey() }))
    const codes = await Promise.all(asked.map(refusal))
    expect(codes[0]).to.include('match.window_over')
    expect(codes.at(-1)).to.include('rate_limited')
    anna.input('fire')
    await anna.pushed('view', ({ a }) => a === 1)
    await Promise.all([anna, bert].map((each) => each.leave()))
  })
})

async function refusal(asking: Promise<unknown>): Promise<string> {
  return asking.then(
    () => 'done',
    (error: unknown) => JSON.stringify(error),
  )
}
