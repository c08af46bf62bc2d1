// Counts what happened in a run, and keeps the first broken invariant. Parts of the world report here instead of
// throwing, because they are called from inside the runtime, which must not be able to swallow a finding.

export interface Finding {
  readonly invariant: string
  readonly message: string
}

export class Report {
  readonly counts = new Map<string, number>()
  finding: Finding | null = null

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by)
  }

  fail(invariant: string, message: string): void {
    this.finding ??= { invariant, message }
  }

  expect(holds: boolean, invariant: string, message: () => string): void {
    if (!holds) this.fail(invariant, message())
  }
}

/** What a few hundred seeds must have met, or the simulator no longer bites. */
export const MUST_HAPPEN: Readonly<Record<string, string>> = {
  crashDuringAppend: 'a crash with an append in flight',
  crashWhileUncertain: 'a crash with an append uncertain',
  powerCut: 'a power cut of every node',
  uncertainFoundLanded: 'an uncertain append that had landed',
  uncertainFoundNotLanded: 'an uncertain append that had not',
  landedAfterUncertain: 'an append that landed after it was called uncertain',
  landedTwice: 'an append delivered twice',
  ownerFenced: 'an owner fenced',
  uncertainThen_fenced: 'an uncertain append that turned out fenced',
  askedFormerOwner: 'a client that asked a former owner',
  messageAstray: 'a message to a former owner',
  deliverDropped: 'envelopes dropped',
  deliverTwice: 'envelopes doubled',
  acknowledgeDropped: 'an acknowledgement dropped',
  probeTwice: 'a probe doubled',
  returned: 'money returned to its sender',
  parked: 'a parked envelope or timer',
  confirmed: 'a transfer confirmed',
  withdrawalPaid: 'a withdrawal paid out',
  withdrawalBack: 'a withdrawal that came back',
  converted: 'a conversion',
  adjusted: 'an adjustment approved',
  nft_absent_sent: 'a token minted',
  nft_sent_unclaimed: 'a token that no wallet took',
  nft_unclaimed_sent: 'a token delivered again',
  nft_unclaimed_absent: 'a token burned',
  'refused_nft.already_minted': 'a token to be minted twice',
  reversed_deposit: 'a deposit reversed',
  reversed_receipt: 'a received transfer reversed',
  reversed_withdrawal: 'a withdrawal reversed',
  reversed_conversion: 'a conversion reversed',
  reversed_adjustment: 'an adjustment reversed',
  reversedOwed: 'a reversal of what was not there any more',
  repaid: 'something owed that was paid',
  'refused_wallet.owes': 'a command of somebody who owes',
  'refused_wallet.reversal_open': 'a second proposal for the same record',
  'refused_wallet.reversal_done': 'a second reversal',
  'refused_wallet.deposit_limit': 'a deposit beyond the day',
  'refused_wallet.withdrawal_limit': 'a withdrawal beyond the day',
  'refused_wallet.kyc_limit': 'a withdrawal beyond its level',
  match_staked: 'a stake taken',
  match_settled: 'a match settled',
  match_cancelled: 'a match cancelled',
  match_forfeited: 'a seat forfeited',
  match_disputed: 'a dispute',
  match_extended: 'a wait given once more',
  stakeReturned: 'a stake that came back',
  timerFired: 'a hold that expired',
  timerFiredByLaterOwner: 'a hold that expired after a crash',
  reactivated: 'an actor passivated and activated again',
  keyRepeated: 'a key repeated',
  keyRepeatedElsewhere: 'a key repeated after a restart or takeover',
  keyMismatch: 'a key used with another body',
  keyLookedUp: 'a key looked up in the store',
  refused_overloaded: 'a command shed',
  refused_internal: 'a command that threw',
  clockBack: 'a clock set back',
  clockForward: 'a clock set forward',
  leap: 'a long silence',
  storeFailed: 'a store that failed',
  storeWroteHalf: 'a store that wrote half',
  storeRolledBack: 'a store that lost what it had not synced',
  snapshotRound: 'a round of snapshots',
  projectorDied: 'a projector that died',
  replayFailed: 'a journal that could not be read',
  batchOfSeveral: 'a batch of several records',
  readAfterTold: 'a read of what somebody had been told before',
  answerWithoutLease: 'an answer kept back for want of a lease',
  'alarm_lease.lapsed': 'a lease that ran out',
  'alarm_lease.not_renewed': 'a renewal that was not answered',
  'alarm_recovery.not_claimed': 'a claim that came too late',
  pausedBeyondLease: 'a node asleep for longer than its lease',
  cutOff: 'a node cut off from leases, wire and journal',
  bucketEmptied: 'a bucket that forgot its leases',
  handingOver: 'a partition handed over',
  drained: 'a node that drained and left',
  wireNobody: 'an ask for what nobody serves',
  wireLost: 'an ask without an answer',
  wireAnsweredTwice: 'an answer that came twice',
  wireHeardBySeveral: 'a partition open at two nodes',
}

/** What of this has not happened. */
export function missing(counts: ReadonlyMap<string, number>): readonly string[] {
  return Object.entries(MUST_HAPPEN).flatMap(([what, words]) => (counts.has(what) ? [] : [words]))
}

/** Adds one run's counts to a total. */
export function addCounts(total: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [what, count] of counts) total.set(what, (total.get(what) ?? 0) + count)
}
