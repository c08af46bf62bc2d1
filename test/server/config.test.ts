// Configuration: defaults, and what each variable takes. A refusal names the variable and what it accepts.

import { isAbsolute, resolve } from 'node:path'
import { expect } from 'chai'
import { ConfigError, type Environment, parseConfig } from '../../server/config.ts'

const SECRET = 's'.repeat(32)
const PRODUCTION = { NODE_ENV: 'production', TOKEN_SECRET: SECRET }

describe('configuration', () => {
  it('needs nothing in development', () => {
    const config = parseConfig({})
    const { dataDir, tokenSecret, ...rest } = config
    expect(rest).to.deep.equal({
      production: false,
      host: '127.0.0.1',
      port: 2567,
      partitions: 16,
      logLevel: 'info',
      rateLimits: true,
      corsOrigins: [],
      corsLocalhost: true,
      transport: 'auto',
      metrics: { kind: 'open' },
      trustProxy: false,
      shutdownTimeoutMs: 30_000,
      staffMfaRequired: false,
      backing: { kind: 'embedded' },
      gameServerKeysFile: null,
      operatorKeysFile: null,
      commitIntervalMs: 3,
      pushIntervalMs: 50,
      prices: { USD: '1', USDC: '1', USDT: '1', CREDIT: '0.01' },
      jobsAfterMidnightMs: 15 * 60_000,
      checkpointKeyFile: null,
      backupDir: null,
      blobs: { kind: 'files', folder: resolve('data', 'blobs') },
    })
    expect(isAbsolute(dataDir) && dataDir.endsWith('data')).to.equal(true)
    expect(tokenSecret).to.deep.equal({ kind: 'kept', path: `${dataDir}/token.secret` })
    expect(Object.isFrozen(config) && Object.isFrozen(config.corsOrigins)).to.equal(true)
  })

  it('takes what is given, and nothing for empty values', () => {
    const config = parseConfig({
      ...PRODUCTION,
      HOST: '::1',
      PORT: '0',
      RATE_LIMITS: '',
      CORS_ORIGINS: 'https://a.example, http://b.example:8080',
      TRUST_PROXY: '1',
      UNRELATED: 'x',
    })
    expect(config).to.deep.include({
      production: true,
      staffMfaRequired: true,
      host: '::1',
      port: 0,
      rateLimits: true,
      corsOrigins: ['https://a.example', 'http://b.example:8080'],
      corsLocalhost: false,
      trustProxy: true,
      tokenSecret: { kind: 'given', secret: SECRET },
    })
  })

  for (const [env, metrics] of [
    [{}, { kind: 'open' }],
    [{ METRICS_TOKEN: 'm'.repeat(16) }, { kind: 'token', token: 'm'.repeat(16) }],
    [PRODUCTION, { kind: 'closed' }],
    [
      { ...PRODUCTION, METRICS_TOKEN: 'm'.repeat(16) },
      { kind: 'token', token: 'm'.repeat(16) },
    ],
  ] as const) {
    const given = Object.keys(env).join(', ') || 'nothing'
    it(`given ${given}: metrics are ${metrics.kind}`, () => expect(parseConfig(env).metrics).to.deep.equal(metrics))
  }

  for (const [env, says] of [
    [{ PORT: 'abc' }, 'PORT takes a whole number from 0 (any free port) to 65535, not "abc"'],
    [{ PORT: '65536' }, 'PORT takes'],
    [{ PORT: '-1' }, 'PORT takes'],
    [{ PORT: '1e3' }, 'PORT takes'],
    [{ HOST: 'a b' }, 'HOST takes a host name'],
    [{ PARTITIONS: '0' }, 'PARTITIONS takes'],
    [{ COMMIT_INTERVAL_MS: '51' }, 'COMMIT_INTERVAL_MS takes a whole number of milliseconds from 0 to 50'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL takes trace, debug'],
    [{ RATE_LIMITS: 'no' }, 'RATE_LIMITS takes "on" or'],
    [{ STAFF_MFA: 'off' }, 'STAFF_MFA takes "required"'],
    [{ ...PRODUCTION, RATE_LIMITS: 'off' }, 'RATE_LIMITS cannot be "off" when NODE_ENV=production'],
    [{ NODE_ENV: 'production' }, 'TOKEN_SECRET takes 32 to 1024 characters'],
    [{ TOKEN_SECRET: 'tooshort' }, 'TOKEN_SECRET takes 32 to 1024 characters'],
    [{ TOKEN_SECRET: SECRET, TOKEN_SECRET_FILE: '/x' }, 'give one of them'],
    [{ METRICS_TOKEN: 'x' }, 'METRICS_TOKEN takes'],
    [{ TRANSPORT: 'tcp' }, 'TRANSPORT takes "uws", "ws" or "auto"'],
    [{ CORS_ORIGINS: '*' }, 'CORS_ORIGINS takes origins such as https://'],
    [{ CORS_ORIGINS: 'https://a.example/' }, 'CORS_ORIGINS takes'],
    [{ CORS_ORIGINS: 'https://a.example,' }, 'CORS_ORIGINS takes'],
    [{ CORS_ORIGINS: 'null' }, 'CORS_ORIGINS takes'],
    [{ NATS_URL: 'nats://x' }, 'MONGO_URL and REDIS_URL: set as well, since NATS_URL is'],
    [{ MONGO_URL: 'mongodb://x', REDIS_URL: 'redis://x' }, 'NATS_URL: set as well, since MONGO_URL and REDIS_URL is'],
    [{ NATS_URL: 'http://x' }, 'NATS_URL takes'],
    [{ NATS_URL: 'nats://ann:hunter2@x,nats//y' }, 'NATS_URL takes'],
    [{ MONGO_URL: 'mongo://x' }, 'MONGO_URL takes'],
    [{ REDIS_URL: 'x:6379' }, 'REDIS_URL takes'],
    [{ DATA_SET: 'Leet' }, 'DATA_SET takes'],
    [{ JOURNAL_REPLICAS: '2' }, 'JOURNAL_REPLICAS takes'],
    [{ LEASE_TTL_MS: '10' }, 'LEASE_TTL_MS takes'],
    [{ EVENTS: 'yes' }, 'EVENTS takes'],
    [{ EVENTS_MAX_AGE_HOURS: '0' }, 'EVENTS_MAX_AGE_HOURS takes'],
    [{ EVENTS_MAX_MEGABYTES: '0' }, 'EVENTS_MAX_MEGABYTES takes'],
    [{ PUBLIC_ADDRESS: 'here' }, 'PUBLIC_ADDRESS takes'],
    [{ JOBS_AT: '24:00' }, 'JOBS_AT takes a time of day (UTC) such as 00:15'],
    [{ JOBS_AT: '7:30' }, 'JOBS_AT takes'],
    [{ JOBS_AT: 'noon' }, 'JOBS_AT takes'],
    [{ PRICES: 'CREDIT' }, 'PRICES takes prices in US dollars such as CREDIT=0.01'],
    [{ PRICES: 'CREDIT=0' }, 'PRICES takes'],
    [{ PRICES: 'CREDIT=-1' }, 'PRICES takes'],
    [{ PRICES: 'CREDIT=0.0000001' }, 'PRICES takes'],
    [{ PRICES: 'USDC=1000001' }, 'PRICES takes'],
    [{ PRICES: 'USD=2' }, 'PRICES takes'],
    [{ PRICES: 'GOLD=2' }, 'PRICES takes'],
    [{ PRICES: 'CREDIT=1,' }, 'PRICES takes'],
  ] as const satisfies readonly (readonly [Environment, string])[]) {
    it(`refuses ${JSON.stringify(env)}`, () => {
      expect(() => parseConfig(env))
        .to.throw(ConfigError)
        .with.property('message')
        .that.includes(says)
    })
  }

  it('asks staff for a second factor as it is told', () => {
    expect(parseConfig({ ...PRODUCTION, STAFF_MFA: 'optional' }).staffMfaRequired).to.equal(false)
    expect(parseConfig({ STAFF_MFA: 'required' }).staffMfaRequired).to.equal(true)
  })

  it('takes a time of day for jobs, or none', () => {
    expect(parseConfig({ JOBS_AT: '23:59' }).jobsAfterMidnightMs).to.equal(86_340_000)
    expect(parseConfig({ JOBS_AT: 'off' }).jobsAfterMidnightMs).to.equal(null)
  })

  it('takes prices of some assets, and the rest as they are', () => {
    const { prices } = parseConfig({ PRICES: 'CREDIT=0.02, USDC=0.9999' })
    expect(prices).to.deep.equal({ USD: '1', USDC: '0.9999', USDT: '1', CREDIT: '0.02' })
  })

  it('tells every problem at once, and no secret', () => {
    const error = refusalOf({ PORT: 'x', LOG_LEVEL: 'y', NATS_URL: 'nats:/z', TOKEN_SECRET: 'hunter2' })
    expect(error.problems).to.have.length(4)
    expect(error.message).not.to.include('hunter2')
  })
})

function refusalOf(env: Environment): ConfigError {
  try {
    parseConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error('it was taken')
}
