// The checks of what was projected (S1), one watcher each. A store is behind its journal: it is checked as of its own
// checkpoint, and how much was beyond that, and since when, is said.

import type { Audit, AuditWatcher } from '../../audit/audit.ts'
import type { PartitionLog } from '../../audit/partitionLog.ts'
import type { RecordLine } from '../../audit/recordLine.ts'
import { brokenAt, type CheckName, type CheckResult, checked, notChecked } from '../checks.ts'
import { LAG_LIMIT_MS } from '../limits.ts'
import { Apart } from './apart.ts'

export type StoreCheck = Extract<
  CheckName,
  'store_checkpoints' | 'store_log' | 'store_history' | 'snapshots' | 'closings' | 'keys' | 'fates'
>

const STORE_CHECKS: readonly StoreCheck[] = [
  'store_checkpoints',
  'store_log',
  'store_history',
  'snapshots',
  'closings',
  'keys',
  'fates',
]

export interface StorePart {
  readonly check: StoreCheck
  make(): AuditWatcher
  /** What it has compared. */
  counts?(): Readonly<Record<string, number>>
}

export interface StoreSide {
  readonly watchers: readonly AuditWatcher[]
  /** Records that were beyond the store's checkpoint when they were read. */
  readonly beyond: number
  results(nowMs: number): readonly CheckResult[]
}

/** `through`: seq of a partition's checkpoint. */
export function storeSide(parts: readonly StorePart[], through: (partition: number) => number): StoreSide {
  const lag = new Lag(through)
  const aparts = parts.map((part) => ({ part, apart: new Apart(() => part.make()) }))
  return {
    watchers: [...aparts.map(({ apart }) => apart), lag],
    get beyond() {
      return lag.records
    },
    results: (nowMs) =>
      STORE_CHECKS.map((check) => {
        const mine = aparts.filter(({ part }) => part.check === check)
        // On MongoDB one check covers log, balances and history: there a part may have none of its own.
        if (mine.length === 0) return checked(check, {})
        const found = mine.flatMap(({ apart: { finding } }) =>
          finding === null ? [] : [brokenAt(check, finding.at, `${finding.invariant}: ${finding.message}`)],
        )
        const counts = Object.assign({}, ...mine.map(({ part }) => part.counts?.() ?? {}))
        if (found.length > 0) return checked(check, counts, found)
        const late = lag.oldestMs === null ? 0 : nowMs - lag.oldestMs
        if (late <= LAG_LIMIT_MS) return checked(check, counts)
        const seconds = Math.round(late / 1000)
        return notChecked(
          check,
          `the store has nothing of the last ${seconds} s, ${lag.records} records: its projector stands`,
        )
      }),
  }
}

export function noStore(why: string): StoreSide {
  return {
    watchers: [],
    beyond: 0,
    results: () => STORE_CHECKS.map((check) => notChecked(check, why)),
  }
}

/** It is there, and cannot be read at all. */
export function brokenStore(why: string): StoreSide {
  const reason = 'the store cannot be read'
  const broken = checked('store_log', {}, [brokenAt('store_log', 'store', `${reason}: ${why}`)])
  const results = STORE_CHECKS.map((check) => (check === 'store_log' ? broken : notChecked(check, reason)))
  return { watchers: [], beyond: 0, results: () => results }
}

/** Of the records that the store did not have. */
class Lag implements AuditWatcher {
  records = 0
  oldestMs: number | null = null
  private readonly through: (partition: number) => number

  constructor(through: (partition: number) => number) {
    this.through = through
  }

  before(): void {}

  after(_audit: Audit, { partition }: PartitionLog, { seq, atMs }: RecordLine): void {
    if (seq <= this.through(partition)) return
    this.records++
    this.oldestMs = Math.min(this.oldestMs ?? atMs, atMs)
  }

  batch(): void {}

  end(): void {}
}
