// The variables of the configuration: the form of each by itself, what it accepts in words, and which are secrets.

import { z } from 'zod'
import { dayTime, isServiceUrl, originList, priceList, urlList, wholeNumber, wholeNumberIn } from './configForms.ts'

export const TOKEN_SECRET_MIN_LENGTH = 32

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const SCHEMA = z.object({
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
  STAFF_MFA: z.enum(['required', 'optional']).optional(),
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
  EVENTS: z.enum(['on', 'off']).default('off'),
  EVENTS_MAX_AGE_HOURS: wholeNumber(1, 8_760, 168),
  EVENTS_MAX_MEGABYTES: wholeNumber(1, 1_000_000, 1_024),
  OPERATOR_KEYS_FILE: z.string().optional(),
  GAME_SERVER_KEYS: z.string().optional(),
  PRICES: priceList,
  JOBS_AT: dayTime,
  CHECKPOINT_KEY_FILE: z.string().optional(),
  BACKUP_DIR: z.string().optional(),
  BLOBS_URL: z
    .string()
    .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}){0,4}\/?$/)
    .optional(),
  S3_ENDPOINT: z
    .string()
    .max(2048)
    .refine((text) => isServiceUrl(text, ['http:', 'https:']))
    .optional(),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .default('us-east-1'),
})

export type Variables = z.infer<typeof SCHEMA>

export const ACCEPTS = {
  NODE_ENV: '"production" or the name of another environment',
  HOST: 'a host name or an IP address',
  PORT: 'a whole number from 0 (any free port) to 65535',
  DATA_DIR: 'the path of a folder',
  PARTITIONS: 'a whole number from 1 to 1024; fixed once a data set is made',
  LOG_LEVEL: LOG_LEVELS.join(', '),
  RATE_LIMITS: '"on" or, outside production, "off"',
  TOKEN_SECRET: `${TOKEN_SECRET_MIN_LENGTH} to 1024 characters; in production it or TOKEN_SECRET_FILE has to be given`,
  TOKEN_SECRET_FILE: 'the path of a file with the secret, where TOKEN_SECRET is not given',
  STAFF_MFA: '"required" (in production unless it is given) or "optional"',
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
  EVENTS: '"on" where other services are told of matches through NATS, or "off"',
  EVENTS_MAX_AGE_HOURS: 'a whole number of hours from 1 to 8760',
  EVENTS_MAX_MEGABYTES: 'a whole number of megabytes from 1 to 1000000',
  GAME_SERVER_KEYS: 'the path of a file with a line for each game server: a name and a public key',
  OPERATOR_KEYS_FILE: 'the path of a file with a line for each operator: a name and a public key',
  PRICES: 'prices in US dollars such as CREDIT=0.01,USDC=1,USDT=1, from a millionth to a million',
  JOBS_AT: 'a time of day (UTC) such as 00:15 at which daily jobs run, or "off"',
  CHECKPOINT_KEY_FILE: 'the path of a file that `npm run operator -- keygen` made',
  BACKUP_DIR: 'the path of the folder in which each backup is a folder',
  BLOBS_URL: 'a bucket and what goes before each name, such as s3://recordings/leet',
  S3_ENDPOINT: 'an address such as https://storage.example.com of a server with the protocol of S3',
  S3_REGION: 'the name of a region such as eu-west-1',
} as const satisfies Record<keyof Variables, string>

export const SECRET_NAMES: ReadonlySet<string> = new Set([
  'TOKEN_SECRET',
  'METRICS_TOKEN',
  'NATS_URL',
  'NATS_MONITOR_URL',
  'MONGO_URL',
  'REDIS_URL',
])
