// How long the projector rests between two steps. Commands and projector share the machine, and a step costs about the same
// for many records of a partition as for one: so after work it rests, the longer the work took, and what comes meanwhile is
// written together. The further it is behind the less it rests, and far before commands would be shed (C2) not at all.

/** Caught up, a step waits at least this long for company, in ms. */
const LEAST_MS = 50
/** History waits up to a second for its position (S1). */
const MOST_MS = 300
/** Rest for each ms of work. */
const REST_PER_WORK = 3
/** Behind by this much, in bytes, there is no rest: about 100,000 records. */
const HURRY_BYTES = 48 * 1024 * 1024

export interface LastStep {
  readonly workMs: number
  /** What is in hand and not folded, in bytes. */
  readonly behindBytes: number
  /** More than what is in hand is to be read from the journal: how much nobody knows. */
  readonly isCutOff: boolean
}

/** In ms. */
export function restAfter({ workMs, behindBytes, isCutOff }: LastStep): number {
  const patience = isCutOff ? 0 : Math.max(0, 1 - behindBytes / HURRY_BYTES)
  const restMs = Math.max(LEAST_MS - workMs, Math.min(MOST_MS, workMs * REST_PER_WORK))
  return Math.max(0, restMs * patience)
}
