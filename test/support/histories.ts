// Random histories that hold, and that are worth something: a history whose every command was refused holds as well.

import { expect } from 'chai'
import fc, { type IAsyncProperty } from 'fast-check'

const MOST_ROUNDS = 6

/**
 * Draws `runs` histories, each of which has to hold. Of all that `property` then noted in `done`, `kinds` has to be part:
 * chance may keep a rare one away, so that as many histories are drawn again, up to MOST_ROUNDS times in all.
 */
export async function holdAndDo<T>(
  property: IAsyncProperty<T>,
  runs: number,
  done: ReadonlySet<string>,
  kinds: readonly string[],
): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    // Histories are long: made smaller, one that fails would outlast its test, and its seed would not be told.
    await fc.assert(property, { numRuns: runs, endOnFailure: true })
    if (kinds.every((kind) => done.has(kind))) return
  }
  expect([...done]).to.include.members([...kinds])
}
