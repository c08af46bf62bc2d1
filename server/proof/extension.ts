// The proof that one checkpoint goes on from an older one: for each partition, that the records under the older one are
// the first of those under the newer one, unchanged and in their order. Checked with the two checkpoints alone, so that
// whoever collects them needs no data to know that nothing was rewritten between them.

import { z } from 'zod'
import { isExtension, MerkleTree } from '../../shared/merkle.ts'
import type { BatchTaker } from '../audit/commits.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { PartitionFigures } from './figures.ts'
import { HASH_TEXT, hex, unhex } from './hashText.ts'
import type { Outcome } from './outcome.ts'
import { recordLines } from './recordLines.ts'
import type { LedgerSource } from './source.ts'

const FORMAT = 'leetgaming ledger extension 1'
/** One more than a path has: the first hash is what both climbs begin with. */
const PATH = z.array(HASH_TEXT).max(54)

const EXTENSION = z.strictObject({
  format: z.literal(FORMAT),
  /** Roots of the two checkpoints. */
  from: HASH_TEXT,
  to: HASH_TEXT,
  /** By partition: the consistency proof of RFC 6962 between its two roots. */
  partitions: z.array(PATH).max(9999),
})
export type Extension = Readonly<z.infer<typeof EXTENSION>>

/** Reads the data set through the newer checkpoint. Rejects as the source does. */
export async function proveExtension(
  source: LedgerSource,
  from: Checkpoint,
  to: Checkpoint,
): Promise<Outcome<Extension>> {
  const unlike = unlikeness(from, to)
  if (unlike !== null) return { kind: 'refused', why: unlike }
  const growing = new GrowingTrees(from.partitions, to.partitions)
  const damage = await source.feed(growing)
  if (damage !== null) return { kind: 'refused', why: `the data set is damaged at ${damage.at}: ${damage.message}` }
  const partitions = growing.trees.map((tree) => (tree.extension() ?? []).map(hex))
  const extension: Extension = { format: FORMAT, from: from.root, to: to.root, partitions }
  const why = whyNot(extension, from, to)
  if (why === null) return { kind: 'done', value: extension }
  return { kind: 'refused', why: `${why}; \`npm run proof -- check\` of each with --data says more` }
}

/** Whether the text proves the one checkpoint to go on from the other; their signatures are checked apart. */
export function verifyExtension(text: string, from: Checkpoint, to: Checkpoint): Outcome<Extension> {
  const extension = readExtension(text)
  if (extension === null)
    return { kind: 'refused', why: 'is no extension that this program can read, or not a whole one' }
  const why = unlikeness(from, to) ?? whyNot(extension, from, to)
  return why === null ? { kind: 'done', value: extension } : { kind: 'refused', why: `does not hold: ${why}` }
}

export function extensionText(extension: Extension): string {
  return `${JSON.stringify(extension, null, 2)}\n`
}

function whyNot({ from: root, to: newRoot, partitions }: Extension, from: Checkpoint, to: Checkpoint): string | null {
  if (root !== from.root) return `it is about an older checkpoint ${root}, not ${from.root} of ${from.at}`
  if (newRoot !== to.root) return `it is about a newer checkpoint ${newRoot}, not ${to.root} of ${to.at}`
  if (partitions.length !== from.partitions.length) return `it is about ${partitions.length} partitions`
  for (const [index, past] of from.partitions.entries()) {
    const now = to.partitions[index]
    const path = (partitions[index] ?? []).map(unhex)
    if (now === undefined || !isExtension(rooted(past), rooted(now), path))
      return `the ${past.count} records of partition ${index} are not shown to be the first of its ${now?.count ?? 0}`
    // The same records in batches of another shape are another journal.
    if (now.count === past.count && now.head !== past.head)
      return `partition ${index} has the same records in both, and not the same batches`
  }
  return null
}

/** What keeps one checkpoint from being an older one of the same ledger, whatever a proof says. */
function unlikeness(from: Checkpoint, to: Checkpoint): string | null {
  if (from.dataSetId !== to.dataSetId || from.partitions.length !== to.partitions.length)
    return `the checkpoints are of different data sets, ${from.dataSetId} and ${to.dataSetId}`
  const shrunk = from.partitions.find(({ partition, seq }) => seq > (to.partitions[partition]?.seq ?? 0))
  if (shrunk === undefined) return null
  const { partition, seq } = shrunk
  return `partition ${partition} ends at ${to.partitions[partition]?.seq} in the newer one, and at ${seq} in the older one`
}

/** Trees through a newer checkpoint that remember what they were at an older one. */
class GrowingTrees implements BatchTaker {
  readonly trees: readonly MerkleTree[]
  private readonly through: readonly number[]
  private short: number

  constructor(from: readonly PartitionFigures[], to: readonly PartitionFigures[]) {
    this.trees = from.map(({ count }) => new MerkleTree({ size: count }))
    this.through = to.map(({ count }) => count)
    this.short = this.through.filter((count) => count > 0).length
  }

  get logs(): BatchTaker['logs'] {
    return this.trees.map(({ size: seq }) => ({ seq }))
  }

  get isFull(): boolean {
    return this.short === 0
  }

  take(partition: number, _position: number, bytes: Uint8Array): null {
    const tree = this.trees[partition]
    const through = this.through[partition] ?? 0
    if (tree === undefined || tree.size >= through) return null
    for (const line of recordLines(bytes)) tree.add(line)
    if (tree.size >= through) this.short--
    return null
  }
}

function rooted({ root, count }: PartitionFigures) {
  return { root: unhex(root), size: count }
}

function readExtension(text: string): Extension | null {
  try {
    return EXTENSION.parse(JSON.parse(text))
  } catch {
    return null
  }
}
