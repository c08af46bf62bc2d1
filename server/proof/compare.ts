// Whether a data set is what a checkpoint says: the first difference, in words. Partitions come before sums, since sums
// follow from them. What the data set has beyond the checkpoint says nothing.

import type { Checkpoint } from './checkpoint.ts'
import { computeFigures, type LedgerFigures, type PartitionFigures, violationShown } from './figures.ts'
import type { LedgerSource } from './source.ts'

/** Null where there is none: every record and every sum was computed again. Rejects as the source does. */
export async function differenceFrom(checkpoint: Checkpoint, source: LedgerSource): Promise<string | null> {
  const foreign = foreignness(checkpoint, source)
  if (foreign !== null) return `the checkpoint ${foreign}`
  const through = checkpoint.partitions.map(({ seq }) => seq)
  const computed = await computeFigures(source, through)
  if (computed.kind === 'broken') return violationShown(computed.violation)
  const { figures } = computed
  const parts = partitionsDifference(checkpoint, figures)
  if (parts !== null) return parts
  // Records that end elsewhere than the checkpoint's hardly balance: that they end there is what there is to say.
  return computed.kind === 'unbalanced' ? violationShown(computed.violation) : assetsDifference(checkpoint, figures)
}

/** What makes it the checkpoint of another data set, or null. */
export function foreignness({ dataSetId, partitions }: Checkpoint, source: LedgerSource): string | null {
  if (dataSetId !== source.dataSetId)
    return `was made of the data set ${dataSetId}, and this one is ${source.dataSetId}`
  if (partitions.length === source.partitions) return null
  return `has ${partitions.length} partitions, and this data set ${source.partitions}`
}

function partitionsDifference(stated: LedgerFigures, found: LedgerFigures): string | null {
  for (const [index, partition] of stated.partitions.entries()) {
    const difference = partitionDifference(partition, found.partitions[index])
    if (difference !== null) return `partition ${index}: ${difference}`
  }
  return null
}

function assetsDifference(stated: LedgerFigures, found: LedgerFigures): string | null {
  for (const asset of new Set([...stated.assets, ...found.assets].map((figures) => figures.asset))) {
    const difference = balancesDifference(balances(stated, asset), balances(found, asset))
    if (difference !== null) return `${asset} in minor units: ${difference}`
  }
  return null
}

function partitionDifference(stated: PartitionFigures, found: PartitionFigures | undefined): string | null {
  const { seq = 0, root, head } = found ?? {}
  if (seq < stated.seq) return `its records end at seq ${seq}, the checkpoint has ${stated.seq}`
  if (seq > stated.seq) return `a batch goes through seq ${seq}, where the checkpoint ends at ${stated.seq}`
  if (root !== stated.root)
    return `its ${stated.count} records are not those of the checkpoint: Merkle root ${root}, not ${stated.root}`
  if (head !== stated.head)
    return `its records are those of the checkpoint, but not its batches: the newest hashes to ${head}, not ${stated.head}`
  return null
}

function balances({ assets }: LedgerFigures, wanted: string): ReadonlyMap<string, bigint> {
  return new Map(assets.find(({ asset }) => asset === wanted)?.accounts)
}

function balancesDifference(stated: ReadonlyMap<string, bigint>, found: ReadonlyMap<string, bigint>): string | null {
  for (const account of new Set([...stated.keys(), ...found.keys()])) {
    const [says, has] = [stated.get(account), found.get(account)]
    if (says !== has)
      return `account ${account} is ${has ?? 'not there'}, the checkpoint says ${says ?? 'nothing of it'}`
  }
  return null
}
