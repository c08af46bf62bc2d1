// The proof that one record is under a checkpoint: its exact line, the path from it to its partition's root, and the path
// of that partition's line to the checkpoint's root. Checked with the checkpoint alone, far from any data set.

import { z } from 'zod'
import { MerkleTree, rootOfPath } from '../../shared/merkle.ts'
import { type Checkpoint, lineIndexOf, treeOfLines } from './checkpoint.ts'
import { HASH_TEXT, hex, unhex } from './hashText.ts'
import type { Outcome } from './outcome.ts'
import { recordLines } from './recordLines.ts'
import type { LedgerSource } from './source.ts'

const FORMAT = 'leetgaming record proof 1'
/** A tree of 2^53 leaves is no deeper. */
const PATH = z.array(HASH_TEXT).max(53)

const PROOF = z.strictObject({
  format: z.literal(FORMAT),
  /** Root of the checkpoint. */
  checkpoint: HASH_TEXT,
  partition: z.int().nonnegative(),
  seq: z.int().positive(),
  /** The record's line as it was appended, without its line feed. */
  record: z.string(),
  /** Siblings from the record up to the root of its partition. */
  path: PATH,
  /** The partition's line of the checkpoint. */
  line: z.string(),
  /** Siblings from that line up to the root of the checkpoint. */
  linePath: PATH,
})
export type RecordProof = Readonly<z.infer<typeof PROOF>>

export interface Place {
  readonly partition: number
  readonly seq: number
}

/** Reads the record's partition through the checkpoint's end. Rejects as the source does. */
export async function proveRecord(
  source: LedgerSource,
  { partition, seq }: Place,
  under: Checkpoint,
): Promise<Outcome<RecordProof>> {
  const refuse = (why: string): Outcome<RecordProof> => ({ kind: 'refused', why })
  const stated = under.partitions[partition]
  if (stated === undefined)
    return refuse(`the checkpoint has no partition ${partition}: they are 0 to ${under.partitions.length - 1}`)
  if (seq > stated.seq)
    return refuse(
      `record ${partition}:${seq} is not under the checkpoint of ${under.at}, which ends at ${partition}:${stated.seq}: take a newer one`,
    )
  const tree = new MerkleTree({ leaf: seq - 1 })
  const record = await growTree(source, partition, tree, { seq, through: stated.seq })
  const path = tree.path()
  if (tree.size !== stated.count || hex(tree.root()) !== stated.root || path === null || record === null)
    return refuse(
      `partition ${partition} of the data set is not that of the checkpoint; \`npm run proof -- check\` with --data says more`,
    )
  const index = lineIndexOf(under, partition)
  const linePath = treeOfLines(under.lines, index).path() ?? []
  const proof: RecordProof = {
    format: FORMAT,
    checkpoint: under.root,
    partition,
    seq,
    record,
    path: path.map(hex),
    line: under.lines[index] ?? '',
    linePath: linePath.map(hex),
  }
  return { kind: 'done', value: proof }
}

/** Answers the line of the record that is wanted. */
async function growTree(
  source: LedgerSource,
  partition: number,
  tree: MerkleTree,
  { seq, through }: { readonly seq: number; readonly through: number },
): Promise<string | null> {
  let record: string | null = null
  for await (const { bytes } of source.batchesOf(partition)) {
    for (const line of recordLines(bytes)) {
      tree.add(line)
      if (tree.size === seq) record = Buffer.from(line).toString('utf8')
    }
    if (tree.size >= through) break
  }
  return record
}

/** Whether the text proves a record under this checkpoint, whose signature is checked apart. */
export function verifyProof(text: string, under: Checkpoint): Outcome<RecordProof> {
  const refuse = (why: string): Outcome<RecordProof> => ({ kind: 'refused', why })
  const proof = readProof(text)
  if (proof === null) return refuse('is no proof that this program can read, or not a whole one')
  const { partition, seq, record, path, line, linePath } = proof
  if (proof.checkpoint !== under.root)
    return refuse(`was made under another checkpoint, ${proof.checkpoint}; this one is ${under.root} of ${under.at}`)
  const stated = under.partitions[partition]
  if (stated === undefined) return refuse(`is of partition ${partition}, which the checkpoint does not have`)
  const lineRoot = rootOfPath(Buffer.from(line, 'utf8'), lineIndexOf(under, partition), under.lines.length, [
    ...linePath.map(unhex),
  ])
  if (lineRoot === null || hex(lineRoot) !== under.root)
    return refuse(`does not lead from the line of partition ${partition} to the root of the checkpoint`)
  if (seq > stated.count) return refuse(`is of record ${partition}:${seq}; the checkpoint ends at ${stated.seq}`)
  const root = rootOfPath(Buffer.from(record, 'utf8'), seq - 1, stated.count, path.map(unhex))
  if (root === null || hex(root) !== stated.root)
    return refuse(`does not lead from its record, as ${partition}:${seq}, to the root of the partition`)
  return { kind: 'done', value: proof }
}

export function proofText(proof: RecordProof): string {
  return `${JSON.stringify(proof, null, 2)}\n`
}

function readProof(text: string): RecordProof | null {
  try {
    return PROOF.parse(JSON.parse(text))
  } catch {
    return null
  }
}
