// The commands of `npm run proof`, each from its files to its exit code: 0 when it was done or holds, 1 when something
// differs or is refused. What keeps a command from being tried at all is thrown (DataSetError).

import type { Target } from '../audit/target.ts'
import { readOperatorKeys, readOwnKey } from '../operator/operatorKeys.ts'
import {
  type Checkpoint,
  readCheckpoint,
  type SignedCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts'
import { expectFree, readDocument, refuse, withSource, write } from './commandFiles.ts'
import { differenceFrom, foreignness } from './compare.ts'
import { type Extension, extensionText, proveExtension, verifyExtension } from './extension.ts'
import { computeFigures, violationShown } from './figures.ts'
import type { Outcome } from './outcome.ts'
import { type Place, proofText, proveRecord, type RecordProof, verifyProof } from './recordProof.ts'

export interface ExtensionFiles {
  /** The older checkpoint. */
  readonly fromFile: string
  /** The newer one. */
  readonly underFile: string
}

export interface MakeOptions {
  readonly keyFile: string
  readonly outFile: string | null
  readonly at: string
}

/** `checkpoint`: of all that is durable now. */
export async function makeCheckpoint(target: Target, { keyFile, outFile, at }: MakeOptions): Promise<number> {
  const key = readOwnKey(keyFile)
  expectFree(outFile)
  const made = await withSource(target, async (source): Promise<Outcome<SignedCheckpoint>> => {
    const computed = await computeFigures(source, null)
    if (computed.kind !== 'computed')
      return { kind: 'refused', why: `no checkpoint was made: ${violationShown(computed.violation)}` }
    return signCheckpoint({ dataSetId: source.dataSetId, at, figures: computed.figures }, key)
  })
  if (made.kind === 'refused') return refuse(made.why)
  const { text, checkpoint } = made.value
  write(outFile, text)
  if (outFile !== null) console.log(`${outFile}: ${described(checkpoint)}`)
  return 0
}

/** `check`: of whom the checkpoint is, and, with a data set, that it holds there. */
export async function checkCheckpoint(file: string, publicFile: string, target: Target | null): Promise<number> {
  const read = verifyCheckpoint(readDocument(file), readOperatorKeys(publicFile))
  if (read.kind === 'refused') return refuse(`${file} ${read.why}`)
  const checkpoint = read.value
  console.log(`${file}: ${described(checkpoint)}; its signature holds`)
  if (target === null) return 0
  const compared = await withSource(target, async (source): Promise<Outcome<null>> => {
    const difference = await differenceFrom(checkpoint, source)
    return difference === null ? { kind: 'done', value: null } : { kind: 'refused', why: difference }
  })
  if (compared.kind === 'refused') return refuse(`${named(target)} is not what ${file} says: ${compared.why}`)
  console.log(`${named(target)} holds every record and every sum of it`)
  return 0
}

/** `record`: the proof of one record, written to standard output or a file. */
export async function makeProof(
  target: Target,
  place: Place,
  { underFile, outFile }: { readonly underFile: string; readonly outFile: string | null },
): Promise<number> {
  expectFree(outFile)
  const read = readCheckpoint(readDocument(underFile))
  if (read.kind === 'refused') return refuse(`${underFile} ${read.why}`)
  const checkpoint = read.value
  const proved = await withSource(target, async (source): Promise<Outcome<RecordProof>> => {
    const foreign = foreignness(checkpoint, source)
    if (foreign !== null) return { kind: 'refused', why: `${underFile} ${foreign}` }
    return proveRecord(source, place, checkpoint)
  })
  if (proved.kind === 'refused') return refuse(proved.why)
  write(outFile, proofText(proved.value))
  return 0
}

/** `verify`: a proof and the checkpoint that it is under. Prints the record that is proved. */
export function checkProof(file: string, underFile: string, publicFile: string): number {
  const text = readDocument(file)
  const read = verifyCheckpoint(readDocument(underFile), readOperatorKeys(publicFile))
  if (read.kind === 'refused') return refuse(`${underFile} ${read.why}`)
  const checkpoint = read.value
  const proved = verifyProof(text, checkpoint)
  if (proved.kind === 'refused') return refuse(`${file} ${proved.why}`)
  const { partition, seq, record } = proved.value
  console.log(`record ${partition}:${seq} is under the checkpoint of ${checkpoint.at}, signed by ${checkpoint.signer}:`)
  console.log(record)
  return 0
}

/** `extension`: the proof that one checkpoint goes on from an older one. */
export async function makeExtension(target: Target, files: ExtensionFiles, outFile: string | null): Promise<number> {
  expectFree(outFile)
  const read = bothOf(files, readCheckpoint)
  if (read.kind === 'refused') return refuse(read.why)
  const { from, to } = read.value
  const proved = await withSource(target, async (source): Promise<Outcome<Extension>> => {
    const foreign = foreignness(to, source)
    if (foreign !== null) return { kind: 'refused', why: `${files.underFile} ${foreign}` }
    return proveExtension(source, from, to)
  })
  if (proved.kind === 'refused') return refuse(proved.why)
  write(outFile, extensionText(proved.value))
  return 0
}

/** `verify` of an extension, with the two checkpoints that it is about. */
export function checkExtension(file: string, files: ExtensionFiles, publicFile: string): number {
  const text = readDocument(file)
  const keys = readOperatorKeys(publicFile)
  const read = bothOf(files, (checkpoint) => verifyCheckpoint(checkpoint, keys))
  if (read.kind === 'refused') return refuse(read.why)
  const { from, to } = read.value
  const held = verifyExtension(text, from, to)
  if (held.kind === 'refused') return refuse(`${file} ${held.why}`)
  console.log(
    `the checkpoint of ${to.at}, signed by ${to.signer}, has all ${from.records} records of that of ${from.at},`,
  )
  console.log(`signed by ${from.signer}, unchanged and in their order, and ${to.records - from.records} more`)
  return 0
}

function bothOf(
  { fromFile, underFile }: ExtensionFiles,
  read: (text: string) => Outcome<Checkpoint>,
): Outcome<{ readonly from: Checkpoint; readonly to: Checkpoint }> {
  const from = read(readDocument(fromFile))
  if (from.kind === 'refused') return { kind: 'refused', why: `${fromFile} ${from.why}` }
  const to = read(readDocument(underFile))
  if (to.kind === 'refused') return { kind: 'refused', why: `${underFile} ${to.why}` }
  return { kind: 'done', value: { from: from.value, to: to.value } }
}

function described({ records, partitions, at, signer, root }: Checkpoint): string {
  return `${records} records in ${partitions.length} partitions as of ${at}, signed by ${signer}, root ${root}`
}

function named(target: Target): string {
  return target.kind === 'folder' ? target.folder : `the data set ${target.services.dataSet}`
}
