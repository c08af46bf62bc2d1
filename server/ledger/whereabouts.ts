// Where an NFT is, as far as the ledger knows: from the wallet that it was last sent to, along the accounts that had it,
// each of which tells by its newest entry whether it still has it, or in which record it passed it on.

import type { LogRecord } from '../../actors/runtime/record.ts'
import { type PartitionId, parseRecordId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { accountsOf, basisOf } from './places.ts'
import { type LedgerReads, type Leg, NEWEST } from './ports.ts'
import type { Spot, WhereaboutsAnswer, WhereaboutsQuestion } from './questions.ts'

/** Owners followed in one answer. Who has it again counts once. */
export const HOPS = 200

/** A record that sent the token away, and to whom. */
interface Departure {
  readonly partition: PartitionId
  readonly seq: number
  /** Null where the store has not come to it. */
  readonly atMs: number | null
  readonly to: string
}

export async function whereabouts(reads: LedgerReads, question: WhereaboutsQuestion): Promise<WhereaboutsAnswer> {
  return { kind: 'whereabouts', ...(await basisOf(reads, null)), spot: await spotOf(reads, question) }
}

async function spotOf(reads: LedgerReads, { asset, record, to }: WhereaboutsQuestion): Promise<Spot> {
  const place = parseRecordId(record)
  if (place === null) throw new Error(`${record} names no record`)
  const first = await reads.record(place.partition, place.seq)
  let departure: Departure = { ...place, atMs: first?.record.atMs ?? null, to }
  const seen = new Set<string>()
  for (let hop = 0; hop < HOPS; hop++) {
    const leg = departure.atMs === null ? null : await newestLeg(reads, departure.to, asset)
    // It has not come there, or not since it was there before.
    if (leg === null || leg.atMs < (departure.atMs ?? 0) || seen.has(nameOf(leg))) return inTransit(departure)
    if (leg.balanceAfterMinor > 0n) return spotAt('account', departure.to, leg)
    seen.add(nameOf(leg))
    const found = await reads.record(leg.partition, leg.seq)
    const next = found === null ? null : receiverOf(found.record, asset)
    if (next === null) return spotAt('gone', departure.to, leg)
    departure = { partition: leg.partition, seq: leg.seq, atMs: leg.atMs, to: next }
  }
  return { ...inTransit(departure), state: 'followed' }
}

/** Of all accounts of an actor, which are in one partition. Of one record's, the one that has the token. */
async function newestLeg(reads: LedgerReads, actor: string, asset: string): Promise<Leg | null> {
  const partition = partitionOf(actor, reads.partitions)
  let newest: Leg | null = null
  for (const account of accountsOf(actor)) {
    const [leg] = await reads.legs({ partition, account, asset, before: NEWEST, limit: 1 })
    if (leg === undefined) continue
    const isNewer = newest === null || leg.seq > newest.seq
    if (isNewer || (leg.seq === newest?.seq && leg.balanceAfterMinor > 0n)) newest = leg
  }
  return newest
}

function receiverOf({ outbox }: LogRecord, asset: string): string | null {
  return outbox.find(({ money }) => money?.asset === asset)?.to ?? null
}

function inTransit({ to, partition, seq, atMs }: Departure): Spot {
  return { state: 'in_transit', actor: to, account: null, partition, seq, atMs }
}

function spotAt(state: 'account' | 'gone', actor: string, { account, partition, seq, atMs }: Leg): Spot {
  return { state, actor, account, partition, seq, atMs }
}

function nameOf({ partition, seq }: Leg): string {
  return `${partition}:${seq}`
}
