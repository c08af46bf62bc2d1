// What an operator decides about one halt (docs/operations.md), as a document with a signature over its exact text: what
// is checked is what was signed, whoever stored it. It names the halt by its id, so that it can be used for no other.

import { type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import type { Halt } from '../halts.ts'

/**
 * `retry`: take the partition up again from its last round; its cause was mended. `rebuild`: take everything of the
 * partition out of the store and make it again from the journal. There is no third: nothing is ever skipped (S1).
 */
export const CHOICES = ['retry', 'rebuild'] as const
export type Choice = (typeof CHOICES)[number]

export const OPERATOR_NAME = /^[a-z][a-z0-9._-]{0,63}$/

const DOCUMENT = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(/^d_[A-Za-z0-9_-]{16,64}$/),
  dataSet: z.string(),
  dataSetId: z.string(),
  partition: z.int().nonnegative(),
  haltId: z.string(),
  /** As the halt was reported: what the operator has looked at. */
  seq: z.int().nonnegative().nullable(),
  reason: z.string(),
  haltedAt: z.iso.datetime(),
  decision: z.enum(CHOICES),
  operator: z.string().regex(OPERATOR_NAME),
  at: z.iso.datetime(),
  note: z.string().min(1).max(1000),
})
export type Decision = Readonly<z.infer<typeof DOCUMENT>>

export interface SignedDecision {
  /** The JSON of a Decision, byte for byte as it was signed. */
  readonly text: string
  /** Ed25519, base64. */
  readonly signature: string
}

/** Signed in front of the text, so that a signature made for anything else says nothing here. */
const PURPOSE = 'leetgaming operator decision 1\n'

export interface Deciding {
  readonly id: string
  readonly dataSet: string
  readonly dataSetId: string
  readonly halt: Halt
  readonly decision: Choice
  readonly operator: string
  readonly note: string
  readonly at: string
}

/** Throws, with what is wrong, where it makes no sound document. */
export function signDecision(deciding: Deciding, key: KeyObject): SignedDecision {
  const { halt, ...rest } = deciding
  const { partition, id: haltId, seq, reason, at: haltedAt } = halt
  const text = JSON.stringify(DOCUMENT.parse({ format: 1, ...rest, partition, haltId, seq, reason, haltedAt }))
  return { text, signature: sign(null, Buffer.from(PURPOSE + text, 'utf8'), key).toString('base64') }
}

export type Verified =
  | { readonly kind: 'verified'; readonly decision: Decision }
  | { readonly kind: 'refused'; readonly why: string }

/** Whose decision it is, and that it is theirs; not yet whether it applies. */
export function verifyDecision(signed: SignedDecision, keys: ReadonlyMap<string, KeyObject>): Verified {
  const decision = read(signed.text)
  if (decision === null) return { kind: 'refused', why: 'it is no decision this program can read' }
  const key = keys.get(decision.operator)
  if (key === undefined) return { kind: 'refused', why: `no key of an operator ${decision.operator} is known here` }
  const bytes = Buffer.from(PURPOSE + signed.text, 'utf8')
  if (!verify(null, bytes, key, Buffer.from(signed.signature, 'base64'))) {
    return { kind: 'refused', why: `it is not signed with the key of ${decision.operator}` }
  }
  return { kind: 'verified', decision }
}

function read(text: string): Decision | null {
  try {
    return DOCUMENT.parse(JSON.parse(text))
  } catch {
    return null
  }
}
