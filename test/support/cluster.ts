// Services and several servers over them, as one data set: what the tests of many processes start, break and check.

import { randomBytes } from 'node:crypto'
import { call } from './http.ts'
import { type ServerEnvironment, startTestServer, type TestServer } from './server.ts'
import { type NatsService, type Service, startMongo, startNats, startNatsCluster, startRedis } from './services.ts'
import { until } from './until.ts'

export interface ClusterOptions {
  readonly servers?: number
  readonly partitions?: number
  readonly leaseTtlMs?: number
  /** Three NATS servers with every stream on each of them. */
  readonly threeNats?: boolean
  readonly env?: ServerEnvironment
}

export interface TestCluster {
  readonly nats: readonly NatsService[]
  readonly mongo: Service
  readonly redis: Service
  /** In the order they were started; one that was killed keeps its place. */
  readonly servers: TestServer[]
  readonly partitions: number
  readonly env: ServerEnvironment
  /** One more server; `program` in place of server/main.ts. */
  join(env?: ServerEnvironment, program?: string): Promise<TestServer>
  stop(): Promise<void>
}

export const CLUSTER_PARTITIONS = 12
export const CLUSTER_STREAMS = 2

export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const { servers: count = 3, partitions = CLUSTER_PARTITIONS, leaseTtlMs = 3_000, threeNats = false } = options
  const [nats, mongo, redis] = await Promise.all([
    threeNats ? startNatsCluster() : startNats().then((one) => [one]),
    startMongo(),
    startRedis(),
  ])
  const env: ServerEnvironment = {
    NATS_URL: nats.map(({ url }) => url).join(','),
    NATS_MONITOR_URL: nats.map(({ monitorUrl }) => monitorUrl).join(','),
    MONGO_URL: mongo.url,
    REDIS_URL: redis.url,
    TOKEN_SECRET: randomBytes(32).toString('base64url'),
    PARTITIONS: String(partitions),
    JOURNAL_STREAMS: String(CLUSTER_STREAMS),
    LEASE_TTL_MS: String(leaseTtlMs),
    JOURNAL_REPLICAS: threeNats ? '3' : '1',
    SHUTDOWN_TIMEOUT_MS: '15000',
    ...options.env,
  }
  const servers: TestServer[] = []
  const join = async (more: ServerEnvironment = {}, program?: string): Promise<TestServer> => {
    const server = await startTestServer({ ...env, ...more }, program === undefined ? {} : { program })
    servers.push(server)
    return server
  }
  try {
    await Promise.all(Array.from({ length: count }, () => join()))
  } catch (error) {
    await Promise.all([...nats, mongo, redis].map((service) => service.kill()))
    throw error
  }
  return {
    nats,
    mongo,
    redis,
    servers,
    partitions,
    env,
    join,
    async stop() {
      await Promise.all(servers.map((server) => server.kill().catch(() => {})))
      await Promise.all([...nats, mongo, redis].map((service) => service.kill()))
    },
  }
}

/** Resolves once each of these servers says that it can serve. */
export async function allReady(servers: readonly TestServer[], withinMs = 120_000): Promise<void> {
  await until(
    'every server is ready',
    async () => {
      const replies = await Promise.all(servers.map((server) => ready(server)))
      return replies.every((status) => status === 200)
    },
    withinMs,
  )
}

/** The status of /health/ready; 0 where nobody answers. */
export async function ready(server: TestServer): Promise<number> {
  try {
    return (await call(server.url, 'GET /health/ready')).status
  } catch {
    return 0
  }
}
