// What a MongoDB that cannot be used is told in: one line that names MONGO_URL and a remedy, and never the password.

import { MongoServerError } from 'mongodb'
import { DataSetError, messageOf } from '../dataSetError.ts'

const VARIABLE = 'MONGO_URL'
const EXAMPLE = 'mongodb://user:password@host:27017/?replicaSet=rs0'

const UNAUTHORIZED = 13
const AUTHENTICATION_CODES: ReadonlySet<unknown> = new Set([
  18, // AuthenticationFailed
  334, // MechanismUnavailable
  8000, // of Atlas
])

export interface Address {
  readonly hosts: string
  /** What no message may show. */
  readonly secrets: readonly string[]
}

/** Takes malformed addresses too: their refusal is not to show the password either. */
export function parseAddress(url: string): Address {
  const [, credentials = '', rest = ''] = /^(?:[\w+]+:\/\/)?(?:(.*)@)?(.*)$/s.exec(url) ?? []
  const password = credentials.slice(credentials.indexOf(':') + 1)
  const secrets = [url, credentials, password, decoded(password)].filter((text) => text !== '')
  return { hosts: rest.split(/[/?]/, 1)[0] || 'no host', secrets }
}

export function unusable(trouble: string, remedy: string): DataSetError {
  return new DataSetError(VARIABLE, trouble, remedy)
}

/** The refusal for an address of which the driver makes nothing. */
export function notAnAddress(error: unknown, address: Address): DataSetError {
  return unusable(
    `not usable as an address of MongoDB (${oneLine(messageOf(error), address)})`,
    `Give one such as ${EXAMPLE}`,
  )
}

/** The refusal for whatever the driver threw while `database` was being opened. */
export function refusal(error: unknown, address: Address, database: string): DataSetError {
  if (error instanceof DataSetError) return error
  const { hosts } = address
  const said = oneLine(messageOf(error), address)
  if (isRefusedLogin(error)) {
    return unusable(
      `${hosts} refused the user or the password (${said})`,
      `Correct them, or authSource, in ${VARIABLE}`,
    )
  }
  if (error instanceof MongoServerError && error.code === UNAUTHORIZED) {
    const remedy = `Give the user of ${VARIABLE} the role readWrite on ${database}`
    return unusable(`its user may not use the database ${database} on ${hosts}`, remedy)
  }
  if (error instanceof MongoServerError) {
    return unusable(`${hosts} refused what was asked of it (${said})`, `Point ${VARIABLE} at a server that can`)
  }
  return unusable(`no server that takes writes answers at ${hosts} (${said})`, `Start it, or correct ${VARIABLE}`)
}

function isRefusedLogin(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof MongoServerError && AUTHENTICATION_CODES.has(at.code)) return true
  }
  return false
}

function oneLine(text: string, { secrets }: Address): string {
  let line = text.replaceAll(/\s+/g, ' ').replace(/\.$/, '')
  for (const secret of secrets) line = line.replaceAll(secret, '***')
  return line.slice(0, 300)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
