// Follows the audit log's chain from its first entry and names the first that is broken. What it cannot see by itself is
// a missing end: for that it takes a head that somebody has noted earlier.

import { GENESIS, hashOf, parseEntry } from './auditEntry.ts'
import type { AuditEntry, AuditHead, AuditLog, Searched, StoredEntry } from './auditLog.ts'

export interface BrokenEntry {
  readonly seq: number
  readonly why: string
}

export interface ChainReport {
  readonly entries: number
  readonly head: AuditHead | null
  /** The first, after which nothing was looked at. */
  readonly broken: BrokenEntry | null
}

export class ChainCheck {
  readonly #noted: AuditHead | null
  #head: AuditHead = { seq: 0, hash: GENESIS }
  #atMs = 0
  #broken: BrokenEntry | null = null

  /** `noted`: a head that this log once had. */
  constructor(noted: AuditHead | null = null) {
    this.#noted = noted
  }

  /** The next stored entry; false once one is broken. */
  take(stored: StoredEntry): boolean {
    if (this.#broken !== null) return false
    const seq = this.#head.seq + 1
    const why = this.#wrongWith(stored, seq)
    if (why !== null) this.#broken = { seq, why }
    else this.#head = { seq, hash: stored.hash }
    return why === null
  }

  finish(): ChainReport {
    const { seq } = this.#head
    const noted = this.#noted
    if (this.#broken === null && noted !== null && noted.seq > seq) {
      this.#broken = { seq: seq + 1, why: `missing: the log once went on to entry ${noted.seq}` }
    }
    return { entries: seq, head: seq === 0 ? null : this.#head, broken: this.#broken }
  }

  /** Null where it is the entry `seq` of this chain. */
  #wrongWith({ seq: storedSeq, text, hash, searched }: StoredEntry, seq: number): string | null {
    if (storedSeq !== seq) return `missing: the next one there is ${storedSeq}`
    if (hashOf(text) !== hash) return 'its text is not what its hash was made from'
    const entry = parseEntry(text, hash)
    if (entry === null) return 'its text is no entry'
    if (entry.seq !== seq) return `its text is that of entry ${entry.seq}`
    if (entry.previous !== this.#head.hash) return 'it does not follow the entry before it'
    if (entry.atMs < this.#atMs) return 'its time is before that of the entry before it'
    if (!isSame(searched, entry)) return 'what is searched beside its text is not what the text says'
    this.#atMs = entry.atMs
    if (this.#noted?.seq === seq && this.#noted.hash !== hash) return 'it is not the entry that was noted'
    return null
  }
}

function isSame(searched: Searched, { atMs, actor, route, outcome }: AuditEntry): boolean {
  const { atMs: storedAtMs, actor: storedActor, route: storedRoute, outcome: storedOutcome } = searched
  return storedAtMs === atMs && storedActor === actor && storedRoute === route && storedOutcome === outcome
}

/** Of a whole log, running or not: what is appended meanwhile may be in it or not. */
export async function checkChain(log: Pick<AuditLog, 'read'>, noted: AuditHead | null = null): Promise<ChainReport> {
  const check = new ChainCheck(noted)
  for (let after = 0; ; ) {
    const entries = await log.read(after)
    for (const entry of entries) if (!check.take(entry)) return check.finish()
    const last = entries.at(-1)
    if (last === undefined) return check.finish()
    after = last.seq
  }
}
