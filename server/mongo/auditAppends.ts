// Appends to the audit log of a cluster. The number of an entry is its _id, which only one document can have: whoever
// finds it taken reads the head again and seals what is left anew. So numbers have no gaps and the chain no branches,
// whatever is slow or sent twice. What waits while a group is on its way goes in the next one, in order.

import { type Collection, MongoServerError } from 'mongodb'
import type { Clock } from '../../actors/runtime/ports.ts'
import { ServiceError } from '../../shared/errors.ts'
import { randomId } from '../identity/refreshTokens.ts'
import { sealEntry } from '../staff/auditEntry.ts'
import type { AuditEntry, AuditFact, AuditHead } from '../staff/auditLog.ts'

export interface AuditDocument {
  readonly _id: number
  readonly atMs: number
  readonly actor: string | null
  readonly route: string | null
  readonly outcome: string
  readonly text: string
  readonly hash: string
  /** Of one insertion alone. */
  readonly nonce: string
}

interface Waiting {
  readonly fact: AuditFact
  readonly resolve: (entry: AuditEntry) => void
  readonly reject: (error: unknown) => void
  abandoned: boolean
}

type Sealed = ReturnType<typeof sealEntry>
type Newest = Pick<AuditDocument, '_id' | 'atMs' | 'hash'>

/** A single command never touches more: some servers stall on larger ones. */
const GROUP_LIMIT = 100
/** Beyond it, appends are refused `overloaded` (A5). */
const WAITING_LIMIT = 1_000
/** Each is an entry of another process; more in a row are a server that does not show what it has. */
const RACES = 200
const DUPLICATE_KEY = 11_000

export class AuditAppends {
  readonly #entries: Collection<AuditDocument>
  readonly #clock: Clock
  #queue: Waiting[] = []
  #running: Promise<void> | null = null
  /** Of this process's last group, known to a majority: mostly still the newest. */
  #known: Newest | null = null

  constructor(entries: Collection<AuditDocument>, clock: Clock) {
    this.#entries = entries
    this.#clock = clock
  }

  /** `abandon`: its caller was told that it failed; where its turn has not come yet, it is left out. */
  take(fact: AuditFact): { readonly entry: Promise<AuditEntry>; abandon(): void } {
    if (this.#queue.length >= WAITING_LIMIT) throw new ServiceError('overloaded')
    const { promise: entry, resolve, reject } = Promise.withResolvers<AuditEntry>()
    entry.catch(() => {}) // whoever abandoned it does not listen any more
    const waiting: Waiting = { fact, resolve, reject, abandoned: false }
    this.#queue.push(waiting)
    this.#running ??= this.#run()
    return {
      entry,
      abandon() {
        waiting.abandoned = true
      },
    }
  }

  async settled(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    // Those of the same turn of the loop go together.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, GROUP_LIMIT).filter(({ abandoned }) => !abandoned)
      try {
        const entries = await this.#insert(group.map(({ fact }) => fact))
        for (const [at, entry] of entries.entries()) group[at]?.resolve(entry)
      } catch (error) {
        this.#known = null
        for (const { reject } of group) reject(error)
      }
    }
    this.#running = null
  }

  async #insert(facts: readonly AuditFact[]): Promise<readonly AuditEntry[]> {
    const done: AuditEntry[] = []
    for (let race = 0; race < RACES && done.length < facts.length; race++) {
      const newest = this.#known ?? (await newestOf(this.#entries))
      const sealed = this.#seal(facts.slice(done.length), newest)
      done.push(...(await this.#insertSealed(sealed)))
    }
    if (done.length < facts.length) throw new ServiceError('overloaded')
    return done
  }

  #seal(facts: readonly AuditFact[], newest: Newest | null): readonly Sealed[] {
    const sealed: Sealed[] = []
    for (const fact of facts) {
      const before = sealed.at(-1)?.entry
      const head = before ?? (newest === null ? null : headOf(newest))
      sealed.push(sealEntry(fact, head, this.#clock.nowMs(), before?.atMs ?? newest?.atMs ?? 0))
    }
    return sealed
  }

  /** Those that are in, which is a beginning of them: MongoDB stops at the first that it cannot insert. */
  async #insertSealed(sealed: readonly Sealed[]): Promise<readonly AuditEntry[]> {
    const nonce = randomId()
    const documents = sealed.map(({ entry: { seq, atMs, actor, route, outcome, hash }, text }) => {
      return { _id: seq, atMs, actor, route, outcome, text, hash, nonce }
    })
    let own = sealed.length
    try {
      if (documents.length > 0) await this.#entries.insertMany(documents, { ordered: true })
    } catch (error) {
      if (!(error instanceof MongoServerError && error.code === DUPLICATE_KEY)) throw error
      own = await this.#ownOf(documents)
    }
    this.#known = own === sealed.length ? (documents.at(-1) ?? null) : null
    return sealed.slice(0, own).map(({ entry }) => entry)
  }

  /** How many are in after all: before one that another process was first with, or all, if the driver sent them twice. */
  async #ownOf(documents: readonly AuditDocument[]): Promise<number> {
    const range = { $gte: documents[0]?._id ?? 0, $lte: documents.at(-1)?._id ?? 0 }
    const there = await this.#entries.find({ _id: range }, { sort: { _id: 1 }, ...LATEST }).toArray()
    const other = documents.findIndex(({ nonce }, at) => there[at]?.nonce !== nonce)
    return other === -1 ? documents.length : other
  }
}

export function newestOf(entries: Collection<AuditDocument>): Promise<AuditDocument | null> {
  return entries.findOne({}, { sort: { _id: -1 }, ...LATEST })
}

export function headOf({ _id: seq, hash }: Newest): AuditHead {
  return { seq, hash }
}

/**
 * What the primary has, a majority or not: an entry that follows it is known to a majority only once that is. The
 * majority's view may be behind, and every try would find its number taken.
 */
const LATEST = { readConcern: { level: 'local' } } as const
