// Refusals of those who are no staff: anybody can make them, as fast as they like. The first of a caller at a route is
// on record at once; what follows within the minute is counted, and put on record as one entry. So a flood costs the disk
// 65 entries a minute, some 30 KB, and still shows who, what and how often (A5).

import type { Scheduler } from '../../actors/runtime/ports.ts'
import type { AuditFact } from './auditLog.ts'

const WINDOW_MS = 60_000
/** Callers told apart within a minute, times the routes they tried; all others are counted together. */
const TOLD_APART = 32

interface Counted {
  readonly fact: AuditFact
  /** Since the entry that is on record. */
  more: number
}

export class RefusalTally {
  readonly #scheduler: Pick<Scheduler, 'after'>
  readonly #record: (fact: AuditFact) => void
  readonly #counted = new Map<string, Counted>()
  #others: Counted | null = null
  #cancel: (() => void) | null = null

  /** `record` takes an entry that nobody waits for. */
  constructor(scheduler: Pick<Scheduler, 'after'>, record: (fact: AuditFact) => void) {
    this.#scheduler = scheduler
    this.#record = record
  }

  /** `fact` is of one refused call. */
  note(fact: AuditFact): void {
    this.#cancel ??= this.#scheduler.after(WINDOW_MS, () => this.flush())
    const known = this.#counted.get(keyOf(fact))
    if (known !== undefined) known.more++
    else if (this.#counted.size < TOLD_APART) {
      this.#counted.set(keyOf(fact), { fact, more: 0 })
      this.#record(fact)
    } else if (this.#others !== null) this.#others.more++
    else {
      const nobody = { actor: null, roles: [], route: null, method: 'any', path: null, status: null, code: null }
      const nowhere = { requestId: null, address: null, target: null }
      this.#others = { fact: { ...fact, ...nobody, ...nowhere }, more: 1 }
    }
  }

  /** Puts on record what was counted, and begins anew. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = null
    const counted = [...this.#counted.values(), ...(this.#others === null ? [] : [this.#others])]
    this.#counted.clear()
    this.#others = null
    for (const { fact, more } of counted) {
      if (more > 0) this.#record({ ...fact, outcome: 'counted', requestId: null, count: more })
    }
  }
}

function keyOf({ actor, address, route, method, status }: AuditFact): string {
  return [actor ?? address, method, route, status].join(' ')
}
