// The process's log: JSON lines on standard output. Whatever is logged, tokens, passwords and secrets are cut out of it
// by field name, two levels down as well, so that a logged request or error never carries them.

import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

const SECRET_FIELDS = [
  'authorization',
  'x-resource-owner-id',
  'cookie',
  'token',
  'refresh_token',
  'refreshToken',
  'password',
  'secret',
]

const redactedPaths = SECRET_FIELDS.flatMap((field) => ['', '*', '*.*'].map((at) => `${at}["${field}"]`))

export type Log = Logger

export function createLog(level: LogLevel, destination: DestinationStream = pino.destination(1)): Log {
  const options = {
    level,
    redact: { paths: redactedPaths, censor: '[redacted]' },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return pino(options, destination)
}
