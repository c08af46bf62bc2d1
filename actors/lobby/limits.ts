// A5: what one lobby keeps, and how long it waits. The times of people are the business table's (shared/rules.ts).

import { RULES } from '../../shared/rules.ts'

export const LOBBY = Object.freeze({
  /** Seats are what the format says: 2 to 10. */
  maxInvitations: 40,
  /** Who was sent away and may not come back; the oldest is forgotten. */
  maxBarred: 40,
  /** An open lobby in which nothing happens for so long is closed. */
  idleMs: 30 * 60_000,
  readyMs: RULES.readyCheckMs,
  /** How long each seat has to put in its stake, or its word, once the match is made. */
  fundingMs: RULES.readyCheckMs,
  disputeMostMs: 30 * 24 * 60 * 60_000,
  /** Lobbies that are not over and belong to one owner. */
  maxPerOwner: 5,
})
