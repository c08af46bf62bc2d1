// Configuration: read once from an environment-like object into a frozen value. Nothing else below server/main.ts
// reads the environment. A wrong value is an error that names the variable and what it accepts; all of them at once.

import { resolve } from 'node:path'
import { z } from 'zod'
import { dayTime, isServiceUrl, originList, priceList, urlList, wholeNumber, wholeNumberIn } from './configForms.ts'

export interface Config {
  readonly production: boolean
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Absolute. */
  readonly dataDir: string
  readonly partitions: number
  readonly logLevel: LogLevel
  readonly rateLimits: boolean
  readonly tokenSecret: TokenSecretSource
  readonly corsOrigins: readonly string[]
  /** Whether pages from any port of this machine may call: development only. */
  readonly corsLocalhost: boolean
  readonly transport: 'uws' | 'ws' | 'auto'
  readonly metrics: MetricsAccess
  /** Whether one proxy stands in front, so that the last X-Forwarded-For entry is the client's address. */
  readonly trustProxy: boolean
  readonly shutdownTimeoutMs: number
  readonly commitIntervalMs: number
  readonly pushIntervalMs: number
  readonly backing: Backing
  /** Public keys of those who may decide about halted partitions; absolute. Null: nobody may. */
  readonly operatorKeysFile: string | null
  /** US dollars for one whole unit of each asset that has a price, as decimal texts. */
  readonly prices: Readonly<Record<string, string>>
  /** How long after midnight UTC daily jobs close the day before, ms; null: they do not run. */
  readonly jobsAfterMidnightMs: number | null
  /** The private key that daily checkpoints are signed with; absolute. Null: none are made. */
  readonly checkpointKeyFile: string | null
}

/** Where journal, store and the rest live: in files of this process, or on services that many processes share. */
export type Backing = { readonly kind: 'embedded' } | ClusterBacking

export interface ClusterBacking {
  readonly kind: 'cluster'
  readonly natsUrls: readonly string[]
  /** Where each NATS server's monitoring answers: it alone tells whether the server syncs before it acknowledges. */
  readonly natsMonitorUrls: readonly string[]
  readonly mongoUrl: string
  readonly redisUrl: string
  /** Names streams, buckets, databases and keys, so that several data sets can share the services. */
  readonly dataSet: string
  /** Streams that the journal's partitions are spread over; fixed once the data set is made. */
  readonly journalStreams: number
  readonly journalReplicas: number
  /** Whether a NATS server may acknowledge before it has synced: a power cut then loses what was acknowledged. */
  readonly allowLazyFsync: boolean
  readonly leaseTtlMs: number
  /** host:port at which clients reach this process; null where its rooms are never sought from another one. */
  readonly publicAddress: string | null
}

export type TokenSecretSource =
  | { readonly kind: 'given'; readonly secret: string }
  | { readonly kind: 'file'; readonly path: string }
  /** Generated on first use and kept there. */
  | { readonly kind: 'kept'; readonly path: string }

/** Who may see /metrics. In production nobody may by default: it tells what the business does. */
export type MetricsAccess =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  /** Whoever has this bearer token. */
  | { readonly kind: 'token'; readonly token: string }

export type Environment = Readonly<Record<string, string | undefined>>

export const TOKEN_SECRET_MIN_LENGTH = 32

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const SERVICES = ['NATS_URL', 'MONGO_URL', 'REDIS_URL'] as const

export const DEFAULT_PARTITIONS = { embedded: 16, cluster: 32 } as const

const SCHEMA = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,253}$/)
    .default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535, 2567),
  DATA_DIR: z.string().default('./data'),
  PARTITIONS: wholeNumberIn(1, 1024).optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  TOKEN_SECRET: z.string().min(TOKEN_SECRET_MIN_LENGTH).max(1024).optional(),
  TOKEN_SECRET_FILE: z.string().optional(),
  CORS_ORIGINS: originList,
  TRANSPORT: z.enum(['uws', 'ws', 'auto']).default('auto'),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,256}$/)
    .optional(),
  TRUST_PROXY: z.enum(['0', '1']).default('0'),
  SHUTDOWN_TIMEOUT_MS: wholeNumber(0, 600_000, 30_000),
  COMMIT_INTERVAL_MS: wholeNumber(0, 50, 3),
  PUSH_INTERVAL_MS: wholeNumber(0, 10_000, 50),
  NATS_URL: urlList('nats:', 'tls:').optional(),
  NATS_MONITOR_URL: urlList('http:', 'https:').default([]),
  // A list of hosts is no URL to Node.
  MONGO_URL: z
    .string()
    .max(2048)
    .regex(/^mongodb(\+srv)?:\/\/[^\s/?#]+([/?]\S*)?$/)
    .optional(),
  REDIS_URL: z
    .string()
    .max(2048)
    .refine((text) => isServiceUrl(text, ['redis:', 'rediss:']))
    .optional(),
  DATA_SET: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,31}$/)
    .default('leet'),
  JOURNAL_STREAMS: wholeNumber(1, 64, 4),
  JOURNAL_REPLICAS: z.enum(['1', '3', '5']).default('1'),
  ALLOW_LAZY_FSYNC: z.enum(['0', '1']).default('0'),
  LEASE_TTL_MS: wholeNumber(500, 60_000, 3_000),
  PUBLIC_ADDRESS: z
    .string()
    .regex(/^[A-Za-z0-9._[\]:-]{1,253}:\d{1,5}(\/[\w./-]*)?$/)
    .optional(),
  OPERATOR_KEYS_FILE: z.string().optional(),
  PRICES: priceList,
  JOBS_AT: dayTime,
  CHECKPOINT_KEY_FILE: z.string().optional(),
})

