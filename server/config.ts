// Configuration: read once from an environment-like object into a frozen value. Nothing else below server/main.ts
// reads the environment. A wrong value is an error that names the variable and what it accepts; all of them at once.

import { resolve } from 'node:path'
import { ACCEPTS, type LogLevel, SCHEMA, SECRET_NAMES, type Variables } from './configSchema.ts'

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
  readonly staffMfaRequired: boolean
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
  /** Public keys of game servers whose reports count; null: none. */
  readonly gameServerKeysFile: string | null
  /** US dollars for one whole unit of each asset that has a price, as decimal texts. */
  readonly prices: Readonly<Record<string, string>>
  /** How long after midnight UTC daily jobs close the day before, ms; null: they do not run. */
  readonly jobsAfterMidnightMs: number | null
  /** The private key that daily checkpoints are signed with; absolute. Null: none are made. */
  readonly checkpointKeyFile: string | null
  /** Where backups are made, each in a folder; absolute. Null: nothing is told of their age. */
  readonly backupDir: string | null
  /** Where recordings and checkpoints of matches are kept (R1). */
  readonly blobs: BlobsPlace
}

export type BlobsPlace =
  /** Absolute: a folder of this machine, which other processes do not see. */
  | { readonly kind: 'files'; readonly folder: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** Ends in `/`, or is empty. */
      readonly prefix: string
      /** Null: Amazon's own. */
      readonly endpoint: string | null
      readonly region: string
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
  /** How long, and how much of, what other services are told of matches is kept; null: they are not told. */
  readonly events: { readonly maxAgeMs: number; readonly maxBytes: number } | null
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

export { type LogLevel, TOKEN_SECRET_MIN_LENGTH } from './configSchema.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const SERVICES = ['NATS_URL', 'MONGO_URL', 'REDIS_URL'] as const

export const DEFAULT_PARTITIONS = { embedded: 16, cluster: 32 } as const

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
  if (values.BLOBS_URL === undefined && values.S3_ENDPOINT !== undefined)
    problems.push('S3_ENDPOINT: BLOBS_URL names the bucket there; it is not set')
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
    staffMfaRequired: (values.STAFF_MFA ?? (production ? 'required' : 'optional')) === 'required',
    corsOrigins: Object.freeze(values.CORS_ORIGINS),
    corsLocalhost: !production,
    transport: values.TRANSPORT,
    metrics: Object.freeze(metricsAccess(values)),
    trustProxy: values.TRUST_PROXY === '1',
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_MS,
    commitIntervalMs: values.COMMIT_INTERVAL_MS,
    pushIntervalMs: values.PUSH_INTERVAL_MS,
    backing: Object.freeze(backing(values)),
    gameServerKeysFile: values.GAME_SERVER_KEYS === undefined ? null : resolve(values.GAME_SERVER_KEYS),
    operatorKeysFile: values.OPERATOR_KEYS_FILE === undefined ? null : resolve(values.OPERATOR_KEYS_FILE),
    prices: Object.freeze(values.PRICES),
    jobsAfterMidnightMs: values.JOBS_AT,
    checkpointKeyFile: values.CHECKPOINT_KEY_FILE === undefined ? null : resolve(values.CHECKPOINT_KEY_FILE),
    backupDir: values.BACKUP_DIR === undefined ? null : resolve(values.BACKUP_DIR),
    blobs: Object.freeze(blobsPlace(values, dataDir)),
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
    events: values.EVENTS === 'on' ? eventLimits(values) : null,
    publicAddress: values.PUBLIC_ADDRESS ?? null,
  }
}

function eventLimits({ EVENTS_MAX_AGE_HOURS: hours, EVENTS_MAX_MEGABYTES: megabytes }: Variables) {
  return Object.freeze({ maxAgeMs: hours * 3_600_000, maxBytes: megabytes * 1024 * 1024 })
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

function blobsPlace({ BLOBS_URL: url, S3_ENDPOINT, S3_REGION }: Variables, dataDir: string): BlobsPlace {
  if (url === undefined) return { kind: 'files', folder: resolve(dataDir, 'blobs') }
  const { hostname, pathname } = new URL(url)
  const path = pathname.split('/').filter((part) => part !== '')
  const prefix = path.length === 0 ? '' : `${path.join('/')}/`
  return { kind: 's3', bucket: hostname, prefix, endpoint: S3_ENDPOINT ?? null, region: S3_REGION }
}
