// Matches, prize pools, results and disputes on the wire. What a player may not know yet (the seed) is in none of them.

import { z } from 'zod'
import type { Ruling } from '../../../actors/match/commands.ts'
import { DISPUTE_TYPES } from '../../../actors/match/commands.ts'
import type { MatchRow } from '../../../actors/match/listing.ts'
import type { DisputeView, MatchView, PoolView } from '../../../actors/match/views.ts'
import { findAsset, formatAmount } from '../../../shared/assets.ts'
import type { GameOutcome } from '../../../shared/games/game.ts'
import { timeSchema, timeText } from '../schemas.ts'

const ids = z.string().max(64)
const decimal = z.string().meta({ description: 'a decimal string' })
const count = z.int().min(0)
const centsSchema = z.object({ cents: z.number(), dollars: z.number() })

export const matchParams = z.object({ id: ids })

export const seatSchema = z.object({
  seat: count,
  player_id: z.string().nullable().meta({ description: 'null for a bot' }),
  team: count,
  ready: z.boolean(),
  arrived: z.boolean(),
  forfeit: z.boolean(),
  staked: decimal,
  paid: decimal,
})

export const matchSchema = z
  .object({
    match_id: z.string(),
    status: z.string(),
    game_id: z.string(),
    game_mode: z.string(),
    region: z.string(),
    currency: z.string(),
    entry_fee: decimal,
    distribution_rule: z.string(),
    external: z.boolean(),
    seats: z.array(seatSchema),
    created_at: timeSchema,
    since: timeSchema,
    waits_for: z.string().nullable(),
    waits_until: timeSchema.nullable(),
    result_id: z.string().nullable(),
    cancelled: z.object({ why: z.string(), at_fault: z.array(z.string()) }).nullable(),
  })
  .meta({ id: 'Match' })

export function matchBody(view: MatchView): z.input<typeof matchSchema> {
  const { id, status, spec, seats, wait, score, cancelled } = view
  const asset = spec?.asset ?? ''
  return {
    ...{ match_id: id, status, game_id: spec?.game ?? '', game_mode: spec?.mode ?? '', region: spec?.region ?? '' },
    ...{ currency: asset, entry_fee: text(spec?.stakeMinor ?? 0n, asset), external: spec?.external ?? false },
    distribution_rule: spec?.prizeRule ?? '',
    seats: seats.map(({ seat, user, team, ready, arrived, forfeit, stakedMinor, paidMinor }) => ({
      ...{ seat, player_id: user, team, ready, arrived, forfeit },
      ...{ staked: text(stakedMinor, asset), paid: text(paidMinor, asset) },
    })),
    created_at: timeText(view.createdAtMs),
    since: timeText(view.sinceMs),
    waits_for: wait?.kind ?? null,
    waits_until: wait === null ? null : timeText(wait.dueMs),
    result_id: score === null ? null : resultId(id, score.number),
    cancelled: cancelled === null ? null : { why: cancelled.why, at_fault: [...cancelled.atFault] },
  }
}

export const poolSchema = z
  .object({
    pool_id: z.string(),
    match_id: z.string(),
    status: z.string().nullable(),
    currency: z.string(),
    entry_fee: centsSchema,
    total_amount: centsSchema.meta({ description: 'what was staked' }),
    platform_contribution: centsSchema,
    platform_fee: centsSchema,
    distribution_rule: z.string().nullable(),
    participants: z.array(z.object({ player_id: z.string(), amount: centsSchema })),
    projected_payouts: z.array(z.object({ position: count, amount: centsSchema })),
    payouts: z.array(z.object({ player_id: z.string().nullable(), amount: centsSchema })),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: 'PrizePool' })

export function poolBody(pool: PoolView, seats: MatchView['seats']): z.input<typeof poolSchema> {
  const { match, status, asset, prizeRule, settlement } = pool
  const money = (minor: bigint) => cents(minor, asset)
  return {
    ...{ pool_id: match, match_id: match, status, currency: asset, distribution_rule: prizeRule },
    entry_fee: money(pool.stakeMinor),
    total_amount: money(pool.totalMinor),
    platform_contribution: money(pool.contributionMinor),
    platform_fee: money(pool.rakeMinor),
    participants: pool.stakes.map(({ user, amountMinor }) => ({ player_id: user, amount: money(amountMinor) })),
    projected_payouts: pool.projected.map(({ position, amountMinor }) => ({ position, amount: money(amountMinor) })),
    payouts: (settlement?.payouts ?? []).map(({ seat, amountMinor }) => ({
      player_id: seats[seat]?.user ?? null,
      amount: money(amountMinor),
    })),
    created_at: timeText(pool.createdAtMs),
    updated_at: timeText(pool.sinceMs),
  }
}

export const poolRowSchema = z
  .object({
    pool_id: z.string(),
    match_id: z.string(),
    game_id: z.string(),
    status: z.string().nullable(),
    match_status: z.string(),
    currency: z.string(),
    entry_fee: centsSchema,
    total_amount: centsSchema,
    platform_contribution: centsSchema,
    player_ids: z.array(z.string()),
    result_id: z.string().nullable(),
    result_status: z.string().nullable(),
    open_disputes: count,
    proposals: count,
    unclaimed: count,
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: 'PrizePoolRow' })