export type Variables = z.infer<typeof SCHEMA>

const ACCEPTS = {
  NODE_ENV: '"production" or the name of another environment',
  HOST: 'a host name or an IP address',
  PORT: 'a whole number from 0 (any free port) to 65535',
  DATA_DIR: 'the path of a folder',
  PARTITIONS: 'a whole number from 1 to 1024; fixed once a data set is made',
  LOG_LEVEL: LOG_LEVELS.join(', '),
  RATE_LIMITS: '"on" or, outside production, "off"',
  TOKEN_SECRET: `${TOKEN_SECRET_MIN_LENGTH} to 1024 characters; in production it or TOKEN_SECRET_FILE has to be given`,
  TOKEN_SECRET_FILE: 'the path of a file with the secret, where TOKEN_SECRET is not given',
  CORS_ORIGINS: 'origins such as https://play.example.com, separated by commas',
  TRANSPORT: '"uws", "ws" or "auto"',
  METRICS_TOKEN: '16 to 256 printable ASCII characters without spaces; in production /metrics is not there without it',
  TRUST_PROXY: '"1" where one proxy stands in front, or "0"',
  SHUTDOWN_TIMEOUT_MS: 'a whole number of milliseconds from 0 to 600000',
  COMMIT_INTERVAL_MS: 'a whole number of milliseconds from 0 to 50',
  PUSH_INTERVAL_MS: 'a whole number of milliseconds from 0 to 10000',
  NATS_URL: 'addresses such as nats://user:password@host:4222, separated by commas',
  NATS_MONITOR_URL: 'addresses such as http://host:8222 of the monitoring of each NATS server, separated by commas',
  MONGO_URL: 'an address such as mongodb://user:password@host:27017/?replicaSet=rs0',
  REDIS_URL: 'an address such as redis://:password@host:6379',
  DATA_SET: 'a name of up to 32 of a-z, 0-9 and _, beginning with a letter',
  JOURNAL_STREAMS: 'a whole number from 1 to 64; fixed once a data set is made',
  JOURNAL_REPLICAS: '1, 3 or 5, at most the number of NATS servers',
  ALLOW_LAZY_FSYNC: '"1" where acknowledged commands may be lost in a power cut, or "0"',
  LEASE_TTL_MS: 'a whole number of milliseconds from 500 to 60000, the same for every process of a data set',
  PUBLIC_ADDRESS: 'host:port at which clients reach this process',
  OPERATOR_KEYS_FILE: 'the path of a file with a line for each operator: a name and a public key',
  PRICES: 'prices in US dollars such as CREDIT=0.01,USDC=1,USDT=1, from a millionth to a million',
  JOBS_AT: 'a time of day (UTC) such as 00:15 at which daily jobs run, or "off"',
  CHECKPOINT_KEY_FILE: 'the path of a file that `npm run operator -- keygen` made',
} as const satisfies Record<keyof Variables, string>

const SECRET_NAMES: ReadonlySet<string> = new Set([
  'TOKEN_SECRET',
  'METRICS_TOKEN',
  'NATS_URL',
  'NATS_MONITOR_URL',
  'MONGO_URL',
  'REDIS_URL',
])

export class ConfigError extends Error {
  /** One line for each variable. */
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** Throws ConfigError. An empty value counts as not given. */
export function parseConfig(env: Environment): Config {
  const values = variablesOf(env)
  const problems = crossProblems(values)
  if (problems.length > 0) throw new ConfigError(problems)
  return resolved(values)
}

/** The variables as they are given, each valid by itself. Throws ConfigError. */
export function variablesOf(env: Environment): Variables {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = SCHEMA.safeParse(given)
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map((issue) => String(issue.path[0])))
    throw new ConfigError([...names].map((name) => refusal(name, given[name])))
  }
  return parsed.data
}

