// Matches among several servers: players and spectators may come to any of them, a match is played where its actor lives,
// goes on at another server when that one dies or lets go of it, and is paid once, to the cent.

import { expect } from 'chai'
import { ControlClient } from '../../loadtest/match/controlClient.ts'
import { duel } from '../../shared/games/duel.ts'
import { CLOSE } from '../../shared/matchMessages.ts'
import { startCluster, type TestCluster } from '../support/cluster.ts'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { MatchClient } from '../support/matchClient.ts'
import { freePort, type TestServer } from '../support/server.ts'
import { describeWithServers, type Service, startS3 } from '../support/services.ts'
import { until } from '../support/until.ts'

/** Looks in a row at which nothing has moved. */
const LOOKS = 150
const PROGRAM = 'loadtest/match/matchServer.ts'
/** What its server had not written yet when it died is lost: two seconds at most (R1). */
const TICKS_LOST = 2 * duel.tickHz
const STAKE_MINOR = 500n

const CASES = [
  { how: 'dies', staked: true },
  { how: 'dies', staked: false },
  { how: 'is stopped', staked: false },
] as const

describeWithServers(['nats', 'mongo', 'redis', 's3'], 'matches among servers', () => {
  let cluster: TestCluster
  let s3: Service

  before(async function () {
    this.timeout(240_000)
    s3 = await startS3()
    const env = {
      ...{ BLOBS_URL: 's3://leet/test', S3_ENDPOINT: s3.url, S3_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    }
    cluster = await startCluster({ servers: 0, leaseTtlMs: 1_000, env })
    for (let index = 0; index < 2; index++) await join()
  })
  after(async () => {
    await cluster.stop()
    await s3.kill()
  })

  async function join(): Promise<TestServer> {
    const port = await freePort()
    return cluster.join({ PORT: String(port), PUBLIC_ADDRESS: `127.0.0.1:${port}` }, PROGRAM)
  }

  /** Of those that live: earlier tests have ended some. */
  async function twoServers(): Promise<readonly [TestServer, TestServer]> {
    while (cluster.servers.length < 2) await join()
    // A newcomer is given its share, and what is played of it moves there: once that is over, nothing moves by itself.
    let [before, same] = ['', 0]
    await until(
      'each has its share',
      async () => {
        const counts = await Promise.all(cluster.servers.map(holds))
        const whole = counts.every((count) => count > 0) && counts.reduce((a, b) => a + b) === cluster.partitions
        same = whole && counts.join() === before ? same + 1 : 0
        before = counts.join()
        return same >= LOOKS
      },
      60_000,
    )
    return cluster.servers.slice(-2) as unknown as [TestServer, TestServer] // two of them
  }

  async function holds({ url }: TestServer): Promise<number> {
    const { text } = await call(url, 'GET /metrics')
    return Number(/^leet_partitions (\d+)/m.exec(text)?.[1] ?? 0)
  }

  const placeOf = ({ room }: MatchClient): string => new URL(room.connection.url ?? '').host

  /** A live match, whose players came to different servers, and where it is played. */
  async function live(here: TestServer, there: TestServer, stakeMinor = 0n) {
    const players = await Promise.all([newGuest(here.url), newGuest(there.url)])
    if (stakeMinor > 0n) await Promise.all(players.map((player) => deposit(here, player)))
    const control = new ControlClient(here.dataDir)
    const users = players.map(({ userId }) => userId)
    const match = await control.ready({ users, spec: { mode: 'bo5', stakeMinor } })
    const [anna, bert] = await Promise.all([
      MatchClient.joinSoon(here.url, players[0], match),
      MatchClient.joinSoon(there.url, players[1], match),
    ])
    await anna.pushed('view')
    return { match, players, anna, bert }
  }

  async function deposit({ url }: TestServer, { token }: Guest): Promise<void> {
    const body = { currency: 'USD', amount: '10', idempotency_key: newKey() }
    const { status, text } = await call(url, 'POST /wallet/deposit', { token, body })
    expect(status, text).to.equal(200)
  }

  /** A pool of 10.00 has a rake of 0.50. */
  async function expectPaid({ url }: TestServer, players: readonly Guest[]): Promise<void> {
    const wanted = ['14.50', '5.00']
    const balances = await until('both are paid', async () => {
      const replies = await Promise.all(players.map(({ token }) => call(url, 'GET /wallet/balance', { token })))
      const found = replies.map(({ body }) => body?.balances?.USD)
      return found[0] === wanted[0] ? found : null
    })
    expect(balances).to.deep.equal(wanted)
  }

  function again({ url }: TestServer, players: readonly [Guest, Guest], match: string) {
    return Promise.all([MatchClient.joinSoon(url, players[0], match), MatchClient.joinSoon(url, players[1], match)])
  }

  async function round(anna: MatchClient, bert: MatchClient, number: number): Promise<void> {
    await anna.pushed('view', ({ v }) => v.round === number && v.phase === 'choose')
    anna.input('fire')
    bert.input('ice')
    await anna.pushed('view', ({ v }) => v.wins[0] === number)
  }

  it('whichever server they come to, players meet where the match is played, and spectators see it anywhere', async () => {
    const [here, there] = await twoServers()
    const { match, anna, bert } = await live(here, there)
    expect(placeOf(anna)).to.equal(placeOf(bert))
    const eves = await Promise.all(
      [here, there].map(async ({ url }) => MatchClient.watch(url, await newGuest(url), match)),
    )
    await Promise.all(eves.map((eve) => eve.pushed('view')))
    for (const number of [1, 2, 3]) await round(anna, bert, number)
    await anna.pushed('result')
    const shown = eves.map((eve) => eve.all('view'))
    expect(shown.every((views) => views.length > 5)).to.equal(true)
    await Promise.all([anna, bert, ...eves].map((client) => client.leave()))
  })

  for (const { how, staked } of CASES) {
    const kind = staked ? 'a match for stakes' : 'a match that is watched'
    it(`when the server that plays ${kind} ${how}, it goes on at another one`, async function () {
      this.timeout(180_000)
      const [here, there] = await twoServers()
      const { match, players, anna, bert } = await live(here, there, staked ? STAKE_MINOR : 0n)
      const owner = [here, there].find(({ url }) => placeOf(anna) === new URL(url).host)
      if (owner === undefined) throw new Error('played nowhere')
      const left = owner === here ? there : here
      // Of what is staked everything is shown later than this test takes.
      const eve = staked ? null : await MatchClient.watch(left.url, await newGuest(left.url), match)
      await round(anna, bert, 1)
      await anna.pushed('view', ({ v }) => v.round === 2 && v.phase === 'choose' && v.ticks_left < 60)
      const seen = anna.last('view').t
      cluster.servers.splice(cluster.servers.indexOf(owner), 1)
      if (how === 'dies') await owner.kill()
      else expect(await owner.stop(), owner.output).to.equal(0)
      const code = await anna.gone(30_000)
      if (how === 'is stopped') expect(code).to.equal(CLOSE.moved)
      const [annaAgain, bertAgain] = await again(left, players, match)
      const first = await annaAgain.pushed('view')
      expect(first.v.wins, 'the first round stands').to.deep.equal([1, 0])
      await round(annaAgain, bertAgain, 2)
      await eve?.pushed('view', ({ v }) => v.wins[0] === 2)
      expect(eve?.closeCode ?? null, 'whoever watches stays').to.equal(null)
      await round(annaAgain, bertAgain, 3)
      await annaAgain.pushed('result')
      const view = await until('the result', async () => {
        const found = await new ControlClient(left.dataDir).match(match)
        return found.score === null ? null : found
      })
      // A server that is stopped hands everything over; one that dies has not written the newest of it.
      const newest = view.resumes.at(-1)?.tick ?? 0
      expect(newest).to.be.at.least(how === 'dies' ? seen - TICKS_LOST : seen)
      expect(view.score?.recording).to.match(/^[0-9a-f]{64}$/)
      if (staked) await expectPaid(left, players)
      await Promise.all([annaAgain, bertAgain, eve].map((client) => client?.leave()))
    })
  }
})
