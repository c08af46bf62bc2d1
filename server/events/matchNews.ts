// From the durable records of matches to what other services are told of them. Pure, and from a record alone: so the same
// batch gives the same events with the same ids to whoever reads it, at any time.
//
// Each event of a match in the journal has two numbers in its batch, an even one for the match's news and an odd one for
// what follows from it: numbers stay what they are when a later release tells more.

import { decodeEvent } from '../../actors/match/eventCodec.ts'
import type { MatchEvent } from '../../actors/match/events.ts'
import { decodeHeader, decodeRecord } from '../../actors/runtime/codec.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import { findAsset, formatAmount } from '../../shared/assets.ts'
import { EVENT_VERSION, type PublicEvent } from './publicEvent.ts'

type Common = 'v' | 'id' | 'match_id' | 'at' | 'position' | 'index'
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
type News = DistributiveOmit<PublicEvent, Common>
type Told = readonly [ofMatch: News | null, following: News | null]

const ACTOR = 'match/'
/** As a record begins to say that it is of a match: nothing else is parsed, which most batches have nothing of. */
const MARK = Buffer.from(`"a":"${ACTOR}`)
const NOTHING: Told = [null, null]

/** Whether it may have something to tell. */
export function mentionsMatches(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(MARK)
}

/** In order. Throws where the batch cannot be read. */
export function newsOf({ partition, position, bytes }: StoredBatch): readonly PublicEvent[] {
  if (!mentionsMatches(bytes)) return []
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').split('\n')
  decodeHeader(lines[0] ?? '')
  const news: PublicEvent[] = []
  let number = 0
  for (const line of lines.slice(1)) {
    if (!line.includes(MARK.toString())) continue
    const record = decodeRecord(line, partition)
    if (!record.actor.startsWith(ACTOR)) continue
    const common = {
      v: EVENT_VERSION,
      match_id: record.actor.slice(ACTOR.length),
      at: timeOf(record.atMs),
      position,
    } as const
    for (const stored of record.events) {
      for (const [odd, told] of toldOf(decodeEvent(stored), record).entries()) {
        const index = 2 * number + odd
        if (told !== null) news.push({ ...common, id: `${partition}:${position}:${index}`, index, ...told })
      }
      number += 1
    }
  }
  return news
}

function toldOf(event: MatchEvent, record: LogRecord): Told {
  // All money of a match is of one asset.
  const asset = record.entries[0]?.asset ?? null
  switch (event.kind) {
    case 'created':
      return [createdOf(event), { type: 'funding', due_at: timeOf(event.dueMs) }]
    case 'staked':
      return [null, { type: 'pool_funded', seat: event.seat, asset, amount: amountOf(stakedMinor(record), asset) }]
    case 'readied':
      return [{ type: 'ready', due_at: timeOf(event.dueMs) }, { type: 'pool_locked' }]
    case 'started':
      return [{ type: 'live', due_at: timeOf(event.dueMs) }, null]
    case 'finished':
      return [{ type: 'finished', disputable_until: event.dueMs === null ? null : timeOf(event.dueMs) }, null]
    case 'disputed':
      return [{ type: 'disputed', dispute_id: event.id, seat: event.seat }, null]
    case 'settled':
      return [{ type: 'settled', how: event.how }, paidOut(event, asset)]
    case 'cancelled':
      // Why is what staff wrote, and stays here (S2).
      return [
        { type: 'cancelled', at_fault: [...event.atFault] },
        { type: 'pool_refunded', asset, refunds: amountsOf(event.refunds, asset) },
      ]
    default:
      return NOTHING
  }
}

function createdOf({ spec }: Extract<MatchEvent, { kind: 'created' }>): News {
  const { game, mode, region, asset, tier, external, prizeRule: prize_rule, stakeMinor } = spec
  const seats = spec.seats.map(({ user, team }, seat) => ({ seat, user_id: user, team }))
  const stake = amountOf(stakeMinor, asset)
  return { type: 'created', ...{ game, mode, region, asset, stake, tier, prize_rule, external, seats } }
}

function paidOut(event: Extract<MatchEvent, { kind: 'settled' }>, asset: string | null): News {
  const amounts = amountsOf(event.payouts, asset)
  if (event.how === 'refund') return { type: 'pool_refunded', asset, refunds: amounts }
  const [rake, contribution] = [amountOf(event.rakeMinor, asset), amountOf(event.contributionMinor, asset)]
  return { type: 'pool_distributed', asset, payouts: amounts, rake, contribution }
}

/** What the record put into the escrow. */
function stakedMinor({ entries }: LogRecord): bigint {
  return entries.find(({ account, side }) => account.startsWith('2002:') && side === 'credit')?.amountMinor ?? 0n
}

function amountsOf(amounts: readonly { readonly seat: number; readonly amountMinor: bigint }[], asset: string | null) {
  return amounts.map(({ seat, amountMinor }) => ({ seat, amount: amountOf(amountMinor, asset) }))
}

/** Without entries there was no money, and the amount is nothing. */
function amountOf(minor: bigint, asset: string | null): string {
  const spec = asset === null ? null : findAsset(asset)
  return spec === null ? minor.toString() : formatAmount(minor, spec)
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
