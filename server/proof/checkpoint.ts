// A checkpoint: what a ledger was at one moment, as a document that a third party can check with a public key alone
// (docs/ledger.md, "Proof"). A line of JSON each for its head, every asset and every partition; the last line holds the
// Merkle root over the others and a signature of it, so that the whole is one hash. What is checked is what was signed,
// byte for byte: a line written in any other way is refused.

import { type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { accountSpec } from '../../shared/accounts.ts'
import { MerkleTree } from '../../shared/merkle.ts'
import { OPERATOR_NAME } from '../operator/decision.ts'
import type { OwnKey } from '../operator/operatorKeys.ts'
import type { LedgerFigures } from './figures.ts'
import { HASH_TEXT, hex } from './hashText.ts'
import type { Outcome } from './outcome.ts'
import { sidesOf } from './trialBalance.ts'

const FORMAT = 'leetgaming ledger checkpoint 1'
const MINOR = z.string().regex(/^(?:0|-?[1-9]\d{0,39})$/)
const COUNT = z.int().nonnegative()
// Names are told to people before anybody knows whose document it is: nothing in them may speak to a terminal.
const DATA_SET_ID = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
const ASSET_NAME = z.string().regex(/^[A-Z][A-Z0-9]{0,19}$/)
const ACCOUNT = z.string().regex(/^\d{4}(?::[A-Za-z0-9_.:-]{1,128})?$/)

const HEAD = z.strictObject({
  format: z.literal(FORMAT),
  dataSetId: DATA_SET_ID,
  at: z.iso.datetime(),
  signer: z.string().regex(OPERATOR_NAME),
  records: COUNT,
  assets: COUNT,
  partitions: z.int().positive().max(9999),
})
const ASSET = z.strictObject({
  asset: ASSET_NAME,
  debits: MINOR,
  credits: MINOR,
  accounts: z.array(z.tuple([ACCOUNT, MINOR])),
})
const PARTITION = z.strictObject({
  partition: COUNT,
  seq: COUNT,
  count: COUNT,
  head: HASH_TEXT,
  root: HASH_TEXT,
})
/** 64 bytes of base64, of which there is one spelling. */
const SIGNATURE = z.string().regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/)
const SEAL = z.strictObject({ root: HASH_TEXT, signature: SIGNATURE })

export interface Checkpoint extends LedgerFigures {
  readonly dataSetId: string
  readonly at: string
  readonly signer: string
  readonly records: number
  /** Over all lines but the last, in hex: names the checkpoint. */
  readonly root: string
  readonly signature: string
  /** All lines but the last. */
  readonly lines: readonly string[]
}

export interface Attested {
  readonly dataSetId: string
  readonly at: string
  readonly figures: LedgerFigures
}

export interface SignedCheckpoint {
  /** The document, with its last line feed. */
  readonly text: string
  readonly checkpoint: Checkpoint
}

/** Refused where the ledger holds what no checkpoint can say, such as an account of a name that has no place there. */
export function signCheckpoint(attested: Attested, { name: signer, key }: OwnKey): Outcome<SignedCheckpoint> {
  const lines = linesOf(attested, signer)
  const root = hex(treeOfLines(lines, null).root())
  const signature = sign(null, signedBytes(root), key).toString('base64')
  const text = `${[...lines, JSON.stringify({ root, signature })].join('\n')}\n`
  const read = readCheckpoint(text)
  if (read.kind === 'refused') return { kind: 'refused', why: `the ledger makes a checkpoint that ${read.why}` }
  return { kind: 'done', value: { text, checkpoint: read.value } }
}

function linesOf({ dataSetId, at, figures }: Attested, signer: string): readonly string[] {
  const { partitions, assets } = figures
  const records = partitions.reduce((sum, { count }) => sum + count, 0)
  const head: z.infer<typeof HEAD> = {
    format: FORMAT,
    dataSetId,
    at,
    signer,
    records,
    assets: assets.length,
    partitions: partitions.length,
  }
  const assetLines = assets.map(({ asset, debits, credits, accounts }): z.infer<typeof ASSET> => {
    const rows = accounts.map(([account, minor]): [string, string] => [account, `${minor}`])
    return { asset, debits: `${debits}`, credits: `${credits}`, accounts: rows }
  })
  // In the order of its fields, whatever that of the figures is.
  const partitionLines = partitions.map(({ partition, seq, count, head, root }): z.infer<typeof PARTITION> => {
    return { partition, seq, count, head, root }
  })
  return [head, ...assetLines, ...partitionLines].map((line) => JSON.stringify(line))
}

