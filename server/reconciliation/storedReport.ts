// A stored report as it is shown: its first line is the report, the others are its discrepancies in the order of their
// urgency, so that a page of one severity is found by counting line feeds and not by reading them all (A5).

import type { Severity } from './matching/judgement.ts'
import { SEVERITIES } from './matching/judgement.ts'

const LINE_FEED = 0x0a
/** Lines made text between two turns of the loop. */
const AT_ONCE = 500

export interface Page {
  readonly lines: readonly string[]
  /** Where the next page begins; null where there is none. */
  readonly next: number | null
}

/** The report's own line. */
export function headLine(document: Uint8Array): string {
  const end = document.indexOf(LINE_FEED)
  return textOf(document, 0, end === -1 ? document.byteLength : end)
}

/** Discrepancies from the n-th on, of one severity or of all. */
export function pageOf(document: Uint8Array, from: number, limit: number, severity: Severity | null): Page {
  const counts = countsOf(document)
  const before = severity === 'warning' ? counts.critical : severity === 'info' ? counts.critical + counts.warning : 0
  const all = severity === null ? counts.critical + counts.warning + counts.info : counts[severity]
  const lines: string[] = []
  let at = skip(document, 0, 1 + before + from)
  const wanted = Math.min(limit, all - from)
  while (at < document.byteLength && lines.length < wanted) {
    const end = document.indexOf(LINE_FEED, at)
    if (end === -1) break
    lines.push(textOf(document, at, end))
    at = end + 1
  }
  const isMore = at < document.byteLength && from + lines.length < all
  return { lines, next: isMore ? from + lines.length : null }
}

/** Every discrepancy, some at a time. */
export async function* discrepancyLines(document: Uint8Array): AsyncGenerator<string, void, undefined> {
  let count = 0
  for (let at = skip(document, 0, 1); at < document.byteLength; ) {
    const end = document.indexOf(LINE_FEED, at)
    if (end === -1) return
    yield textOf(document, at, end)
    at = end + 1
    if (++count % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

function countsOf(document: Uint8Array): Record<Severity, number> {
  const head: unknown = JSON.parse(headLine(document))
  const given = typeof head === 'object' && head !== null && 'discrepancies' in head ? head.discrepancies : null
  const counts = new Map<string, unknown>(typeof given === 'object' && given !== null ? Object.entries(given) : [])
  const [info = 0, warning = 0, critical = 0] = SEVERITIES.map((name) => Number(counts.get(name) ?? 0))
  return { info, warning, critical }
}

function skip(document: Uint8Array, from: number, lines: number): number {
  let at = from
  for (let count = 0; count < lines; count++) {
    const end = document.indexOf(LINE_FEED, at)
    if (end === -1) return document.byteLength
    at = end + 1
  }
  return at
}

function textOf(document: Uint8Array, start: number, end: number): string {
  return Buffer.from(document.buffer, document.byteOffset, document.byteLength).toString('utf8', start, end)
}
