// What can go wrong in one run. Every seed draws its own mix, with some faults left out entirely, so that a few hundred
// seeds cover both calm logs that grow long and worlds where little ever works. `CALM` is what the run ends with.

import type { Prng } from './prng.ts'

export interface Faults {
  /** Shares of the appends that are lost, that land unheard, that land later, and that are delivered twice. */
  readonly appendLost: number
  readonly appendUnheard: number
  readonly appendLate: number
  readonly appendTwice: number
  readonly appendMs: number
  readonly replayFails: number
  readonly storeFails: number
  /** A failing write leaves a prefix of its rows behind. */
  readonly storePartial: boolean
  readonly storeMs: number
  /** A power cut takes back what the store had not synced. */
  readonly storeRollsBack: boolean
  readonly messageDropped: number
  readonly messageTwice: number
  readonly messageMs: number
  /** Share of messages that go to a node that no longer owns the partition. */
  readonly messageAstray: number
  readonly clockJumps: boolean
}

export const CALM: Faults = Object.freeze({
  appendLost: 0,
  appendUnheard: 0,
  appendLate: 0,
  appendTwice: 0,
  appendMs: 3,
  replayFails: 0,
  storeFails: 0,
  storePartial: false,
  storeMs: 3,
  storeRollsBack: false,
  messageDropped: 0,
  messageTwice: 0,
  messageMs: 3,
  messageAstray: 0,
  clockJumps: false,
})

/** What a node meets that is cut off from journal and network. */
export const OUT_OF_REACH = Object.freeze({
  appendLost: 1,
  replayFails: 1,
  messageDropped: 1,
}) satisfies Partial<Faults>

export function drawFaults(prng: Prng): Faults {
  const share = (most: number): number => (prng.chance(0.4) ? 0 : prng.unit() * most)
  return {
    appendLost: share(0.15),
    appendUnheard: share(0.15),
    appendLate: share(0.15),
    appendTwice: share(0.2),
    appendMs: prng.pick([1, 5, 5, 20, 80]),
    replayFails: share(0.1),
    storeFails: share(0.1),
    storePartial: prng.chance(0.5),
    storeMs: prng.pick([1, 5, 20, 200]),
    storeRollsBack: prng.chance(0.3),
    messageDropped: share(0.2),
    messageTwice: share(0.3),
    messageMs: prng.pick([1, 5, 20, 200]),
    messageAstray: share(0.2),
    clockJumps: prng.chance(0.7),
  }
}
