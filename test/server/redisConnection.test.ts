// The connection to Redis: which servers are refused at the start and in what words, and what becomes of a connection
// when its server ends, hangs or comes back.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { createLog } from '../../server/log.ts'
import { openRedis, type RedisConnection } from '../../server/redis/redisConnection.ts'
import { redisTrouble } from '../../server/redis/redisRefusal.ts'
import { freePort } from '../support/server.ts'
import { describeWithServices, type Service, startRedis } from '../support/services.ts'
import { until } from '../support/until.ts'

const SECRET = 's3cret-of-redis'
const log = createLog('silent')

describe('a Redis that says of itself', () => {
  for (const [what, info, says] of [
    ['version 7.0', 'redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\n', null],
    ['version 6.2', 'redis_version:6.2.0\r\nredis_mode:standalone\r\nrole:master\r\n', null],
    ['version 10.1', 'redis_version:10.1.0\r\nredis_mode:standalone\r\nrole:master\r\n', null],
    ['that it has sentinels', 'redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\n', null],
    ['version 6.0', 'redis_version:6.0.16\r\nrole:master\r\n', /is Redis 6\.0\.16; 6\.2 or newer/],
    ['version 5', 'redis_version:5.0.14\r\nrole:master\r\n', /is Redis 5\.0\.14/],
    ['no version', 'role:master\r\n', /does not say its version/],
    ['that it is one of a cluster', 'redis_version:7.0.15\r\nredis_mode:cluster\r\nrole:master\r\n', /Redis Cluster/],
    ['that it is a replica', 'redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:slave\r\n', /a replica/],
  ] as const) {
    it(`${what} ${says === null ? 'will do' : 'will not do'}`, () => {
      const trouble = redisTrouble(info)
      if (says === null) expect(trouble).to.equal(null)
      else expect(trouble?.message).to.match(says)
    })
  }
})

describeWithServices(['redis'], 'redis connection', () => {
  let redis: Service
  let connection: RedisConnection | null = null
  const closers: (() => unknown)[] = []

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())
  afterEach(async () => {
    connection?.close()
    connection = null
    for (const close of closers.splice(0)) await close()
  })

  const listening = async (answer: (socket: Socket) => void): Promise<string> => {
    const sockets = new Set<Socket>()
    const server: Server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      answer(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const address = server.address()
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  }
  const withPassword = async (): Promise<void> => {
    const { redis: client, close } = await openRedis(redis.url, log)
    await client.config('SET', 'requirepass', SECRET)
    closers.push(async () => {
      await client.config('SET', 'requirepass', '')
      close()
    })
  }

  describe('at the start, refuses', () => {
    for (const [what, urlOf, says] of [
      ['an address that nobody answers at', async () => `redis://:${SECRET}@127.0.0.1:${await freePort()}`, /nobody/],
      [
        'a host that is not there',
        async () => `redis://:${SECRET}@no-such-host.invalid:6379`,
        /nobody answers at no-such/,
      ],
      [
        'to come without a password where one is asked for',
        async () => {
          await withPassword()
          return redis.url
        },
        /refuses the credentials.*user and the password/,
      ],
      [
        'a wrong password',
        async () => {
          await withPassword()
          return redis.url.replace('redis://', 'redis://:wrong@')
        },
        /refuses the credentials/,
      ],
      [
        'something else than Redis',
        async () => `redis://:${SECRET}@${await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))}`,
        /does not answer as Redis does/,
      ],
      [
        'what takes connections and says nothing',
        async () => `redis://:${SECRET}@${await listening(() => {})}`,
        /does not answer as Redis does/,
      ],
      ['to speak TLS where nobody does', async () => redis.url.replace('redis:', 'rediss:'), /rediss:/],
      [
        'a server that is too old',
        async () => `redis://:${SECRET}@${await listening(oldRedis)}`,
        /is Redis 5\.0\.14; 6\.2 or newer is needed\. Upgrade it/,
      ],
    ] as const) {
      it(what, async () => {
        const url = await urlOf()
        const refusal = await openRedis(url, log).then(
          () => new Error('it was opened'),
          (error: unknown) => error,
        )
        expect(refusal).to.include({ name: 'DataSetError', file: 'REDIS_URL' })
        const line = refusal instanceof Error ? refusal.message : ''
        expect(line).to.match(/^REDIS_URL: /)
        expect(line).to.match(says)
        expect(line).not.to.match(/\n|s3cret|wrong/)
      })
    }
  })

  it('opens with the right password', async () => {
    await withPassword()
    connection = await openRedis(redis.url.replace('redis://', `redis://:${SECRET}@`), log)
    expect(connection.isReady).to.equal(true)
    expect(await connection.redis.ping()).to.equal('PONG')
  })

  it('fails at once while Redis is away, says so once, and comes back by itself', async () => {
    const lines: string[] = []
    connection = await openRedis(redis.url, createLog('info', { write: (line) => lines.push(line) }))
    await redis.kill()
    const { redis: client } = connection
    await until('it is noticed', () => client.status !== 'ready')
    expect(await failure(client)).to.match(/writeable|closed/i)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await redis.start()
    await until('it is back', () => client.status === 'ready')
    expect(await client.ping()).to.equal('PONG')
    expect(lines.map((line) => JSON.parse(line).msg)).to.deep.equal([
      'Redis is away: rate limits are counted in each process, rooms go on',
      'Redis is back',
    ])
  })

  it('leaves a server that hangs, so that nobody waits for it', async () => {
    connection = await openRedis(redis.url, log)
    const { redis: client } = connection
    redis.signal('SIGSTOP')
    try {
      expect(await failure(client)).to.match(/timed out/i)
      await until('it is left', () => client.status !== 'ready', 3_000)
      const startedAt = performance.now()
      await failure(client)
      expect(performance.now() - startedAt).to.be.below(50)
    } finally {
      redis.signal('SIGCONT')
    }
    await until('it is back', () => client.status === 'ready')
  })
})

function failure(redis: Redis): Promise<string> {
  return redis.ping().then(
    () => 'none',
    (error: Error) => error.message,
  )
}

/** As much of a server of long ago as a client asks for when it connects. */
function oldRedis(socket: Socket): void {
  socket.on('data', (bytes) => {
    for (const [, name = ''] of bytes.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n([a-z]+)\r\n/gi)) {
      const info = '# Server\r\nredis_version:5.0.14\r\nrole:master\r\n'
      if (name.toLowerCase() === 'info') socket.write(`$${info.length}\r\n${info}\r\n`)
      else if (name.toLowerCase() === 'hello') socket.write("-ERR unknown command 'HELLO'\r\n")
      else socket.write('+OK\r\n')
    }
  })
}