/** What a variable accepts only together with others. */
function crossProblems(values: Variables): readonly string[] {
  const problems: string[] = []
  const production = values.NODE_ENV === 'production'
  if (production && values.RATE_LIMITS === 'off') problems.push('RATE_LIMITS cannot be "off" when NODE_ENV=production')
  if (values.TOKEN_SECRET !== undefined && values.TOKEN_SECRET_FILE !== undefined) {
    problems.push('TOKEN_SECRET and TOKEN_SECRET_FILE: give one of them, not both')
  }
  if (production && values.TOKEN_SECRET === undefined && values.TOKEN_SECRET_FILE === undefined) {
    problems.push(`TOKEN_SECRET takes ${ACCEPTS.TOKEN_SECRET}; it is not set`)
  }
  const missing = SERVICES.filter((name) => values[name] === undefined)
  if (missing.length > 0 && missing.length < SERVICES.length) {
    const set = SERVICES.filter((name) => values[name] !== undefined)
    problems.push(`${missing.join(' and ')}: set as well, since ${set.join(' and ')} is; or none of the three`)
  }
  if (missing.length === 0 && values.TOKEN_SECRET === undefined && values.TOKEN_SECRET_FILE === undefined) {
    problems.push('TOKEN_SECRET: with NATS_URL every process needs the same one; it is not set')
  }
  return problems
}

function refusal(name: string, value: string | undefined): string {
  const accepts = Object.hasOwn(ACCEPTS, name) ? ACCEPTS[name as keyof typeof ACCEPTS] : 'something else' // name is own
  const seen = SECRET_NAMES.has(name) ? 'the value given' : JSON.stringify(value)
  return `${name} takes ${accepts}, not ${seen}`
}

function resolved(values: Variables): Config {
  const production = values.NODE_ENV === 'production'
  const dataDir = resolve(values.DATA_DIR)
  return Object.freeze({
    production,
    host: values.HOST,
    port: values.PORT,
    dataDir,
    partitions: values.PARTITIONS ?? DEFAULT_PARTITIONS[values.NATS_URL === undefined ? 'embedded' : 'cluster'],
    logLevel: values.LOG_LEVEL,
    rateLimits: values.RATE_LIMITS === 'on',
    tokenSecret: Object.freeze(secretSource(values, dataDir)),
    corsOrigins: Object.freeze(values.CORS_ORIGINS),
    corsLocalhost: !production,
    transport: values.TRANSPORT,
    metrics: Object.freeze(metricsAccess(values)),
    trustProxy: values.TRUST_PROXY === '1',
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_MS,
    commitIntervalMs: values.COMMIT_INTERVAL_MS,
    pushIntervalMs: values.PUSH_INTERVAL_MS,
    backing: Object.freeze(backing(values)),
    operatorKeysFile: values.OPERATOR_KEYS_FILE === undefined ? null : resolve(values.OPERATOR_KEYS_FILE),
    prices: Object.freeze(values.PRICES),
    jobsAfterMidnightMs: values.JOBS_AT,
    checkpointKeyFile: values.CHECKPOINT_KEY_FILE === undefined ? null : resolve(values.CHECKPOINT_KEY_FILE),
  })
}

function backing(values: Variables): Backing {
  const { NATS_URL: natsUrls, MONGO_URL: mongoUrl, REDIS_URL: redisUrl } = values
  if (natsUrls === undefined || mongoUrl === undefined || redisUrl === undefined) return { kind: 'embedded' }
  return {
    kind: 'cluster',
    natsUrls: Object.freeze(natsUrls),
    natsMonitorUrls: Object.freeze(values.NATS_MONITOR_URL),
    mongoUrl,
    redisUrl,
    dataSet: values.DATA_SET,
    journalStreams: values.JOURNAL_STREAMS,
    journalReplicas: Number(values.JOURNAL_REPLICAS),
    allowLazyFsync: values.ALLOW_LAZY_FSYNC === '1',
    leaseTtlMs: values.LEASE_TTL_MS,
    publicAddress: values.PUBLIC_ADDRESS ?? null,
  }
}

function secretSource(values: Variables, dataDir: string): TokenSecretSource {
  if (values.TOKEN_SECRET !== undefined) return { kind: 'given', secret: values.TOKEN_SECRET }
  if (values.TOKEN_SECRET_FILE !== undefined) return { kind: 'file', path: resolve(values.TOKEN_SECRET_FILE) }
  return { kind: 'kept', path: resolve(dataDir, 'token.secret') }
}

function metricsAccess(values: Variables): MetricsAccess {
  if (values.METRICS_TOKEN !== undefined) return { kind: 'token', token: values.METRICS_TOKEN }
  return { kind: values.NODE_ENV === 'production' ? 'closed' : 'open' }
}
