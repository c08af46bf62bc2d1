// What a checkpoint says of a data set: for each partition how far it goes, the hash of its newest batch and the Merkle
// root over its records, and the trial balance per asset. Computed from the journal alone, by the same audit that
// `npm run verify` makes of it, so that nothing is attested that does not balance.

import { MerkleTree } from '../../shared/merkle.ts'
import { Audit, type AuditWatcher } from '../audit/audit.ts'
import type { BatchTaker } from '../audit/commits.ts'
import type { PartitionLog } from '../audit/partitionLog.ts'
import type { HeaderLine } from '../audit/recordLine.ts'
import type { Violation } from '../audit/violation.ts'
import { hex } from './hashText.ts'
import { recordLines } from './recordLines.ts'
import type { LedgerSource } from './source.ts'
import { type AssetFigures, trialBalance } from './trialBalance.ts'

export interface PartitionFigures {
  readonly partition: number
  /** Of its newest record; 0 where it has none. */
  readonly seq: number
  /** SHA-256 of its newest batch, which names the one before it (J3); zeros where it has none. */
  readonly head: string
  /** Records: the leaves of the tree. */
  readonly count: number
  /** Of the Merkle tree over its records, the record of seq n being leaf n - 1. */
  readonly root: string
}

export interface LedgerFigures {
  readonly partitions: readonly PartitionFigures[]
  readonly assets: readonly AssetFigures[]
}

export type Computed =
  | { readonly kind: 'computed'; readonly figures: LedgerFigures }
  /** Every record was read, and the sums over them do not hold. */
  | { readonly kind: 'unbalanced'; readonly figures: LedgerFigures; readonly violation: Violation }
  /** Nothing behind it was read. */
  | { readonly kind: 'broken'; readonly violation: Violation }

/** Of the whole data set, or of each partition through a seq. Rejects with DataSetError or ReadingError. */
export async function computeFigures(source: LedgerSource, through: readonly number[] | null): Promise<Computed> {
  const trees = new RecordTrees(source.partitions)
  const audit = new Audit({ partitions: source.partitions, watchers: [trees] })
  const damage = await source.feed(through === null ? audit : new Prefix(audit, through))
  if (through === null && damage === null) await source.readOn(audit)
  // M8: what was reversed is looked at once its reversals are known.
  const originals = damage === null ? audit.originals() : null
  const found = damage ?? (originals === null ? null : await source.feed(originals)) ?? audit.violation
  if (found !== null) return { kind: 'broken', violation: found }
  const partitions = audit.logs.map(({ partition, seq, head }) => {
    const { size: count, root } = trees.of(partition)
    return { partition, seq, head, count, root }
  })
  const figures: LedgerFigures = { partitions, assets: trialBalance(audit) }
  const { violation } = audit.finish()
  return violation === null ? { kind: 'computed', figures } : { kind: 'unbalanced', figures, violation }
}

export function violationShown({ invariant, at, message }: Violation): string {
  return `BROKEN ${invariant} at ${at}: ${message}`
}

/** The trees of all partitions, grown beside the audit. */
class RecordTrees implements AuditWatcher {
  private readonly trees: readonly MerkleTree[]

  constructor(partitions: number) {
    this.trees = Array.from({ length: partitions }, () => new MerkleTree())
  }

  before(): void {}

  after(): void {}

  batch(_audit: Audit, { partition }: PartitionLog, _header: HeaderLine, bytes: Uint8Array): void {
    const tree = this.trees[partition]
    if (tree === undefined) return
    for (const line of recordLines(bytes)) tree.add(line)
  }

  end(): void {}

  of(partition: number): { readonly size: number; readonly root: string } {
    const tree = this.trees[partition] ?? new MerkleTree()
    return { size: tree.size, root: hex(tree.root()) }
  }
}

/** Lets an audit have each partition through a seq and no further. */
class Prefix implements BatchTaker {
  private readonly audit: Audit
  private readonly through: readonly number[]
  private short: number

  constructor(audit: Audit, through: readonly number[]) {
    this.audit = audit
    this.through = through
    this.short = through.filter((seq) => seq > 0).length
  }

  get logs(): Audit['logs'] {
    return this.audit.logs
  }

  get isFull(): boolean {
    return this.short === 0
  }

  take(partition: number, position: number, bytes: Uint8Array): Violation | null {
    if (this.isReached(partition)) return null
    const violation = this.audit.take(partition, position, bytes)
    if (this.isReached(partition)) this.short--
    return violation
  }

  private isReached(partition: number): boolean {
    return (this.audit.logs[partition]?.seq ?? 0) >= (this.through[partition] ?? 0)
  }
}
