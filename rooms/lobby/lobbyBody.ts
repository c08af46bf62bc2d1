// A lobby as both wires show it (shared/lobbyMessages.ts), made of a view of its actor or of its row in the lists.

import { isIn } from '../../actors/lobby/service.ts'
import { type LobbySetup, takesBots } from '../../actors/lobby/setup.ts'
import type { LobbyView } from '../../actors/lobby/views.ts'
import { rakeOf } from '../../actors/match/prizes.ts'
import { findAsset, formatAmount } from '../../shared/assets.ts'
import { gameRules } from '../../shared/games/rules.ts'
import type { UserId } from '../../shared/ids.ts'
import type { LobbyBody } from '../../shared/lobbyMessages.ts'

const HOUR_MS = 60 * 60_000

export interface ShownTo {
  /** Null: somebody unknown. */
  readonly viewer: UserId | null
  readonly names: ReadonlyMap<UserId, string>
  readonly featured?: boolean
}

/** Null for one that nobody has made. */
export function lobbyBody(view: LobbyView, { viewer, names, featured = false }: ShownTo): LobbyBody | null {
  const { setup, status } = view
  if (setup === null || status === 'absent') return null
  const isInside = viewer !== null && isIn(view, viewer)
  return {
    ...{ id: view.id, name: nameOf(setup), creator_id: view.owner, status, visibility: setup.visibility },
    ...{ type: isRanked(view, setup) ? 'ranked' : 'custom', game_id: setup.game, game_mode: setup.mode },
    ...{ team_format: setup.format, map: setup.map, region: setup.region },
    map_pool: setup.map === null ? [...(gameRules(setup.game)?.maps ?? [])] : [setup.map],
    ...{ max_players: view.seats.length, min_players: view.seats.length },
    ...{ requires_ready_check: true, allow_spectators: true, allow_cross_platform: true },
    ...{ is_featured: featured, tags: [], takes_bots: takesBots(setup) },
    player_slots: view.seats.map(({ seat, team, user, ready, rating, joinedMs }) => ({
      ...{ slot_number: seat, player_id: user, player_name: user === null ? null : (names.get(user) ?? null) },
      ...{ is_ready: ready, joined_at: timeOf(joinedMs), mmr: rating === null ? null : Math.round(rating) },
      team: team + 1,
    })),
    ...prizeOf(view, setup),
    ...timesOf(view),
    match_id: view.match,
    ...{ reopened_because: view.reopened, closed_because: view.closed?.why ?? null },
    ...{ join_code: isInside ? view.code : null, invited: isInside ? [...view.invited] : [] },
  }
}

/** With every seat taken by somebody. */
function prizeOf({ match, seats }: LobbyView, setup: LobbySetup) {
  const { asset, stakeMinor, prizeRule, disputeMs } = setup
  const total = stakeMinor * BigInt(seats.length)
  const cents = centsOf(asset, stakeMinor)
  return {
    ...{ entry_fee_cents: cents, distribution_rule: prizeRule },
    prize_pool: {
      ...{ prize_pool_id: match, currency: asset, entry_fee: decimal(stakeMinor, asset), entry_fee_cents: cents },
      ...{ total: decimal(total, asset), platform_fee: decimal(rakeOf(asset, total), asset) },
      ...{ distribution_rule: prizeRule, dispute_window_hours: disputeMs / HOUR_MS },
    },
  }
}

function timesOf({ status, createdMs, sinceMs, expiresMs, readyDueMs }: LobbyView) {
  return {
    ...{ created_at: new Date(createdMs).toISOString(), updated_at: new Date(sinceMs).toISOString() },
    ...{ expires_at: timeOf(expiresMs), ready_check_ends_at: timeOf(readyDueMs) },
    started_at: status === 'started' ? timeOf(sinceMs) : null,
    completed_at: status === 'completed' ? timeOf(sinceMs) : null,
  }
}

function isRanked({ bots }: LobbyView, { visibility }: LobbySetup): boolean {
  return !bots && (visibility === 'public' || visibility === 'matchmaking')
}

function nameOf({ game, mode, format }: LobbySetup): string {
  return mode === format ? `${game} ${format}` : `${game} ${mode} ${format}`
}

/** One credit is a cent; of what is finer than a cent, the whole cents. */
function centsOf(asset: string, minor: bigint): number {
  const exponent = findAsset(asset)?.exponent ?? 0
  const cents = exponent > 2 ? minor / 10n ** BigInt(exponent - 2) : minor
  return Number(cents)
}

export function decimal(minor: bigint, asset: string): string {
  const spec = findAsset(asset)
  return spec === null ? minor.toString() : formatAmount(minor, spec)
}

function timeOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString()
}
