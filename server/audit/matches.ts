// M10: what is staked in a match is what it pays. From its own records alone, entries held against events: every stake comes
// once from outside, one record ends the match and empties its escrow, each seat is paid at most once, and the platform
// takes the rake that RULES say and adds what the match was made with. What comes back waits in 2007 until it is sent again.

import { RULES } from '../../shared/rules.ts'
import { type MatchEnd, matchEvents, type Pool } from './matchEvents.ts'
import type { EntryLine, RecordLine } from './recordLine.ts'
import { broken } from './violation.ts'

const MATCH = 'match/'

/** What a record moves, by account and direction: `in` is a credit. */
type Legs = ReadonlyMap<string, bigint>

export class Matches {
  /** Of matches that have not ended. */
  private readonly open = new Map<string, Pool>()
  /** With the asset each was played for. */
  private readonly ended = new Map<string, string>()

  /** In the order of the log, once the record's entries are booked. */
  note(record: RecordLine): void {
    if (!record.actor.startsWith(MATCH)) return
    if (record.events.isEmpty) return checkStill(record)
    const id = record.actor.slice(MATCH.length)
    const { created, stakes, ends, again } = matchEvents(record)
    if (created !== null) this.begin(id, created)
    const pool = this.open.get(id)
    const moves = movesOf(record, id, pool?.asset ?? this.ended.get(id) ?? null)
    if (stakes.length + ends.length === 0) return checkUnclaimed(record, id, moves, again)
    if (pool === undefined) return broken('M10', `${record.actor} moves its pool, and is over or was never made`)
    if (stakes.length > 0) return takeStake(pool, stakes, moves, record)
    const [end] = ends
    if (end === undefined || ends.length > 1) return broken('M10', `${record.actor} ends ${ends.length} times at once`)
    checkEnd(pool, end, moves, record)
    this.open.delete(id)
    this.ended.set(id, pool.asset)
  }

  private begin(id: string, pool: Pool): void {
    if (this.open.has(id) || this.ended.has(id)) broken('M10', `match/${id} is made again`)
    this.open.set(id, pool)
  }
}

function checkStill(record: RecordLine): void {
  if (record.entries.length > 0) broken('M10', `${record.actor} moves money and says nothing of it`)
}

// What a match may post, by what it is for; anything else is none of its business.
function movesOf({ entries, actor }: RecordLine, id: string, asset: string | null): Legs {
  const legs = new Map<string, bigint>()
  for (const entry of entries) {
    if (entry.asset !== asset) broken('M10', `${actor} moves ${entry.asset}, it is played for ${asset ?? 'nothing'}`)
    const key = `${codeOf(entry, id)} ${entry.debit ? 'out' : 'in'}`
    legs.set(key, (legs.get(key) ?? 0n) + entry.amountMinor)
  }
  return legs
}

function codeOf({ account }: EntryLine, id: string): string {
  if (account === `2002:${id}`) return 'escrow'
  if (account === `2007:${id}`) return 'unclaimed'
  return account
}

function expectMoves(moves: Legs, expected: Readonly<Record<string, bigint>>, what: string): void {
  const wanted = Object.entries(expected).filter(([, minor]) => minor > 0n)
  for (const [leg, minor] of wanted) {
    const moved = moves.get(leg) ?? 0n
    if (moved !== minor) broken('M10', `${what} moves ${moved} by ${leg}, not ${minor}`)
  }
  if (moves.size === wanted.length) return
  const [extra] = [...moves.keys()].filter((leg) => !wanted.some(([name]) => name === leg))
  broken('M10', `${what} also moves money by ${extra}`)
}

function takeStake(pool: Pool, stakes: readonly number[], moves: Legs, record: RecordLine): void {
  const [seat, ...more] = stakes
  if (seat === undefined || more.length > 0) broken('M10', `${record.actor} takes ${stakes.length} stakes at once`)
  if (record.cause.kind !== 'envelope') broken('M10', `${record.actor} takes a stake that nobody has sent`)
  if (pool.users[seat] === null || pool.users[seat] === undefined) broken('M10', `seat ${seat} belongs to nobody`)
  if (pool.staked.has(seat)) broken('M10', `seat ${seat} stakes twice`)
  if (record.outbox.some(({ money }) => money !== null)) broken('M10', 'a stake is taken, and money sent')
  expectMoves(moves, { '2006 out': pool.stakeMinor, 'escrow in': pool.stakeMinor }, `the stake of seat ${seat}`)
  pool.staked.add(seat)
}

