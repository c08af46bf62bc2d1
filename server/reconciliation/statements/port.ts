// Where the provider's side comes from. A statement says what it covers, so that what it does not is never taken for what
// is not there. Every adapter passes test/conformance/statement.suite.ts.

import type { Lateness } from '../limits.ts'
import type { Line } from '../matching/items.ts'

/** Both ends are part of it. */
export interface Period {
  readonly fromMs: number
  readonly toMs: number
}

export interface Statement {
  /** Such as `sandbox`: a report says whose word it took. */
  readonly name: string
  readonly lateness: Lateness
  /** Null where it has nothing to say of this account. Rejects where it cannot be read. */
  open(account: string, period: Period): Promise<OpenStatement | null>
}

export interface OpenStatement {
  /** Parts of the period that it has every line of, the earliest first, without overlap. */
  readonly covers: readonly Period[]
  /** Whether that is all of the period. */
  readonly complete: boolean
  /** Every line that it has, of the period or around it, each once. */
  pages(): AsyncGenerator<readonly Line[], void, undefined>
}

/** What of a period is covered, given pieces in any order; pieces that touch become one. */
export function coverageOf(
  pieces: readonly Period[],
  { fromMs, toMs }: Period,
): Pick<OpenStatement, 'covers' | 'complete'> {
  const covers: Period[] = []
  const sorted = [...pieces].sort((a, b) => a.fromMs - b.fromMs)
  for (const piece of sorted) {
    const inside = { fromMs: Math.max(piece.fromMs, fromMs), toMs: Math.min(piece.toMs, toMs) }
    if (inside.fromMs > inside.toMs) continue
    const last = covers.at(-1)
    // To the millisecond: the day after ends where the day before began.
    if (last === undefined || inside.fromMs > last.toMs + 1) covers.push(inside)
    else covers[covers.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, inside.toMs) }
  }
  const [only] = covers
  return { covers, complete: covers.length === 1 && only?.fromMs === fromMs && only.toMs === toMs }
}

export function isCovered(covers: readonly Period[], atMs: number): boolean {
  return covers.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs)
}
