// Rooms of two processes over one Redis: wallet sockets stay on the process that they came to, whatever becomes of Redis,
// and what is lost with it is made again within seconds.

import { expect } from 'chai'
import { Redis } from 'ioredis'
import { call, type Guest, newGuest } from '../support/http.ts'
import { freePort, startTestServer, type TestServer } from '../support/server.ts'
import { describeWithServices, type Service, startRedis } from '../support/services.ts'
import { until } from '../support/until.ts'
import { sdk, WalletClient } from '../support/walletClient.ts'

const AWAY_MS = 10_000

describeWithServices(['redis'], 'rooms over Redis', () => {
  let service: Service
  let redis: Redis
  let one: TestServer
  let two: TestServer

  const start = async (): Promise<TestServer> => {
    const port = await freePort()
    const env = {
      REDIS_URL: service.url,
      NATS_URL: 'nats://127.0.0.1:1',
      MONGO_URL: 'mongodb://127.0.0.1:1/',
      TOKEN_SECRET: 'of these tests, and of no other process at all',
      PORT: String(port),
      PUBLIC_ADDRESS: `127.0.0.1:${port}`,
    }
    return startTestServer(env, { program: 'test/support/roomProcess.ts' })
  }
  /** Wallet rooms that Redis knows of: every process has one, and rooms of other names beside it. */
  const told = async (): Promise<string[]> => {
    const keys = await redis.keys('leet:room:*')
    const listings = keys.length === 0 ? [] : await redis.mget(keys)
    return listings.filter((listing) => listing !== null).filter((listing) => JSON.parse(listing).name === 'wallet')
  }
  const bothTold = () => until('both rooms are told', async () => (await told()).length === 2, 15_000)
  /** Which room a newcomer lands in. */
  const roomOf = async (server: TestServer): Promise<string> => {
    const client = await WalletClient.join(server.url)
    const { roomId } = client.room
    await client.leave()
    return roomId
  }
  const expectUnhurt = (): void => {
    for (const server of [one, two]) expect(server.output).not.to.match(/UNHANDLED|Unhandled|uncaught/)
  }

  before(async () => {
    service = await startRedis()
    redis = new Redis(service.url)
    redis.on('error', () => {})
    ;[one, two] = await Promise.all([start(), start()])
  })
  after(async () => {
    redis.disconnect()
    await Promise.all([one.kill(), two.kill()])
    await service.stop()
  })

  it('a client lands in the wallet room of the process it came to', async () => {
    await bothTold()
    const [first, second] = [await roomOf(one), await roomOf(two)]
    expect(first).not.to.equal(second)
    for (let client = 0; client < 5; client++) {
      expect(await Promise.all([roomOf(one), roomOf(two)])).to.deep.equal([first, second])
    }
    const listing = JSON.parse((await redis.get(`leet:room:${second}`)) ?? '{}')
    expect(listing).to.deep.include({ name: 'wallet', roomId: second, publicAddress: two.url.slice('http://'.length) })
  })

  it('keys and channels carry the name of the data set', async () => {
    const names = [...(await redis.keys('*')), ...((await redis.pubsub('CHANNELS', '*')) as string[])] // as Redis says
    expect(names).to.have.length.above(4)
    expect(names.filter((name) => !name.startsWith('leet:'))).to.deep.equal([])
  })

  it('a lost connection finds its seat again through the other process', async () => {
    const client = await WalletClient.join(one.url)
    await client.drop()
    const again = await WalletClient.reconnect(two.url, client)
    expect(again.room.roomId).to.equal(client.room.roomId)
    await again.deposit('10.00', 'again-1')
    await again.leave()
  })

  it('Redis stopped for ten seconds: connected clients go on, and new ones come all the same', async () => {
    const [here, there] = await Promise.all([WalletClient.join(one.url), WalletClient.join(two.url)])
    const [first, second] = [here.room.roomId, there.room.roomId]
    const creditFor = (client: WalletClient, key: string) =>
      client.must('convert', { from: 'USD', to: 'CREDIT', amount: '0.10', key })
    for (const client of [here, there]) await client.deposit('100.00', 'first')
    await service.kill()
    const backAt = performance.now() + AWAY_MS
    for (let round = 0; performance.now() < backAt; round++) {
      await creditFor(here, `here-${round}`)
      await creditFor(there, `there-${round}`)
      expect([await roomOf(one), await roomOf(two)]).to.deep.equal([first, second])
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    const dropped = await WalletClient.join(one.url)
    await dropped.drop()
    const again = await WalletClient.reconnect(one.url, dropped)
    await again.leave()
    await service.start()
    await bothTold()
    expect([await roomOf(one), await roomOf(two)]).to.deep.equal([first, second])
    const { available } = await here.balance('CREDIT')
    expect(Number(available)).to.be.above(50)
    expect([here.closeCode, there.closeCode]).to.deep.equal([null, null])
    await Promise.all([here.leave(), there.leave()])
    expectUnhurt()
  })

  it('what only Redis knows is unavailable while it is away, and known again afterwards', async () => {
    const guest = await newGuest(one.url)
    const theirs = await roomOf(two)
    await service.kill()
    const refused = await reserve(one, guest, theirs)
    expect([refused.status, refused.body.error.code]).to.deep.equal([503, 'unavailable'])
    await service.start()
    const seat = await until(
      'the room of the other process is found',
      async () => {
        const reply = await reserve(one, guest, theirs)
        return reply.status === 200 && reply
      },
      15_000,
    )
    expect(seat.body.roomId).to.equal(theirs)
    await (await sdk(one.url, guest.token).joinById(theirs)).leave()
  })

  it('Redis hangs: nobody waits for it longer than a moment', async () => {
    const client = await WalletClient.join(one.url)
    service.signal('SIGSTOP')
    try {
      await roomOf(one)
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      const startedAt = performance.now()
      await roomOf(one)
      await client.deposit('10.00', 'hanging')
      expect(performance.now() - startedAt).to.be.below(1_000)
    } finally {
      service.signal('SIGCONT')
    }
    await bothTold()
    await client.leave()
    expectUnhurt()
  })

  it('a flush: rooms and processes are told again within seconds', async () => {
    const client = await WalletClient.join(one.url)
    await new Promise((resolve) => setTimeout(resolve, 500))
    await redis.flushall()
    await bothTold()
    await until('both processes are told', async () => (await redis.hlen('leet:colyseus:roomcount')) === 2, 15_000)
    await client.deposit('10.00', 'after-the-flush')
    await client.leave()
    expectUnhurt()
  })

  it('a process that dies is forgotten; one that stops says so', async () => {
    expect(await told()).to.have.length(2)
    const left = await WalletClient.join(two.url)
    await two.kill()
    const [, reconnectionToken = ''] = left.room.reconnectionToken.split(':')
    const seek = async (method: string, body: object): Promise<string> => {
      const line = `POST /matchmake/${method}/${left.room.roomId}`
      return (await call(one.url, line, { token: left.guest.token, body })).body.error.code
    }
    // Its room is still told of, then found dead.
    expect(await seek('reconnect', { reconnectionToken })).to.equal('unavailable')
    expect(await seek('joinById', {})).to.equal('unavailable')
    for (const method of ['reconnect', 'joinById']) {
      expect(await seek(method, { reconnectionToken })).to.equal('not_found')
    }
    await until('the rooms of the dead are gone', async () => (await told()).length === 1, 15_000)
    await two.restart()
    await bothTold()
    expect(await two.stop()).to.equal(0)
    expect(await told()).to.have.length(1)
    await two.restart()
    await bothTold()
  })

  it('a process stops cleanly while Redis is away, and does not start', async () => {
    await service.kill()
    expect(await two.stop()).to.equal(0)
    const refused = await two.restart().catch((error: unknown) => String(error))
    expect(refused).to.match(/exit code 2.*\n.*Cannot start: REDIS_URL: nobody answers/)
    await service.start()
    await two.restart()
    await bothTold()
  })
})

function reserve(server: TestServer, guest: Guest, room: string) {
  return call(server.url, `POST /matchmake/joinById/${room}`, { token: guest.token, body: {} })
}
