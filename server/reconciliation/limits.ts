// When what does not match is late, a warning or critical, and how much one run takes on: the one table of it.

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long one side may have what the other has not, and it is only late. */
export interface Lateness {
  /** Our record, and no line of the provider. */
  readonly movementMs: number
  /** A line of the provider, and no record of ours. */
  readonly lineMs: number
}

/** The sandbox writes its line before our record is made, so that no record is ever without one. */
export const SANDBOX_LATENESS: Lateness = Object.freeze({ movementMs: 0, lineMs: MINUTE_MS })
/** A bank books on the next working day, and its statement comes on the day after. */
export const BANK_LATENESS: Lateness = Object.freeze({ movementMs: 3 * DAY_MS, lineMs: 3 * DAY_MS })

/** What is not late any more is a warning, and critical from this age on. */
export const CRITICAL_AGE_MS = 24 * HOUR_MS
/** Critical at any age, from this amount on, in minor units; of any other asset, whatever the amount. */
export const CRITICAL_FROM_MINOR: Readonly<Record<string, bigint>> = Object.freeze({
  USD: 1_000_00n,
  USDC: 1_000_000_000n,
  USDT: 1_000_000_000n,
})

/** Envelopes are delivered within milliseconds: older ones are a warning, and critical from the second age on. */
export const TRANSIT_LATE_MS = MINUTE_MS
export const TRANSIT_CRITICAL_MS = 15 * MINUTE_MS

/** Records that the store has not are its projector's work of the moment; older ones say that it stands. */
export const LAG_LIMIT_MS = MINUTE_MS

/** Movements and lines of one account in one run: they are matched in memory. Beyond it the account is not checked. */
export const MOST_ITEMS = 500_000
/** Discrepancies that a report names; beyond it they are only counted. */
export const MOST_NAMED = 50_000
/** Of those, how many an answer shows without being asked for more. */
export const SHOWN_AT_ONCE = 100
/** Items of one group among which a part that adds up is sought: two to the power of it are looked at. */
export const MOST_PARTED = 12
