// Why a Redis will not do, in one line that names REDIS_URL and what to do about it.

import { DataSetError, messageOf } from '../dataSetError.ts'

const LEAST_VERSION = [6, 2] as const

/** A server that answers, but cannot be used. */
class UnfitError extends Error {
  readonly remedy: string
  constructor(trouble: string, remedy: string) {
    super(trouble)
    this.remedy = remedy
  }
}

/** What is wrong with a server that says this of itself (INFO); null where it will do. */
export function redisTrouble(info: string): Error | null {
  const says = (field: string): string => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? ''
  const version = says('redis_version')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_VERSION
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    const named = version === '' ? 'does not say its version' : `is Redis ${version}`
    return new UnfitError(`${named}; ${LEAST_VERSION.join('.')} or newer is needed`, 'Upgrade it, or name another one')
  }
  if (says('redis_mode') === 'cluster') {
    return new UnfitError('is part of a Redis Cluster', 'Name a single server, or a primary with its replicas')
  }
  if (says('role') === 'slave') return new UnfitError('is a replica, which takes no writes', 'Name its primary')
  return null
}

export function redisRefusal(at: string, error: unknown): DataSetError {
  const trouble = messageOf(error)
  if (error instanceof UnfitError) return refusal(`${at} ${trouble}`, error.remedy)
  if (/^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH)/i.test(trouble)) {
    return refusal(`${at} refuses the credentials (${trouble})`, 'Give the user and the password that it knows')
  }
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/.test(trouble)) {
    return refusal(
      `nobody answers at ${at} (${trouble})`,
      'Start Redis there, or correct the address (with TLS rediss://)',
    )
  }
  return refusal(
    `${at} does not answer as Redis does (${trouble})`,
    'Correct the address (redis://, with TLS rediss://)',
  )
}

function refusal(trouble: string, remedy: string): DataSetError {
  return new DataSetError('REDIS_URL', trouble.replace(/\.$/, ''), remedy)
}
