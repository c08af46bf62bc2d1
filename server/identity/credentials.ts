// The form of what people type: addresses, passwords, display names. One schema each validates, normalises and
// documents; the HTTP routes and the identity adapter share them, so that equal inputs are equal everywhere.

import { z } from 'zod'

const EMAIL_MAX_LENGTH = 254
const PASSWORD_MIN_LENGTH = 10
const PASSWORD_MAX_LENGTH = 128
const NAME_MAX_LENGTH = 32

/** Addresses are compared without case: two users whose addresses differ by case alone would be one person's mistake. */
export function normaliseEmail(text: string): string {
  return text.trim().toLowerCase()
}

/** The same characters typed on different keyboards become the same bytes before they are hashed. */
export function normalisePassword(text: string): string {
  return text.normalize('NFKC')
}

export function normaliseName(text: string): string {
  return text.normalize('NFKC').trim().replace(/ {2,}/g, ' ')
}

// Control characters, and marks that reorder or hide what stands beside them (bidirectional controls, zero-width
// spaces, line separators): a name must not be able to look like another one or to break a line. ZWJ and ZWNJ stay,
// since whole scripts and emoji are written with them. \p{C}: control, surrogate halves, private use, unassigned.
const FORBIDDEN_IN_NAME =
  /\u034f|[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}\p{Cc}\p{Cs}\p{Co}\p{Cn}]/u
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u

export const displayNameSchema = z
  .string()
  .max(256)
  .transform(normaliseName)
  .refine((name) => length(name) >= 1 && length(name) <= NAME_MAX_LENGTH, {
    error: `takes 1 to ${NAME_MAX_LENGTH} characters`,
  })
  .refine((name) => !FORBIDDEN_IN_NAME.test(name) && VISIBLE.test(name), {
    error: 'takes visible characters only',
  })
  .meta({ description: `1 to ${NAME_MAX_LENGTH} visible characters after Unicode normalisation (NFKC)` })

export const emailSchema = z
  .string()
  .max(EMAIL_MAX_LENGTH)
  .transform(normaliseEmail)
  .pipe(z.email({ error: 'takes an email address' }))
  .meta({ description: 'an email address; case does not matter' })

export const newPasswordSchema = z
  .string()
  .max(4 * PASSWORD_MAX_LENGTH)
  .transform(normalisePassword)
  .refine((text) => length(text) >= PASSWORD_MIN_LENGTH && length(text) <= PASSWORD_MAX_LENGTH, {
    error: `takes ${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters`,
  })
  .meta({ description: `${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters` })

/** Characters as people count them, near enough: code points. */
function length(text: string): number {
  return [...text].length
}
