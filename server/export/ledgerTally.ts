// What an export says of itself, computed batch by batch: how far each partition goes, its head and Merkle root, and the
// sums per asset. Whoever imports computes it again from what was read. Memory grows with partitions, assets and the
// accounts of the system, not with records or owners: an owned account counts under its code.

import { accountSpec, growsByDebit, isOwned } from '../../shared/accounts.ts'
import { ALL_NFTS, findAsset } from '../../shared/assets.ts'
import { MerkleTree } from '../../shared/merkle.ts'
import { Names } from '../audit/names.ts'
import { PartitionLog } from '../audit/partitionLog.ts'
import type { EntryLine } from '../audit/recordLine.ts'
import type { PartitionFigures } from '../proof/figures.ts'
import { hex } from '../proof/hashText.ts'
import { recordLines } from '../proof/recordLines.ts'
import { type AssetFigures, sidesOf } from '../proof/trialBalance.ts'
import { followBatch } from './followBatch.ts'

export interface PartitionTally extends PartitionFigures {
  /** Time of its newest record; null where it has none. */
  readonly atMs: number | null
}

interface Sum {
  minor: bigint
}

export class LedgerTally {
  readonly logs: readonly PartitionLog[]
  records = 0
  batches = 0
  private readonly trees: readonly MerkleTree[]
  private readonly sums = new Map<string, Map<string, Sum>>()
  private readonly assetNames = new Map<string, string>()

  constructor(partitions: number) {
    const names = new Names()
    this.logs = Array.from({ length: partitions }, (_, partition) => new PartitionLog(partition, names))
    this.trees = Array.from({ length: partitions }, () => new MerkleTree())
  }

  /** Takes the next batch of a partition; answers what is wrong with it, or null. */
  take(partition: number, bytes: Uint8Array): string | null {
    const log = this.logs[partition]
    const tree = this.trees[partition]
    if (log === undefined || tree === undefined) return `no partition ${partition} among ${this.logs.length}`
    const followed = followBatch(log, bytes, ({ entries }) => {
      for (const entry of entries) this.post(entry)
    })
    if (followed.kind === 'refused') return followed.why
    for (const line of recordLines(bytes)) tree.add(line)
    this.records += followed.value.count
    this.batches++
    return null
  }

  partitions(): readonly PartitionTally[] {
    return this.logs.map(({ partition, seq, head, atMs }, index) => {
      const tree = this.trees[index] ?? new MerkleTree()
      return { partition, seq, head, count: tree.size, root: hex(tree.root()), atMs: seq === 0 ? null : atMs }
    })
  }

  /** As a checkpoint has them (server/proof/trialBalance.ts). */
  assets(): readonly AssetFigures[] {
    return sorted(this.sums).map(([asset, accounts]) => {
      const rows = sorted(accounts).map(([account, { minor }]) => [account, minor] as const)
      return { asset, ...sidesOf(rows), accounts: rows }
    })
  }

  private post({ account, asset, debit, amountMinor }: EntryLine): void {
    const spec = accountSpec(account)
    const row = spec !== null && isOwned(spec) ? spec.code : account
    const sum = this.sumOf(this.nameOf(asset), row)
    const grows = growsByDebit(spec ?? UNKNOWN) === debit
    sum.minor += grows ? amountMinor : -amountMinor
  }

  private sumOf(asset: string, account: string): Sum {
    let accounts = this.sums.get(asset)
    if (accounts === undefined) {
      accounts = new Map()
      this.sums.set(asset, accounts)
    }
    let sum = accounts.get(account)
    if (sum === undefined) {
      sum = { minor: 0n }
      accounts.set(account, sum)
    }
    return sum
  }

  private nameOf(asset: string): string {
    const known = this.assetNames.get(asset)
    if (known !== undefined) return known
    // Of NFTs there may be millions: they are one asset here, and not kept by name.
    if (findAsset(asset)?.type === 'nft') return ALL_NFTS
    this.assetNames.set(asset, asset)
    return asset
  }
}

/** An account that is not in the chart: it is an audit's to name, and grows by credit here. */
const UNKNOWN = Object.freeze({ code: '', title: '', class: 'liability', owners: [] } as const)

function sorted<Value>(rows: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
}
