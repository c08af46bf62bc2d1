// Configuration: read once from an environment-like object into a frozen value. Nothing else below server/main.ts
// reads the environment. A wrong value is an error that names the variable and what it accepts; all of them at once.

import { resolve } from 'node:path'
import { z } from 'zod'

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

const RESERVED = ['NATS_URL', 'MONGO_URL', 'REDIS_URL'] as const

const wholeNumber = (least: number, most: number, otherwise: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most))
    .default(otherwise)

const originList = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .pipe(z.array(z.string().refine(isOrigin)))
  .default([])

const SCHEMA = z.object({
  NODE_ENV: z.string().default('development'),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,253}$/)
    .default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535, 2567),
  DATA_DIR: z.string().default('./data'),
  PARTITIONS: wholeNumber(1, 1024, 16),
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
})

type Variables = z.infer<typeof SCHEMA>

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
} as const satisfies Record<keyof Variables, string>

const SECRET_NAMES: ReadonlySet<string> = new Set(['TOKEN_SECRET', 'METRICS_TOKEN'])

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
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = SCHEMA.safeParse(given)
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map((issue) => String(issue.path[0])))
    throw new ConfigError([...names].map((name) => refusal(name, given[name])).concat(reservedProblems(given)))
  }
  const problems = [...reservedProblems(given), ...crossProblems(parsed.data)]
  if (problems.length > 0) throw new ConfigError(problems)
  return resolved(parsed.data)
}

function reservedProblems(given: Environment): readonly string[] {
  return RESERVED.filter((name) => given[name] !== undefined).map(
    (name) => `${name} is not available in this release: leave it unset`,
  )
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
    partitions: values.PARTITIONS,
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
  })
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

/** An origin as browsers write it: scheme, host, port where it is not the usual one; no path, no wildcard. */
function isOrigin(text: string): boolean {
  return /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : '') && new URL(text).origin === text
}
