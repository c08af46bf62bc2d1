// Golden journals as files: per partition the batches as they were appended, one after the other, and the states that
// replay has to give. They are written once and never edited (STYLE 14): what a later program cannot read any more is
// that program's bug.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ActorSnapshot, PartitionSnapshot } from '../../actors/runtime/ports.ts'

export const GOLDEN_FOLDER = dirname(fileURLToPath(import.meta.url))

/** A partition after its last record: all of a snapshot but where it stands in a journal. */
export interface ExpectedPartition {
  readonly partition: number
  readonly state: Omit<PartitionSnapshot, 'position'>
  readonly actors: readonly ActorSnapshot[]
}

export function partitionFile(partition: number): string {
  return `partition-${partition}.jsonl`
}

export function goldenJournals(): readonly string[] {
  return readdirSync(GOLDEN_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** The batches of a partition, exactly as they were appended. */
export function goldenBatches(journal: string, partition: number): readonly Buffer[] {
  const bytes = readFileSync(join(GOLDEN_FOLDER, journal, partitionFile(partition)))
  const batches: Buffer[] = []
  let start = 0
  for (let at = bytes.indexOf(HEADER, 1); ; at = bytes.indexOf(HEADER, at + 1)) {
    // A header is recognised at the beginning of a line only.
    if (at !== -1 && bytes[at - 1] !== LINE_FEED) continue
    batches.push(bytes.subarray(start, at === -1 ? bytes.length : at))
    if (at === -1) return batches
    start = at
  }
}

export function goldenStates(journal: string): readonly ExpectedPartition[] {
  return JSON.parse(readFileSync(join(GOLDEN_FOLDER, journal, 'states.json'), 'utf8'))
}

const HEADER = '{"v":'
const LINE_FEED = 10
