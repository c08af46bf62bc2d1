// The secret that signs access tokens: given, read from a file, or made on first start and kept beside the data, for its
// owner's eyes only.

import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError, TOKEN_SECRET_MIN_LENGTH, type TokenSecretSource } from '../config.ts'

/** Throws ConfigError, naming the file and what it takes. */
export function loadTokenSecret(source: TokenSecretSource): string {
  switch (source.kind) {
    case 'given':
      return source.secret
    case 'file':
      return read(source.path, 'TOKEN_SECRET_FILE')
    case 'kept':
      return make(source.path) ?? readKept(source.path)
    default:
      return source satisfies never
  }
}

function readKept(path: string): string {
  chmodSync(path, 0o600)
  return read(path, 'TOKEN_SECRET (kept)')
}

/** Null where there is one already, made by an earlier start. */
function make(path: string): string | null {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = openNew(path)
  if (file === null) return null
  const secret = randomBytes(48).toString('base64url')
  try {
    writeSync(file, `${secret}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return secret
}

function openNew(path: string): number | null {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null
    throw error
  }
}

function read(path: string, name: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError([`${name} takes a readable file: ${reason}`])
  }
  if (text.length >= TOKEN_SECRET_MIN_LENGTH) return text
  throw new ConfigError([`${name} takes a file with at least ${TOKEN_SECRET_MIN_LENGTH} characters: ${path} has fewer`])
}
