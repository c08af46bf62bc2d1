// What the seats of a match are told of it, as the wire shows it. Made of views of the actor, which are durable (A4).

import { watchDelayMsOf } from '../../actors/match/minima.ts'
import type { MatchView } from '../../actors/match/views.ts'
import { findAsset, formatAmount } from '../../shared/assets.ts'
import type { AnyGame } from '../../shared/games/game.ts'

/** What every seat is told alike; `you` is added for each. */
export function matchNews(view: MatchView, game: AnyGame): Record<string, unknown> | null {
  const { spec } = view
  if (spec === null) return null
  const pool = view.seats.reduce((sum, { stakedMinor }) => sum + stakedMinor, 0n)
  return {
    match_id: view.id,
    status: view.status,
    ...{ game: spec.game, mode: spec.mode, map: spec.map, tick_hz: game.tickHz, max_ticks: game.maxTicks },
    ...{ asset: spec.asset, stake: decimal(spec.stakeMinor, spec.asset), pool: decimal(pool, spec.asset) },
    watch_delay_seconds: watchDelayMsOf(spec) / 1000,
    due_at: view.wait === null ? null : new Date(view.wait.dueMs).toISOString(),
    seats: view.seats.map(({ seat, team, user, arrived, forfeit }) => ({
      ...{ seat, team, user_id: user, arrived, forfeit },
    })),
  }
}

export function resultNews({ score }: MatchView): Record<string, unknown> | null {
  if (score === null) return null
  const { outcome, hash } = score
  return { results: outcome.results, mvp: outcome.mvp, hash }
}

export function settlementNews({ settlement, spec }: MatchView): Record<string, unknown> | null {
  if (settlement === null || spec === null) return null
  const payouts = settlement.payouts.map(({ seat, amountMinor }) => ({
    seat,
    amount: decimal(amountMinor, spec.asset),
  }))
  return { payouts, rake: decimal(settlement.rakeMinor, spec.asset) }
}

function decimal(minor: bigint, code: string): string {
  const asset = findAsset(code)
  return asset === null ? minor.toString() : formatAmount(minor, asset)
}
