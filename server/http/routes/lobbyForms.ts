// Lobbies on the HTTP wire: what a new one may be asked for, and the answers of the existing web client's forms.

import { z } from 'zod'
import type { CommitmentStatus, Commitments, ShownLobby } from '../../../actors/lobby/service.ts'
import {
  formatOf,
  type LobbySetup,
  PRIZE_RULES,
  type SetupField,
  setupFault,
  tierStakeMinor,
  VISIBILITIES,
} from '../../../actors/lobby/setup.ts'
import { leastDisputeMs } from '../../../actors/match/minima.ts'
import { lobbyBody } from '../../../rooms/lobby/lobbyBody.ts'
import { findAsset, parseAmount } from '../../../shared/assets.ts'
import { gameRules, isTeamFormat } from '../../../shared/games/rules.ts'
import type { UserId } from '../../../shared/ids.ts'
import { lobbySchema, slotSchema } from '../../../shared/lobbyMessages.ts'
import { type Answer, type Refusal, refuse, refuseField } from '../answer.ts'
import { amountSchema, currencySchema, idempotencyKeySchema, timeSchema, timeText } from '../schemas.ts'

const word = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/)
const fee = z.int().min(0).max(1_000_000)

export const createBody = z.object({
  creator_id: z.string().max(64).nullish().meta({ description: 'nobody but the caller' }),
  game_id: word,
  game_mode: word.nullish().meta({ description: 'without it, the game’s first that has this many players' }),
  region: word.nullish(),
  max_players: z.int().min(2).max(10).nullish().meta({ description: 'or team_format' }),
  team_format: word.nullish(),
  map: word.nullish(),
  map_pool: z.array(word).max(32).nullish().meta({ description: 'one map is that map; several leave it to the match' }),
  visibility: z.enum(VISIBILITIES).nullish(),
  currency: currencySchema.nullish(),
  tier: z.enum(['free', 'premium', 'pro', 'elite']).nullish().meta({ description: 'the entry fee of this tier' }),
  entry_fee: amountSchema.nullish(),
  entry_fee_cents: fee.nullish(),
  prize_pool: z.object({ entry_fee_cents: fee.nullish(), distribution_rule: z.enum(PRIZE_RULES).nullish() }).nullish(),
  distribution_rule: z.enum(PRIZE_RULES).nullish(),
  dispute_window_hours: z.number().min(0).max(720).nullish().meta({ description: 'longer than it has to be' }),
  idempotency_key: idempotencyKeySchema,
})

export type CreateBody = z.output<typeof createBody>

export const lobbyAnswer = z.object({ lobby: lobbySchema })
export const createdAnswer = z.object({ lobby: lobbySchema, creator_slot: slotSchema.nullable() })
export const joinedAnswer = z.object({ lobby: lobbySchema, assigned_slot: slotSchema.nullable() })
export const readyAnswer = z.object({
  lobby: lobbySchema,
  all_players_ready: z.boolean(),
  ready_count: z.int(),
  total_count: z.int(),
})
export const startedAnswer = z.object({
  lobby: lobbySchema,
  match_id: z.string().nullable().meta({ description: 'null while others have to say that they are ready' }),
})

const commitmentStatus = z.enum(['confirmed', 'pending', 'declined', 'expired'])

export const summarySchema = z
  .object({
    lobby_id: z.string(),
    match_id: z.string().nullable(),
    total_players: z.int(),
    confirmed_count: z.int(),
    pending_count: z.int(),
    declined_count: z.int(),
    expired_count: z.int(),
    all_confirmed: z.boolean(),
    has_declined_or_expired: z.boolean(),
    commitments: z.array(
      z.object({ player_id: z.string(), status: commitmentStatus, expires_at: timeSchema.nullable() }),
    ),
  })
  .meta({ id: 'LobbyCommitments' })

export const confirmedAnswer = z.object({
  commitment: z.object({ id: z.string(), lobby_id: z.string(), player_id: z.string(), status: commitmentStatus }),
  summary: summarySchema,
  all_ready: z.boolean(),
})