export function poolRow(row: MatchRow): z.input<typeof poolRowSchema> {
  return {
    ...{ pool_id: row.match, match_id: row.match, game_id: row.game, status: row.pool, match_status: row.status },
    currency: row.asset,
    entry_fee: cents(BigInt(row.stake), row.asset),
    total_amount: cents(BigInt(row.total), row.asset),
    platform_contribution: cents(BigInt(row.contribution), row.asset),
    player_ids: row.seats.flatMap(([user]) => (user === null ? [] : [user])),
    result_id: row.score === null ? null : resultId(row.match, row.score[0]),
    result_status: row.score?.[1] ?? null,
    open_disputes: row.disputes.filter(([, , , status]) => status === 'open').length,
    ...{ proposals: row.proposals, unclaimed: row.unclaimed },
    created_at: timeText(row.created),
    updated_at: timeText(row.since),
  }
}

export const resultSchema = z
  .object({
    result_id: z.string(),
    match_id: z.string(),
    status: z.string(),
    submitted_by: z.object({ kind: z.string(), id: z.string().nullable() }),
    results: z.array(z.object({ player_id: z.string().nullable(), seat: count, position: count, score: z.number() })),
    mvp_player_id: z.string().nullable(),
    flags: z.array(z.object({ seat: count, rule: z.string(), tick: count })),
    recording_sha256: z.string().nullable(),
    submitted_at: timeSchema,
    reviewed_by: z.string().nullable(),
  })
  .meta({ id: 'MatchResult' })

/** Null where nothing was reported. */
export function resultBody({ id, score, seats }: MatchView): z.input<typeof resultSchema> | null {
  if (score === null) return null
  const { by, outcome } = score
  return {
    ...{ result_id: resultId(id, score.number), match_id: id, status: score.status },
    submitted_by: { kind: by.kind, id: 'id' in by ? by.id : null },
    results: outcome.results.map((each) => ({ ...each, player_id: seats[each.seat]?.user ?? null })),
    mvp_player_id: outcome.mvp === null ? null : (seats[outcome.mvp]?.user ?? null),
    flags: score.flags.map((flag) => ({ ...flag })),
    recording_sha256: score.recording,
    submitted_at: timeText(score.atMs),
    reviewed_by: score.step?.by ?? null,
  }
}

export const challengeSchema = z
  .object({
    challenge_id: z.string(),
    match_id: z.string(),
    player_id: z.string(),
    type: z.enum(DISPUTE_TYPES),
    status: z.string(),
    evidence: z.array(z.string()).meta({ description: 'SHA-256 of each, as it was handed in' }),
    tick_from: count.nullable(),
    tick_to: count.nullable(),
    votes: z.array(z.object({ player_id: z.string(), verdict: z.enum(['uphold', 'reject']) })),
    created_at: timeSchema,
  })
  .meta({ id: 'Challenge' })

export function challengeBody(match: string, dispute: DisputeView): z.input<typeof challengeSchema> {
  const { id, user, type, status, evidence, ticks, votes, atMs } = dispute
  return {
    ...{ challenge_id: challengeId(match, id), match_id: match, player_id: user, type, status },
    evidence: [...evidence],
    ...{ tick_from: ticks?.[0] ?? null, tick_to: ticks?.[1] ?? null },
    votes: votes.map(({ user: voter, verdict }) => ({ player_id: voter, verdict })),
    created_at: timeText(atMs),
  }
}

/** `<match>.<number>`, `<match>.<record>`: both name the match, so that nothing has to be looked up. */
export const resultId = (match: string, number: number): string => `${match}.${number}`
export const challengeId = (match: string, record: string): string => `${match}.${record}`

export function splitId(text: string): readonly [match: string, rest: string] {
  const dot = text.lastIndexOf('.')
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)]
}

export const outcomeBody = z.object({
  results: z
    .array(
      z.object({
        player_id: ids,
        position: z.int().min(1).max(10),
        score: z.number().optional(),
        is_mvp: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(10),
})

/** Null where somebody named has no seat. Seats that are not named come last: whether that is a result, the match says. */
export function outcomeOf(view: MatchView, { results }: z.output<typeof outcomeBody>): GameOutcome | null {
  const seats = results.map((each) => ({ ...each, seat: view.seats.find(({ user }) => user === each.player_id)?.seat }))
  if (seats.some(({ seat }) => seat === undefined)) return null
  return {
    results: seats.map(({ seat = 0, position, score = 0 }) => ({ seat, position, score })),
    mvp: seats.find(({ is_mvp }) => is_mvp === true)?.seat ?? null,
  }
}

export const RESOLUTIONS = ['approve_distribution', 'refund_all', 'custom_distribution'] as const

/** What staff says of a pool, as a ruling of its match; null where a payout names nobody, or no sum. */
export function rulingOf(
  view: MatchView,
  resolution: (typeof RESOLUTIONS)[number],
  payouts: readonly { readonly player_id: string; readonly minor: bigint | null }[],
): Ruling | null {
  if (resolution === 'approve_distribution') return { kind: 'approve' }
  if (resolution === 'refund_all') return { kind: 'refund_all' }
  const seats = payouts.flatMap(({ player_id: player, minor }) => {
    const seat = view.seats.find(({ user }) => user === player)?.seat
    return seat === undefined || minor === null ? [] : [{ seat, amountMinor: minor }]
  })
  return seats.length === payouts.length ? { kind: 'custom', payouts: seats } : null
}

function text(minor: bigint, asset: string): string {
  const spec = findAsset(asset)
  return spec === null ? minor.toString() : formatAmount(minor, spec)
}

/** As the web client wants pools: cents whole, rounded down. */
function cents(minor: bigint, asset: string): { cents: number; dollars: number } {
  const exponent = findAsset(asset)?.exponent ?? 2
  const whole = exponent >= 2 ? minor / 10n ** BigInt(exponent - 2) : minor * 10n ** BigInt(2 - exponent)
  return { cents: Number(whole), dollars: Number(text(minor, asset)) }
}
