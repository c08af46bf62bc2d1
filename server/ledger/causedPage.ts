// What a record caused: the records that took its envelopes, what those caused in turn, and the entries of all of them.
// No store keeps a list of this. An envelope names its destination, and partitions take envelopes in order (M4), at the
// earliest at the time of their cause (A7): so its taker stands a little behind that moment in the destination's records.

import type { Envelope, LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { stepsOf, suits } from './entriesPage.ts'
import { accountsOf, basisOf } from './places.ts'
import { type LedgerReads, type Leg, legsOfRecord, NEWEST } from './ports.ts'
import { type CausedAnswer, type CausedPlace, type CausedQuestion, type RefusedAnswer, refused } from './questions.ts'

/** Envelopes followed from one to the next: a payout that is refused and comes back needs two. */
export const CAUSED_DEPTH = 3
/** Records, and envelopes that nobody has taken, that one page looks at. */
export const VISITED_LIMIT = 100
const COMMANDS_CHUNK = 32

/** One record on the way, or an envelope that no record has taken. */
interface Visit {
  readonly first: { readonly partition: PartitionId; readonly record: LogRecord }
  readonly path: readonly number[]
  readonly found: { readonly partition: PartitionId; readonly record: LogRecord } | null
}

export async function causedPage(reads: LedgerReads, question: CausedQuestion): Promise<CausedAnswer | RefusedAnswer> {
  const { cursor, limit } = question
  const basis = await basisOf(reads, null)
  const legs: (Leg & { depth: number })[] = []
  let undelivered = 0
  let visited = 0
  for await (const visit of visits(reads, question)) {
    if (visit === 'not_found') return refused('not_found')
    const isResumed = visited === 0 && cursor !== null && isAt(visit, cursor)
    const here = visit.found === null ? [] : legsOfRecord(visit.found.partition, visit.found.record)
    if (visit.found === null && !isResumed) undelivered++
    for (let shown = isResumed ? cursor.shown : 0; shown < here.length; shown++) {
      const leg = here[shown]
      if (leg === undefined || !isWanted(leg, question)) continue
      legs.push({ ...leg, depth: visit.path.length })
      if (legs.length === limit) return { kind: 'caused', ...basis, legs, undelivered, next: placeOf(visit, shown + 1) }
    }
    if (++visited === VISITED_LIMIT)
      return { kind: 'caused', ...basis, legs, undelivered, next: placeOf(visit, here.length) }
  }
  return { kind: 'caused', ...basis, legs, undelivered, next: null }
}

/** Each first record, and behind it whatever it caused; from the cursor on. */
async function* visits(
  reads: LedgerReads,
  { cause, cursor }: CausedQuestion,
): AsyncGenerator<Visit | 'not_found', void, undefined> {
  if (!('actor' in cause)) {
    const record = (await reads.record(cause.partition, cause.seq))?.record
    if (record === undefined) return yield 'not_found'
    return yield* walk(reads, { partition: cause.partition, record }, cursor?.path ?? [])
  }
  const partition = partitionOf(cause.actor, reads.partitions)
  let way = cursor?.path ?? []
  for await (const seq of recordsOf(reads, partition, cause.actor, cursor)) {
    const record = (await reads.record(partition, seq))?.record
    if (record === undefined) throw new Error(`record ${partition}:${seq} is not in the store`)
    yield* walk(reads, { partition, record }, way)
    way = []
  }
}

/** Seqs of the records of an actor, newest first: those of its accounts, or where it has none, of its commands. */
async function* recordsOf(
  reads: LedgerReads,
  partition: PartitionId,
  actor: string,
  cursor: CausedPlace | null,
): AsyncGenerator<number, void, undefined> {
  if (accountsOf(actor).length > 0) {
    let last = 0
    for await (const { place } of stepsOf(reads, actor, cursor === null ? null : { ...cursor, leg: NEWEST.leg })) {
      if (place.seq !== last) yield place.seq
      last = place.seq
    }
    return
  }
  for (let seq = cursor?.seq ?? NEWEST.seq; ; ) {
    const found = await reads.commandsOf(partition, actor, seq, COMMANDS_CHUNK)
    yield* found
    const last = found.at(-1)
    if (last === undefined || found.length < COMMANDS_CHUNK) return
    seq = last - 1
  }
}

/** `way`: where to begin below the record; what stands before it was visited by an earlier page. */
async function* walk(
  reads: LedgerReads,
  first: Visit['first'],
  way: readonly number[],
): AsyncGenerator<Visit, void, undefined> {
  yield* below(first, [], way)

  async function* below(
    at: Visit['first'],
    path: readonly number[],
    rest: readonly number[],
  ): AsyncGenerator<Visit, void, undefined> {
    const [next, ...further] = rest
    if (next === undefined) yield { first, path, found: at }
    if (path.length === CAUSED_DEPTH) return
    for (const [index, envelope] of at.record.outbox.entries()) {
      if (index < (next ?? 0)) continue
      const taker = await takerOf(reads, envelope)
      const to = [...path, index]
      if (taker === null) yield { first, path: to, found: null }
      else yield* below({ partition: envelope.destination, record: taker }, to, index === next ? further : [])
    }
  }
}

/** The record that took an envelope; null where none has. Rejects with PastNotReady. */
async function takerOf(reads: LedgerReads, envelope: Envelope): Promise<LogRecord | null> {
  const { source, destination, number, seq, atMs, to } = envelope
  if (number > (await reads.takenThrough(source, destination))) return null
  const before = await reads.closing(destination, atMs - 1)
  const text = `"a":"${to}","f":[${source},${number},${seq}]`
  const query = { partition: destination, afterSeq: before?.seq ?? 0, text, limit: 1 }
  const [taker] = await reads.recordsWith(query)
  // M4: it has been taken, so a record says so.
  if (taker === undefined) throw new Error(`M4: no record of ${destination} took envelope ${number} of ${source}`)
  return taker
}

function isWanted(leg: Leg, question: CausedQuestion): boolean {
  const { actor, fromMs, toMs } = question
  if (fromMs !== null && leg.atMs < fromMs) return false
  if (toMs !== null && leg.atMs > toMs) return false
  return suits(leg, question) && (actor === null || accountsOf(actor).includes(leg.account))
}

function isAt({ first, path }: Visit, cursor: CausedPlace): boolean {
  return first.record.seq === cursor.seq && path.join() === cursor.path.join()
}

function placeOf({ first: { partition, record }, path }: Visit, shown: number): CausedPlace {
  return { atMs: record.atMs, partition, seq: record.seq, path, shown }
}
