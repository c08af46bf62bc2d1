// An entry of the audit log as text, and back. The text is what is hashed and kept: a version, then every field in one
// fixed order, so that equal entries are equal bytes. It holds the hash of the entry before: that is the chain.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { isUserId, type UserId } from '../../shared/ids.ts'
import { ROLES } from '../identity/port.ts'
import { type AuditEntry, type AuditFact, type AuditHead, OUTCOMES } from './auditLog.ts'

const VERSION = 1
export const GENESIS = '0'.repeat(64)
/** Beyond this a text of before or after is left out, and the entry says so. */
const CHANGE_MAX_LENGTH = 4096

const text = z.string().nullable()
const count = z.int().min(0)

const formSchema = z.tuple([
  z.literal(VERSION),
  count, // seq
  count, // atMs
  z.string().refine(isUserId).nullable(),
  z.array(z.enum(ROLES)),
  text, // route
  z.string(), // method
  text, // path
  z.enum(OUTCOMES),
  count.nullable(), // status
  text, // code
  text, // request id
  text, // address
  text, // target
  text, // before
  text, // after
  count.nullable(), // attempt
  count,
  z.string().regex(/^[0-9a-f]{64}$/), // previous
])

/** The entry that follows `head`. Its time is never before `atLeastMs`, that of the entry there. */
export function sealEntry(
  fact: AuditFact,
  head: AuditHead | null,
  nowMs: number,
  atLeastMs: number,
): { readonly entry: AuditEntry; readonly text: string } {
  const seq = (head?.seq ?? 0) + 1
  const atMs = Math.max(nowMs, atLeastMs)
  const previous = head?.hash ?? GENESIS
  const bounded = { ...fact, before: boundedChange(fact.before), after: boundedChange(fact.after) }
  const text = entryText({ ...bounded, seq, atMs, previous })
  return { entry: { ...bounded, seq, atMs, previous, hash: hashOf(text) }, text }
}

/** Null where the text is no entry. */
export function parseEntry(text: string, hash: string): AuditEntry | null {
  const parsed = formSchema.safeParse(parseJson(text))
  if (!parsed.success) return null
  const [, seq, atMs, actor, roles, route, method, path, outcome, status, code, ...more] = parsed.data
  const [requestId, address, target, before, after, attempt, calls, previous] = more
  const who = { actor: actor as UserId | null, roles } // refined to be one
  const where = { route, method, path, requestId, address, target }
  return { seq, atMs, ...who, ...where, outcome, status, code, before, after, attempt, count: calls, previous, hash }
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function entryText(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, atMs, actor, roles, route, method, path, outcome, status, code } = entry
  const { requestId, address, target, before, after, attempt, count: calls, previous } = entry
  const call = [actor, roles, route, method, path, outcome, status, code, requestId, address]
  return JSON.stringify([VERSION, seq, atMs, ...call, target, before, after, attempt, calls, previous])
}

function boundedChange(change: string | null): string | null {
  return change !== null && change.length > CHANGE_MAX_LENGTH ? JSON.stringify({ left_out: change.length }) : change
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
