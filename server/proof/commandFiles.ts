// What the commands of `npm run proof` have in common: documents read from files and written to new ones, a data set opened
// for as long as it is read, and how a refusal is told.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Target } from '../audit/target.ts'
import { DataSetError, messageOf } from '../dataSetError.ts'
import type { Outcome } from './outcome.ts'
import { type LedgerSource, openSource } from './source.ts'

/** No document of this program comes near: 9,999 partitions, or a record of 256 KB, are a few of it. */
const MOST_BYTES = 16 * 1024 * 1024
const TAKE_ANOTHER = 'Name another file with --out'

/** What is damaged is refused. Rejects with DataSetError where nothing is there, ReadingError where it stops answering. */
export async function withSource<T>(
  target: Target,
  work: (source: LedgerSource) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const opened = await openSource(target)
  if (opened.kind === 'refused') return opened
  try {
    return await work(opened.value)
  } catch (error) {
    if (!(error instanceof DataSetError)) throw error
    return { kind: 'refused', why: error.message }
  } finally {
    await opened.value.close()
  }
}

/** Tells why, and answers the exit code. */
export function refuse(why: string): number {
  console.error(`Refused: ${why.replace(/\.$/, '')}.`)
  return 1
}

/** Not found out after an hour of reading. */
export function expectFree(file: string | null): void {
  if (file !== null && existsSync(file)) throw new DataSetError(file, 'is there already', TAKE_ANOTHER)
}

export function write(file: string | null, text: string): void {
  try {
    if (file === null) process.stdout.write(text)
    else writeFileSync(file, text, { flag: 'wx' })
  } catch (error) {
    throw new DataSetError(file ?? 'standard output', messageOf(error), TAKE_ANOTHER)
  }
}

export function readDocument(file: string): string {
  try {
    if (statSync(file).size > MOST_BYTES) throw new Error('larger than any such document')
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new DataSetError(file, messageOf(error), 'Name a checkpoint or a proof that `npm run proof` wrote')
  }
}
