// The commands of `npm run proof`, each from its files to its exit code: 0 when it was done or holds, 1 when something
// differs or is refused. What keeps a command from being tried at all is thrown (DataSetError).

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Target } from '../audit/target.ts'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { readOperatorKeys, readOwnKey } from '../operator/operatorKeys.ts'
import {
  type Checkpoint,
  readCheckpoint,
  type SignedCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts'
import { differenceFrom, foreignness } from './compare.ts'
import { computeFigures, violationShown } from './figures.ts'
import type { Outcome } from './outcome.ts'
import { type Place, proofText, proveRecord, type RecordProof, verifyProof } from './recordProof.ts'
import { type LedgerSource, openSource } from './source.ts'

/** No document of this program comes near: 9,999 partitions, or a record of 256 KB, are a few of it. */
const MOST_BYTES = 16 * 1024 * 1024

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
    return { kind: 'done', value: signCheckpoint({ dataSetId: source.dataSetId, at, figures: computed.figures }, key) }
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

async function withSource<T>(target: Target, work: (source: LedgerSource) => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const source = await openSource(target)
  try {
    return await work(source)
  } catch (error) {
    if (!(error instanceof DataSetError)) throw error
    // What could be opened and cannot be read is damaged.
    return { kind: 'refused', why: error.message }
  } finally {
    await source.close()
  }
}

function described({ records, partitions, at, signer, root }: Checkpoint): string {
  return `${records} records in ${partitions.length} partitions as of ${at}, signed by ${signer}, root ${root}`
}

function named(target: Target): string {
  return target.kind === 'folder' ? target.folder : `the data set ${target.services.dataSet}`
}

function refuse(why: string): number {
  console.error(`Refused: ${why.replace(/\.$/, '')}.`)
  return 1
}

const TAKE_ANOTHER = 'Name another file with --out'

/** Not found out after an hour of reading. */
function expectFree(file: string | null): void {
  if (file !== null && existsSync(file)) throw new DataSetError(file, 'is there already', TAKE_ANOTHER)
}

function write(file: string | null, text: string): void {
  try {
    if (file === null) process.stdout.write(text)
    else writeFileSync(file, text, { flag: 'wx' })
  } catch (error) {
    throw new DataSetError(file ?? 'standard output', messageOf(error), TAKE_ANOTHER)
  }
}

function readDocument(file: string): string {
  try {
    if (statSync(file).size > MOST_BYTES) throw new Error('larger than any such document')
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new DataSetError(file, messageOf(error), 'Name a checkpoint or a proof that `npm run proof` wrote')
  }
}
