// Rate limits counted in Redis by several processes together: one limit for all, kept by each for itself while Redis is
// away, and never an error for whoever is counted.

import { expect } from 'chai'
import { RateLimits, type RateVerdict } from '../../server/http/rateLimits.ts'
import { createLog } from '../../server/log.ts'
import { openRedis, type RedisConnection } from '../../server/redis/redisConnection.ts'
import { RULES } from '../../shared/rules.ts'
import { describeWithServices, type Service, startRedis } from '../support/services.ts'
import { until } from '../support/until.ts'

const LIMIT = RULES.restLoginsPerMinute

describeWithServices(['redis'], 'rate limits in Redis', () => {
  let redis: Service
  let connections: readonly RedisConnection[] = []
  /** One for each process. */
  let limits: readonly RateLimits[] = []
  let subjects = 0

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())
  beforeEach(async () => {
    subjects++
    connections = await Promise.all([0, 1].map(() => openRedis(redis.url, createLog('silent'))))
    limits = connections.map((connection) => new RateLimits(true, { redis: connection.redis, prefix: 'leet:' }))
  })
  afterEach(() => {
    for (const connection of connections) connection.close()
  })

  const count = async (process: number, times: number): Promise<readonly RateVerdict[]> => {
    const verdicts: RateVerdict[] = []
    for (let time = 0; time < times; time++) {
      const verdict = await limits[process]?.count('login', `somebody-${subjects}`)
      if (verdict !== undefined) verdicts.push(verdict)
    }
    return verdicts
  }
  const allowed = (verdicts: readonly RateVerdict[]): number => verdicts.filter(({ kind }) => kind === 'allowed').length
  const noticed = (ready: boolean) =>
    until('all have noticed', () => connections.every((connection) => connection.isReady === ready))

  it('one limit holds over two processes', async () => {
    const one = await count(0, LIMIT - 2)
    const two = await count(1, 5)
    expect([allowed(one), allowed(two), allowed(await count(0, 3))]).to.deep.equal([LIMIT - 2, 2, 0])
    const limited = two.at(-1)
    expect(limited?.kind === 'limited' && limited.retryAfterSeconds).to.be.within(55, 60)
    expect(new Map(limited?.headers).get('x-ratelimit-remaining')).to.equal('0')
  })

  it('keys carry the name of the data set and end with the window', async () => {
    await count(0, 1)
    const keys = await connections[0]?.redis.keys('*')
    expect(keys?.filter((key) => !key.startsWith('leet:rl:'))).to.deep.equal([])
    expect(await connections[0]?.redis.ttl(`leet:rl:login:somebody-${subjects}`)).to.be.within(55, 60)
  })

  it('a data set beside it has limits of its own', async () => {
    await count(0, LIMIT + 1)
    const [connection] = connections
    const other = connection && new RateLimits(true, { redis: connection.redis, prefix: 'other:' })
    expect((await other?.count('login', `somebody-${subjects}`))?.kind).to.equal('allowed')
  })

  it('while Redis is stopped each process limits for itself; then they count together again', async () => {
    await count(0, 2)
    await redis.kill()
    // The first of them may still meet the closing connection.
    const first = await count(0, LIMIT + 5)
    await noticed(false)
    const second = await count(1, LIMIT + 5)
    expect([allowed(first), allowed(second)]).to.deep.equal([LIMIT, LIMIT])
    await redis.start()
    await noticed(true)
    subjects++
    expect([allowed(await count(0, LIMIT)), allowed(await count(1, 3))]).to.deep.equal([LIMIT, 0])
  })

  it('while Redis hangs, whoever comes waits a moment once and is counted', async () => {
    redis.signal('SIGSTOP')
    try {
      expect(allowed(await count(0, 1))).to.equal(1)
      await until('it is left', () => connections[0]?.isReady === false, 3_000)
      const startedAt = performance.now()
      expect(allowed(await count(0, LIMIT + 5))).to.equal(LIMIT - 1)
      expect(performance.now() - startedAt).to.be.below(500)
    } finally {
      redis.signal('SIGCONT')
    }
    await noticed(true)
  })

  it('a flush forgets what was counted, and nothing else', async () => {
    await count(0, LIMIT - 1)
    await connections[0]?.redis.flushall()
    expect([allowed(await count(1, LIMIT)), allowed(await count(0, 1))]).to.deep.equal([LIMIT, 0])
  })
})