const FIELD: Readonly<Record<SetupField | 'disputeMs', string>> = {
  ...{ game: 'game_id', mode: 'game_mode', map: 'map', format: 'team_format', region: 'region' },
  ...{ visibility: 'visibility', asset: 'currency', stake: 'entry_fee', prizeRule: 'distribution_rule' },
  disputeMs: 'dispute_window_hours',
}
const HOUR_MS = 60 * 60_000

/** What a lobby is to be made of, or what is wrong with it. */
export function readSetup(body: CreateBody): LobbySetup | Refusal {
  const rules = gameRules(body.game_id)
  if (rules === null) return refuseField('game_id', 'is no game of this server')
  const asked = body.team_format ?? (body.max_players == null ? null : formatOf(body.max_players))
  if (asked === null && body.max_players != null) return refuseField('max_players', 'is no number that two teams share')
  const fitting = [...rules.modes.values()].find(({ formats }) => asked === null || formats.some((f) => f === asked))
  const mode = body.game_mode ?? fitting?.mode ?? ''
  const format = asked ?? rules.modes.get(mode)?.formats[0] ?? ''
  if (!isTeamFormat(format)) return refuseField('team_format', 'is no format of this mode')
  const asset = body.currency ?? 'USD'
  const stakeMinor = readStake(body, asset)
  if (typeof stakeMinor === 'object') return stakeMinor
  const pool = body.map_pool ?? []
  const setup: LobbySetup = {
    ...{ game: body.game_id, mode, format, map: body.map ?? (pool.length === 1 ? (pool[0] ?? null) : null) },
    ...{ region: body.region ?? 'eu-west', visibility: body.visibility ?? 'public', asset, stakeMinor },
    prizeRule: body.distribution_rule ?? body.prize_pool?.distribution_rule ?? 'winner_takes_all',
    disputeMs: disputeOf(body, asset, stakeMinor),
  }
  const fault = setupFault(setup)
  return fault === null ? setup : refuseField(FIELD[fault], 'is none that this lobby can have')
}

function disputeOf({ dispute_window_hours: hours }: CreateBody, asset: string, stakeMinor: bigint): number {
  return hours == null ? leastDisputeMs(asset, stakeMinor) : Math.round(hours * HOUR_MS)
}

/** By the tier, or as an amount, or in cents as the web client sends it. */
function readStake(body: CreateBody, asset: string): bigint | Refusal {
  const spec = findAsset(asset)
  if (spec === null) return refuse('asset.unknown', { details: { currency: 'names no asset' } })
  if (body.tier != null) return tierStakeMinor(body.tier, asset) ?? refuseField('currency', 'has no tiers')
  const cents = body.entry_fee_cents ?? body.prize_pool?.entry_fee_cents ?? 0
  const text = body.entry_fee ?? (asset === 'CREDIT' ? `${cents}` : (cents / 100).toFixed(2))
  if (/^0+(?:\.0*)?$/.test(text)) return 0n
  const parsed = parseAmount(text, spec)
  return parsed.kind === 'amount' ? parsed.minor : refuse(`amount.${parsed.reason}`)
}

export function bodyOf({ view, names }: ShownLobby, viewer: UserId | null): z.input<typeof lobbySchema> | Refusal {
  return lobbyBody(view, { viewer, names }) ?? refuse('lobby.unknown')
}

export function isRefusal(body: object): body is Extract<Answer, { kind: 'refused' }> {
  return 'kind' in body && body.kind === 'refused'
}

export function summaryBody({ lobby, match, players, untilMs }: Commitments): z.input<typeof summarySchema> {
  const count = (status: CommitmentStatus): number => players.filter((player) => player.status === status).length
  const [confirmed, pending, declined, expired] = [
    count('confirmed'),
    count('pending'),
    count('declined'),
    count('expired'),
  ]
  return {
    ...{ lobby_id: lobby, match_id: match, total_players: players.length, confirmed_count: confirmed },
    ...{ pending_count: pending, declined_count: declined, expired_count: expired },
    all_confirmed: players.length > 0 && confirmed === players.length,
    has_declined_or_expired: declined + expired > 0,
    commitments: players.map(({ user, status }) => ({
      ...{ player_id: user, status, expires_at: untilMs === null ? null : timeText(untilMs) },
    })),
  }
}
