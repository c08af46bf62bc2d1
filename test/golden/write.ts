// Writes a world's journal as a golden one, with the states that its replay gives.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { foldPartition } from '../support/recoveryStore.ts'
import { type RuntimeWorld, TEST_KINDS } from '../support/runtimeWorld.ts'
import { type ExpectedPartition, GOLDEN_FOLDER, partitionFile } from './files.ts'

/** Throws where there is one of that name: a golden journal is never made twice. */
export function writeGolden(journal: string, world: RuntimeWorld): void {
  const folder = join(GOLDEN_FOLDER, journal)
  if (existsSync(folder)) throw new Error(`${folder} is there: a golden journal is never made twice`)
  mkdirSync(folder)
  for (const partition of world.partitions) {
    const bytes = Buffer.concat(world.journal.batches(partition).map((batch) => batch.bytes))
    writeFileSync(join(folder, partitionFile(partition)), bytes)
  }
  writeFileSync(join(folder, 'states.json'), `${JSON.stringify(expectedStates(world), null, 1)}\n`)
}

export function expectedStates(world: RuntimeWorld): readonly ExpectedPartition[] {
  return world.partitions.map((partition) => {
    const { ledger, slots, position, hash } = foldPartition(world.journal, partition, TEST_KINDS)
    const { position: _position, ...state } = ledger.snapshot(position, hash)
    const actors = [...slots.keys()].sort().flatMap((actor) => slots.get(actor)?.snapshot() ?? [])
    return { partition, state, actors }
  })
}
