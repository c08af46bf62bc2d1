// Every bound of the runtime (A5), with what happens when it is reached.

export interface Limits {
  /** Records of a partition not durable yet; beyond, client commands are refused `overloaded`. */
  readonly maxUndurableRecords: number
  /** A wait for the disk that stands this long, in ms, means more is taken on than is got rid of: see Admission. */
  readonly standingWaitMs: number
  /** How long it has to stand, in ms. */
  readonly standingWindowMs: number
  /** Client commands waiting for one actor to load; beyond, `overloaded`. */
  readonly maxWaitingPerActor: number
  /** Envelopes of a partition not acknowledged; beyond, client commands are refused `overloaded`. */
  readonly maxOutbox: number
  /** Records the projector may be behind, over all partitions of the process (C2); beyond, `overloaded`. */
  readonly maxProjectorLag: number
  /** A batch is closed before its records grow beyond this, and the next begun. One record alone may be larger. */
  readonly maxBatchBytes: number
  /** Envelopes sent ahead of the acknowledgement, per (source, destination). */
  readonly envelopeWindow: number
  /** Refused envelopes whose numbers go along with every acknowledgement, per source; the oldest are forgotten. */
  readonly rememberedRefusals: number
  /** How long a source waits for an acknowledgement before it probes. */
  readonly probeAfterMs: number
  /** Pause before a failed store read or an uncertain append is tried again. */
  readonly retryAfterMs: number
  /** Pause before a recovery that failed is tried again. */
  readonly recoverAgainMs: number
  /** A7: a partition further ahead of the clock than this is not served. */
  readonly maxAheadOfClockMs: number
  /** An actor unused for this long may be passivated. */
  readonly passivateAfterMs: number
  readonly sweepEveryMs: number
  /** M6. */
  readonly idempotencyWindowMs: number
  /** `delivered` goes into a batch header after this many acknowledgements. */
  readonly deliveredEvery: number
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  maxUndurableRecords: 8_192,
  standingWaitMs: 100,
  standingWindowMs: 250,
  maxWaitingPerActor: 64,
  maxOutbox: 100_000,
  maxProjectorLag: 250_000,
  maxBatchBytes: 512 * 1024,
  envelopeWindow: 4_096,
  rememberedRefusals: 64,
  probeAfterMs: 500,
  retryAfterMs: 50,
  recoverAgainMs: 500,
  maxAheadOfClockMs: 2_000,
  passivateAfterMs: 10 * 60 * 1000,
  sweepEveryMs: 5_000,
  idempotencyWindowMs: 24 * 60 * 60 * 1000,
  deliveredEvery: 512,
})
