// Pages of entries, newest first over all partitions: of an account or an actor from its own entries, otherwise from the
// records themselves. Bounded: a page looks at so many and no more, and says where the next has to go on.

import { isOwnedAccount } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { accountsOf, basisOf, homesOf } from './places.ts'
import { type Before, isBefore, type LedgerReads, type Leg, legsOfRecord, NEWEST } from './ports.ts'
import { type EntriesAnswer, type EntriesQuestion, type Place, type RefusedAnswer, refused } from './questions.ts'

/** Records, or entries of the accounts asked for, that one page looks at. */
export const EXAMINED_LIMIT = 1_000
/** Read together of each source: few at first, since a page wants a few of each. */
const FIRST_CHUNK = 8
const LARGEST_CHUNK = 128

/** What one source has next: a record's legs newest first, or one leg of an account. */
interface Step {
  readonly place: Place
  readonly legs: readonly Leg[]
}

type Source = AsyncGenerator<Step, void, undefined>

export async function entriesPage(
  reads: LedgerReads,
  question: EntriesQuestion,
): Promise<EntriesAnswer | RefusedAnswer> {
  const { account, actor, fromMs, limit } = question
  if (account === null && actor === null && fromMs === null) return refused('ledger.filter_too_wide')
  // A system account has no list of its own: it is looked for in the records, and that begins somewhere.
  if (account !== null && !isOwnedAccount(account) && fromMs === null) return refused('ledger.filter_too_wide')
  const { sources, partitions } = sourcesOf(reads, question)
  const basis = await basisOf(reads, partitions)
  const legs: Leg[] = []
  let examined = 0
  for await (const { place, legs: found } of merged(sources)) {
    if (fromMs !== null && place.atMs < fromMs) break
    for (const leg of found) {
      if (!suits(leg, question)) continue
      legs.push(leg)
      if (legs.length === limit) return { kind: 'entries', ...basis, legs, next: placeOf(leg) }
    }
    if (++examined === EXAMINED_LIMIT) return { kind: 'entries', ...basis, legs, next: place }
  }
  return { kind: 'entries', ...basis, legs, next: null }
}

function sourcesOf(reads: LedgerReads, question: EntriesQuestion) {
  const { account, actor } = question
  const owned: (readonly [PartitionId, string])[] = []
  if (actor !== null) {
    const home = partitionOf(actor, reads.partitions)
    for (const name of accountsOf(actor)) if (account === null || account === name) owned.push([home, name])
  } else if (account !== null && isOwnedAccount(account)) {
    for (const home of homesOf(account, reads.partitions)) owned.push([home, account])
  }
  if (actor !== null || owned.length > 0) {
    const sources = owned.map(([home, name]) => accountSource(reads, home, name, question))
    return { sources, partitions: [...new Set(owned.map(([home]) => home))] }
  }
  const all = Array.from({ length: reads.partitions }, (_, partition) => partition)
  return { sources: all.map((partition) => recordSource(reads, partition, question)), partitions: null }
}

/** The steps of an actor's own accounts, newest first: one for each entry at or before this place. */
export function stepsOf(reads: LedgerReads, actor: string, upTo: Before | null): Source {
  const home = partitionOf(actor, reads.partitions)
  const cursor = upTo === null ? null : { ...upTo, partition: home, leg: NEWEST.leg }
  const sources = accountsOf(actor).map((name) => accountSource(reads, home, name, { cursor, toMs: null, asset: null }))
  return merged(sources)
}

/** Entries of an account, from the cursor or the end of the period on. */
async function* accountSource(
  reads: LedgerReads,
  partition: PartitionId,
  account: string,
  question: Pick<EntriesQuestion, 'cursor' | 'toMs' | 'asset'>,
): Source {
  let before: Before = startOf(partition, question)
  for (let limit = FIRST_CHUNK; ; limit = Math.min(limit * 2, LARGEST_CHUNK)) {
    const legs = await reads.legs({ partition, account, asset: question.asset, before, limit })
    for (const leg of legs) yield { place: placeOf(leg), legs: [leg] }
    const last = legs.at(-1)
    if (last === undefined || legs.length < limit) return
    before = last
  }
}

async function* recordSource(reads: LedgerReads, partition: PartitionId, question: EntriesQuestion): Source {
  const before = startOf(partition, question)
  let seq = before.seq
  for (let limit = FIRST_CHUNK; seq > 0; limit = Math.min(limit * 2, LARGEST_CHUNK)) {
    const records = await reads.recordsBefore(partition, seq, before.atMs, limit)
    for (const record of records) {
      const legs = legsOfRecord(partition, record).toReversed()
      const place = { atMs: record.atMs, partition, seq: record.seq, leg: 0 }
      yield { place, legs: legs.filter((leg) => isBefore(leg, before)) }
      // Nobody wants what is older: another chunk would be read for nothing.
      if (question.fromMs !== null && record.atMs < question.fromMs) return
    }
    const last = records.at(-1)
    if (last === undefined || records.length < limit) return
    seq = last.seq - 1
  }
}

/** Places are ordered by time, partition, seq and leg; a page has those before its cursor. */
function startOf(partition: PartitionId, { cursor, toMs }: Pick<EntriesQuestion, 'cursor' | 'toMs'>): Before {
  const end = toMs ?? NEWEST.atMs
  if (cursor === null) return { ...NEWEST, atMs: end }
  if (cursor.partition === partition) return { ...cursor, atMs: Math.min(end, cursor.atMs) }
  const atMs = partition < cursor.partition ? cursor.atMs : cursor.atMs - 1
  return { ...NEWEST, atMs: Math.min(end, atMs) }
}

/** The steps of all sources, newest first. */
async function* merged(sources: readonly Source[]): Source {
  const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.next() })))
  for (;;) {
    let newest: (typeof heads)[number] | null = null
    for (const head of heads) {
      if (head.next.done === true) continue
      if (newest === null || newest.next.done === true || isNewer(head.next.value.place, newest.next.value.place))
        newest = head
    }
    if (newest === null || newest.next.done === true) return
    yield newest.next.value
    newest.next = await newest.source.next()
  }
}

function isNewer(a: Place, b: Place): boolean {
  if (a.atMs !== b.atMs) return a.atMs > b.atMs
  if (a.partition !== b.partition) return a.partition > b.partition
  return a.seq !== b.seq ? a.seq > b.seq : a.leg > b.leg
}

function placeOf({ atMs, partition, seq, leg }: Leg): Place {
  return { atMs, partition, seq, leg }
}

export function suits(
  leg: Leg,
  question: Pick<EntriesQuestion, 'account' | 'asset' | 'operation' | 'side' | 'minMinor' | 'maxMinor'>,
): boolean {
  const { account, asset, operation, side, minMinor, maxMinor } = question
  return (
    (account === null || leg.account === account) &&
    (asset === null || leg.asset === asset) &&
    (operation === null || leg.operation === operation) &&
    (side === null || leg.side === side) &&
    (minMinor === null || leg.amountMinor >= minMinor) &&
    (maxMinor === null || leg.amountMinor <= maxMinor)
  )
}
