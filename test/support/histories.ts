// Random histories that hold, and that are worth something: a history whose every command was refused holds as well.

import { expect } from 'chai'
import fc, { type Arbitrary } from 'fast-check'

const MOST_ROUNDS = 6

export interface History<Step> {
  /** Kinds of commands that were accepted, and of what came of them. */
  readonly done: ReadonlySet<string>
  /** Throws where the checker finds something. */
  take(step: Step): Promise<void>
  end(): Promise<void>
}

/** From its beginning to its end. */
export async function lived<Step, Own extends History<Step>>(
  begin: () => Promise<Own>,
  steps: readonly Step[],
): Promise<Own> {
  const history = await begin()
  for (const step of steps) await history.take(step)
  await history.end()
  return history
}

/**
 * Draws `runs` histories, each of which has to hold. Of all that they have done together, `kinds` has to be part: chance may
 * keep a rare one away, so that as many histories are drawn again, up to MOST_ROUNDS times in all.
 */
export async function holdAndDo<Step>(
  begin: () => Promise<History<Step>>,
  steps: Arbitrary<Step[]>,
  { runs, kinds }: { readonly runs: number; readonly kinds: readonly string[] },
): Promise<void> {
  const done = new Set<string>()
  const property = fc.asyncProperty(steps, async (taken) => {
    for (const kind of (await lived(begin, taken)).done) done.add(kind)
  })
  for (let round = 0; round < MOST_ROUNDS; round++) {
    // Histories are long: made smaller, one that fails would outlast its test, and its seed would not be told.
    await fc.assert(property, { numRuns: runs, endOnFailure: true })
    if (kinds.every((kind) => done.has(kind))) return
  }
  expect([...done]).to.include.members([...kinds])
}