/** The one record that pays. */
function checkEnd(pool: Pool, end: MatchEnd, moves: Legs, record: RecordLine): void {
  const what = `the end of ${record.actor}`
  const stakesMinor = pool.stakeMinor * BigInt(pool.staked.size)
  const paidMinor = checkPayouts(pool, end, record)
  const refund = end.how === 'refund'
  const rakeMinor = refund ? 0n : rakeOf(pool.asset, stakesMinor)
  // Never more than the rake, or whoever holds every seat would take home more than they staked.
  const contributionMinor = pool.contributionMinor < rakeMinor ? pool.contributionMinor : rakeMinor
  if (end.rakeMinor !== rakeMinor) broken('M10', `${what} takes ${end.rakeMinor}, the rake is ${rakeMinor}`)
  if (end.contributionMinor !== contributionMinor)
    broken('M10', `${what} adds ${end.contributionMinor}, the contribution is ${contributionMinor}`)
  if (paidMinor + rakeMinor !== stakesMinor + contributionMinor)
    broken('M10', `${what} pays ${paidMinor} and takes ${rakeMinor} of ${stakesMinor} and ${contributionMinor}`)
  expectMoves(
    moves,
    {
      ...{ '5004 out': contributionMinor, 'escrow in': contributionMinor, 'escrow out': paidMinor + rakeMinor },
      ...{ '2006 in': paidMinor, '4001 in': rakeMinor },
    },
    what,
  )
}

/** Each seat at most once, to its own user's wallet, by an envelope of exactly that; a refund is what the seat staked. */
function checkPayouts(pool: Pool, { how, payouts }: MatchEnd, record: RecordLine): bigint {
  const sent = record.outbox.filter(({ money }) => money !== null)
  if (sent.length !== payouts.length) broken('M10', `pays ${payouts.length} seats by ${sent.length} envelopes`)
  const paid = new Set<number>()
  let sum = 0n
  for (const [index, { seat, minor }] of payouts.entries()) {
    if (paid.has(seat)) broken('M10', `seat ${seat} is paid twice`)
    paid.add(seat)
    sum += minor
    const user = pool.users[seat] ?? null
    const envelope = sent[index]
    if (user === null || envelope?.to !== `wallet/w_${user.slice(2)}`)
      broken('M10', `what seat ${seat} gets is sent to ${envelope?.to}`)
    if (envelope?.name !== (how === 'refund' ? 'refund' : 'prize') || envelope.money?.amountMinor !== minor)
      broken('M10', `seat ${seat} gets ${minor}, and is sent ${envelope?.money?.amountMinor} as ${envelope?.name}`)
    if (how === 'refund' && !(pool.staked.has(seat) && minor === pool.stakeMinor))
      broken('M10', `seat ${seat} gets ${minor} back, it staked ${pool.staked.has(seat) ? pool.stakeMinor : 0n}`)
  }
  return sum
}

// After, and beside, the one record that pays: money that came back, and goes out again.
function checkUnclaimed(record: RecordLine, id: string, moves: Legs, again: bigint | null): void {
  const sent = record.outbox.filter(({ money }) => money !== null)
  const what = `what comes back to match/${id}`
  if (again !== null) {
    if (sent.length !== 1 || sent[0]?.money?.amountMinor !== again) broken('M10', `${what} goes out as another sum`)
    return expectMoves(moves, { 'unclaimed out': again, '2006 in': again }, what)
  }
  if (sent.length > 0) broken('M10', `match/${id} sends money before its end, or after it`)
  if (moves.size === 0) return
  const minor = moves.get('unclaimed in') ?? 0n
  if (record.cause.kind !== 'envelope') broken('M10', `${what} came from nowhere`)
  expectMoves(moves, { '2006 out': minor, 'unclaimed in': minor }, what)
}

// As RULES say it, apart from the program's own sum.
function rakeOf(asset: string, stakesMinor: bigint): bigint {
  const least = RULES.rakeLeastMinor[asset]
  if (least === undefined) return 0n
  let rake = (stakesMinor * RULES.rakeBasisPoints) / 10_000n
  if (rake < least) rake = least
  const cap = (stakesMinor * RULES.rakeCapBasisPoints) / 10_000n
  return rake > cap ? cap : rake
}