/** Whether the text is a whole checkpoint, in itself: not yet whose. `why` follows on the name of the file. */
export function readCheckpoint(text: string): Outcome<Checkpoint> {
  const refuse = (why: string): Outcome<Checkpoint> => ({ kind: 'refused', why })
  const all = text.split('\n')
  if (all.pop() !== '') return refuse('is cut off: its last line has no end')
  const seal = readLine(SEAL, all.pop() ?? '')
  const [first = '', ...more] = all
  const head = readLine(HEAD, first)
  if (head === null) return refuse('is no checkpoint that this program can read')
  if (seal === null) return refuse('does not end with a root and a signature')
  const root = hex(treeOfLines(all, null).root())
  if (root !== seal.root) return refuse(`was changed: its lines have the root ${root}, its last line says ${seal.root}`)
  const assets = more.slice(0, head.assets).map((line) => readLine(ASSET, line))
  const partitions = more.slice(head.assets).map((line) => readLine(PARTITION, line))
  const whole = assets.every((row) => row !== null) && partitions.every((row) => row !== null)
  if (!whole || assets.length !== head.assets || partitions.length !== head.partitions)
    return refuse(`does not hold the ${head.assets} assets and ${head.partitions} partitions that it says`)
  const { dataSetId, at, signer, records } = head
  const figures: LedgerFigures = { partitions, assets: assets.map(toFigures) }
  const odd = oddityOf(figures, records)
  if (odd !== null) return refuse(`makes no sense: ${odd}`)
  const { signature } = seal
  return { kind: 'done', value: { dataSetId, at, signer, records, root, signature, lines: all, ...figures } }
}

/** The same, and whether it was signed with the key of the one it names. */
export function verifyCheckpoint(text: string, keys: ReadonlyMap<string, KeyObject>): Outcome<Checkpoint> {
  const read = readCheckpoint(text)
  if (read.kind === 'refused') return read
  const { signer, root, signature } = read.value
  const key = keys.get(signer)
  if (key === undefined) return { kind: 'refused', why: `says that ${signer} signed it, of whom no key was given` }
  if (verify(null, signedBytes(root), key, Buffer.from(signature, 'base64'))) return read
  return { kind: 'refused', why: `is not signed with the key of ${signer} that was given` }
}

/** Over the lines of a checkpoint; with an index, that line's path as well. */
export function treeOfLines(lines: readonly string[], proved: number | null): MerkleTree {
  const tree = new MerkleTree(proved === null ? null : { leaf: proved })
  for (const line of lines) tree.add(Buffer.from(line, 'utf8'))
  return tree
}

/** Of a partition among the lines of a checkpoint. */
export function lineIndexOf({ assets }: LedgerFigures, partition: number): number {
  return 1 + assets.length + partition
}

/** The format's name in front, so that a signature made for anything else says nothing here. */
function signedBytes(root: string): Buffer {
  return Buffer.from(`${FORMAT}\n${root}\n`, 'utf8')
}

/** Null where the line is not of this shape, or is written in another way than this program writes it. */
function readLine<Shape extends z.ZodType>(shape: Shape, line: string): z.infer<Shape> | null {
  try {
    const { data, success } = shape.safeParse(JSON.parse(line))
    return success && JSON.stringify(data) === line ? data : null
  } catch {
    return null
  }
}

function toFigures({ asset, debits, credits, accounts }: z.infer<typeof ASSET>): LedgerFigures['assets'][number] {
  const rows = accounts.map(([account, minor]) => [account, BigInt(minor)] as const)
  return { asset, debits: BigInt(debits), credits: BigInt(credits), accounts: rows }
}

function oddityOf({ partitions, assets }: LedgerFigures, records: number): string | null {
  const misplaced = partitions.findIndex(({ partition }, index) => partition !== index)
  if (misplaced !== -1) return `the line of partition ${misplaced} is not in its place`
  // J3: seqs begin at one and leave none out.
  const gap = partitions.find(({ seq, count }) => seq !== count)
  if (gap !== undefined) return `partition ${gap.partition} goes to seq ${gap.seq} with ${gap.count} records`
  const counted = partitions.reduce((sum, { count }) => sum + count, 0)
  if (counted !== records) return `it says ${records} records, its partitions have ${counted}`
  if (!isAscending(assets.map(({ asset }) => asset))) return 'its assets are not in their order'
  for (const { asset, debits, credits, accounts } of assets) {
    const names = accounts.map(([account]) => account)
    const unknown = names.find((name) => accountSpec(name) === null)
    if (unknown !== undefined) return `no account ${unknown} is in the chart`
    if (!isAscending(names)) return `the accounts of ${asset} are not in their order`
    const sides = sidesOf(accounts)
    if (debits !== credits || sides.debits !== debits || sides.credits !== credits)
      return `the trial balance of ${asset} is ${sides.debits} debit, ${sides.credits} credit`
  }
  return null
}

function isAscending(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name)
}
