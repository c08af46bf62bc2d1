// The stream of public events of real servers: what a service outside is told of a match for stakes, also of one that was
// played while nobody was there to publish, and the example of docs/events.md at work.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ControlClient } from '../../loadtest/match/controlClient.ts'
import { startCluster, type TestCluster } from '../support/cluster.ts'
import { followMatches, type MatchNews } from '../support/eventConsumer.ts'
import { call, newGuest, newKey } from '../support/http.ts'
import { PROJECT_ROOT } from '../support/server.ts'
import { describeWithServers } from '../support/services.ts'
import { until } from '../support/until.ts'

const PROGRAM = 'loadtest/match/matchServer.ts'

describeWithServers(['nats', 'mongo', 'redis'], 'public events of servers', () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await startCluster({ servers: 0, leaseTtlMs: 1_000 })
  })
  after(() => cluster.stop())

  /** Made for stakes of 5.00, and called off. */
  async function cancelled(): Promise<string> {
    const server = cluster.servers.at(-1)
    if (server === undefined) throw new Error('no server')
    const players = await Promise.all([newGuest(server.url), newGuest(server.url)])
    for (const { token } of players) {
      const body = { currency: 'USD', amount: '10', idempotency_key: newKey() }
      expect((await call(server.url, 'POST /wallet/deposit', { token, body })).status).to.equal(200)
    }
    const control = new ControlClient(server.dataDir)
    const users = players.map(({ userId }) => userId)
    const match = await control.ready({ users, spec: { mode: 'bo3', stakeMinor: 500n } })
    await until('it is ready', async () => (await control.match(match)).status === 'ready')
    await control.ask('match', match, { kind: 'abort', reason: 'a test' }, 'abort')
    return match
  }

  it('tell of a match and its pool, also of one from before they published', async () => {
    const silent = await cluster.join({}, PROGRAM)
    const early = await cancelled()
    expect(await silent.stop(), silent.output).to.equal(0)
    await cluster.join({ EVENTS: 'on' }, PROGRAM)
    const late = await cancelled()

    const told: MatchNews[] = []
    const [nats] = cluster.nats
    const stop = await followMatches(nats?.url ?? '', 'leet', 'a_service', (news) => told.push(news))
    const typesOf = (match: string): readonly string[] =>
      told.filter(({ match_id: id }) => id === match).map(({ type }) => type)
    const whole = [
      'created',
      'funding',
      'pool_funded',
      'pool_funded',
      'ready',
      'pool_locked',
      'cancelled',
      'pool_refunded',
    ]
    for (const match of [early, late]) {
      await until('all is told', () => typesOf(match).length >= whole.length)
      expect(typesOf(match)).to.deep.equal(whole)
    }
    await stop()
  })

  it('are followed as docs/events.md shows', () => {
    const [example, text] = ['test/support/eventConsumer.ts', 'docs/events.md'].map((file) =>
      readFileSync(join(PROJECT_ROOT, file), 'utf8'),
    )
    expect(text).to.include(example?.slice(example.indexOf('import')) ?? '')
  })
})
