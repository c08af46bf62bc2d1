// What a match tells about itself: the log of everything that ever changed it. Seats by number, users by id (S2).

import type { GameFlag, GameOutcome } from '../../shared/games/game.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { DisputeType, Ruling, SeatAmount, Wait } from './commands.ts'
import type { MatchSpec } from './spec.ts'
import type { ScoreView, SettlementView } from './views.ts'

export type MatchEvent =
  | { readonly kind: 'created'; readonly spec: MatchSpec; readonly dueMs: number }
  | { readonly kind: 'staked'; readonly seat: number; readonly record: RecordId }
  | { readonly kind: 'accepted'; readonly seat: number }
  /** Every seat is in: the pool is locked. */
  | { readonly kind: 'readied'; readonly dueMs: number }
  | { readonly kind: 'arrived'; readonly seat: number }
  | { readonly kind: 'forfeited'; readonly seats: readonly number[]; readonly why: 'absent' | 'left' }
  /** They left when the game was over already, and its result not known here yet: that costs nobody their prize. */
  | { readonly kind: 'reinstated'; readonly seats: readonly number[] }
  | { readonly kind: 'started'; readonly seed: string; readonly dueMs: number }
  | { readonly kind: 'resumed'; readonly epoch: number; readonly tick: number }
  /** People get a wait once more that ran out while the server was down. */
  | { readonly kind: 'extended'; readonly wait: Wait; readonly dueMs: number }
  /** One player's word, which is no result yet. */
  | { readonly kind: 'told'; readonly seat: number; readonly outcome: GameOutcome }
  | {
      readonly kind: 'scored'
      readonly by: ScoreView['by']
      readonly status: 'submitted' | 'under_review' | 'verified'
      readonly outcome: GameOutcome
      readonly hash: string | null
      readonly recording: string | null
      readonly flags: readonly GameFlag[]
    }
  | {
      readonly kind: 'score_moved'
      readonly to: 'under_review' | 'verified' | 'cancelled'
      readonly by: UserId
      readonly note: string
    }
  | { readonly kind: 'conciliated'; readonly outcome: GameOutcome; readonly by: UserId; readonly note: string }
  /** Over. `dueMs`: until when it may be disputed; null where it may not. */
  | { readonly kind: 'finished'; readonly dueMs: number | null }
  | {
      readonly kind: 'disputed'
      readonly id: RecordId
      readonly seat: number
      readonly type: DisputeType
      readonly evidence: readonly string[]
      readonly ticks: readonly [number, number] | null
    }
  | { readonly kind: 'evidence'; readonly id: RecordId; readonly seat: number; readonly evidence: readonly string[] }
  | { readonly kind: 'voted'; readonly id: RecordId; readonly seat: number; readonly verdict: 'uphold' | 'reject' }
  /** `dueMs`: the window goes on until then, where no dispute is left. */
  | { readonly kind: 'withdrawn'; readonly id: RecordId; readonly dueMs: number | null }
  /** The window is over, and a review holds the payout. */
  | { readonly kind: 'window_closed' }
  | {
      readonly kind: 'ruling_proposed'
      readonly id: RecordId
      readonly ruling: Ruling
      readonly by: UserId
      readonly reason: string
    }
  | { readonly kind: 'ruling_rejected'; readonly id: RecordId; readonly by: UserId; readonly note: string }
  | {
      readonly kind: 'cancelled'
      readonly why: string
      readonly atFault: readonly number[]
      readonly by: UserId | null
      readonly approvedBy: UserId | null
      readonly refunds: readonly SeatAmount[]
    }
  | {
      readonly kind: 'settled'
      readonly record: RecordId
      readonly how: SettlementView['how']
      readonly payouts: readonly SeatAmount[]
      readonly rakeMinor: bigint
      readonly contributionMinor: bigint
      readonly by: UserId | null
      readonly approvedBy: UserId | null
      readonly note: string
      /** In place of the one there was. */
      readonly outcome: GameOutcome | null
    }
  | {
      readonly kind: 'unclaimed'
      readonly id: RecordId
      readonly original: RecordId
      readonly wallet: WalletId
      readonly name: 'prize' | 'refund'
      readonly amountMinor: bigint
      readonly code: string
    }
  | {
      readonly kind: 'paid_again'
      readonly id: RecordId
      readonly to: WalletId
      readonly name: 'prize' | 'refund'
      readonly amountMinor: bigint
      readonly by: UserId
      readonly reason: string
    }
