// A moment as the programs take it: RFC 3339, as every answer of the server writes it.

import { z } from 'zod'
import { UsageError } from '../commandLine.ts'

const MOMENT = z.iso.datetime({ offset: true })

/** Null where none was named. Throws UsageError. */
export function momentArgument(text: string | undefined): number | null {
  if (text === undefined) return null
  const read = MOMENT.safeParse(text)
  if (!read.success) throw new UsageError(`--as-of takes a time such as 2026-01-31T23:59:59.999Z, not ${text}`)
  return Date.parse(read.data)
}
