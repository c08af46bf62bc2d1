// The process's log: JSON lines on standard output. Whatever is logged, tokens, passwords and secrets are cut out of it
// by field name, one level down as well, so that a logged request or error never carries them.

import { type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

const SECRET_FIELDS = [
  'authorization',
  '"x-resource-owner-id"',
  'cookie',
  'token',
  'refresh_token',
  'refreshToken',
  'password',
  'secret',
]

const redactedPaths = SECRET_FIELDS.flatMap((field) => {
  return field.startsWith('"') ? [`[${field}]`, `*[${field}]`] : [field, `*.${field}`, `*.*.${field}`]
})

export type Log = Logger

export function createLog(level: LogLevel): Log {
  return pino({
    level,
    redact: { paths: redactedPaths, censor: '[redacted]' },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  })
}
