// Hashes as documents hold them: lower case hex.

import { z } from 'zod'
import { HASH_BYTES, type Hash } from '../../shared/merkle.ts'

export const HASH_TEXT = z.string().regex(/^[0-9a-f]{64}$/)

export function hex(hash: Hash): string {
  return Buffer.from(hash).toString('hex')
}

/** Of a HASH_TEXT. */
export function unhex(text: string): Hash {
  const hash = Buffer.from(text, 'hex')
  if (hash.length !== HASH_BYTES) throw new Error(`${text} is no hash`)
  return hash
}
