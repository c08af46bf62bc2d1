// A crowd that comes to some pools in made-up time: by the queue itself, decided and folded as its actor does, and by a
// matcher that sees every moment. Both have the same arrivals; what differs is how long people wait, and whom they meet.

import type { QueueEvent } from '../../actors/queue/commands.ts'
import { queueKind } from '../../actors/queue/kind.ts'
import type { Queue } from '../../actors/queue/state.ts'
import type { JoiningTicket, Ticket } from '../../actors/queue/ticket.ts'
import { widensAt, windowOf } from '../../actors/queue/units.ts'
import type { Accepted } from '../../actors/runtime/actor.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { DEFAULT_PRICES, fixedRates } from '../../shared/rates.ts'
import { RULES } from '../../shared/rules.ts'

export interface Arrival {
  readonly atMs: number
  readonly pool: number
  readonly rating: number
}

export interface CrowdOutcome {
  readonly waitsMs: readonly number[]
  /** Of each match: highest rating less lowest. */
  readonly spreads: readonly number[]
  /** Of those who joined and never met anybody. */
  readonly unmatched: number
  /** Spent in deciding and folding. */
  readonly processorMs: number
  /** Of one command. */
  readonly longestMs: number
}

/** Ratings as a bell around 1500; Poisson arrivals, in all pools together so many a second. */
export function arrivals(count: number, perSecond: number, pools: number, seed: number): readonly Arrival[] {
  let [state, atMs] = [seed, 0]
  const draw = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 1) / 2 ** 32
  }
  return Array.from({ length: count }, () => {
    atMs += (-Math.log(draw()) * 1_000) / perSecond
    const bell = Math.sqrt(-2 * Math.log(draw())) * Math.cos(2 * Math.PI * draw())
    return { atMs: Math.floor(atMs), pool: Math.floor(draw() * pools), rating: Math.round(1_500 + 350 * bell) }
  })
}

const ids = { recordId: '1-1' as RecordId, partition: 1, rates: fixedRates(DEFAULT_PRICES) }

/** Every match is made as soon as it is proposed. */
export class Crowd {
  private readonly queues: readonly Queue[]
  private readonly waitsMs: number[] = []
  private readonly spreads: number[] = []
  private processorMs = 0
  private longestMs = 0
  private matches = 0

  constructor(pools: readonly string[]) {
    this.queues = pools.map((pool) => queueKind.initial(pool))
  }

  live(coming: readonly Arrival[]): CrowdOutcome {
    for (const [index, arrival] of coming.entries()) {
      this.tickUntil(arrival.atMs)
      const queue = this.queues[arrival.pool]
      if (queue !== undefined) this.act(queue, { kind: 'join', ticket: ticketOf(index, arrival) }, arrival.atMs)
    }
    this.tickUntil(Number.POSITIVE_INFINITY)
    const { waitsMs, spreads, processorMs, longestMs } = this
    return { waitsMs, spreads, processorMs, longestMs, unmatched: coming.length - waitsMs.length }
  }

  private tickUntil(untilMs: number): void {
    for (;;) {
      const due = this.queues.filter(({ tickMs }) => tickMs !== null && tickMs <= untilMs)
      if (due.length === 0) return
      for (const queue of due) this.act(queue, { kind: 'tick' }, queue.tickMs ?? 0)
    }
  }

  private act(queue: Queue, command: Parameters<typeof queueKind.decide>[1], nowMs: number): void {
    const beganMs = performance.now()
    const context = { ...ids, nowMs, self: queue.id, newId: () => String(++this.matches) }
    // A queue refuses nobody: it accepts, and says what became of it.
    const decision = queueKind.decide(queue, command, context) as Accepted<QueueEvent>
    for (const event of decision.events) queueKind.evolve(queue, event, nowMs)
    const tookMs = performance.now() - beganMs
    this.processorMs += tookMs
    this.longestMs = Math.max(this.longestMs, tookMs)
    for (const [match, { tickets }] of queue.proposals) {
      this.note(tickets, nowMs)
      queueKind.evolve(queue, { kind: 'made', match }, nowMs)
    }
  }

  private note(tickets: readonly Ticket[], nowMs: number): void {
    const ratings = tickets.map(({ rating }) => rating)
    this.spreads.push(Math.max(...ratings) - Math.min(...ratings))
    for (const { joinedMs } of tickets) this.waitsMs.push(nowMs - joinedMs)
  }
}

function ticketOf(index: number, { rating }: Arrival): JoiningTicket {
  return {
    ...{ id: `1-${index}` as RecordId, user: `u_${index}` as UserId, rating, deviation: 100, tier: 'free', role: '' },
    ...{ maps: [], party: null, fillBots: false },
  }
}

interface Waiting {
  readonly rating: number
  readonly joinedMs: number
}

interface Waiting {
  readonly rating: number
  readonly joinedMs: number
  readonly number: number
}

/** Whoever may meet does so at that very moment, those nearest in rating first, of all who wait. */
export function ideal(coming: readonly Arrival[], seats: number): Pick<CrowdOutcome, 'waitsMs' | 'spreads'> {
  const [waitsMs, spreads]: [number[], number[]] = [[], []]
  for (const pool of new Set(coming.map((arrival) => arrival.pool))) {
    let waiting: readonly Waiting[] = []
    const meet = (nowMs: number): void => {
      for (let group = nearest(waiting, seats, nowMs); group.length > 0; group = nearest(waiting, seats, nowMs)) {
        spreads.push((group.at(-1)?.rating ?? 0) - (group[0]?.rating ?? 0))
        for (const { joinedMs } of group) waitsMs.push(nowMs - joinedMs)
        waiting = waiting.filter((one) => !group.includes(one))
      }
    }
    let lookedMs = 0
    const lookUntil = (untilMs: number): void => {
      for (let nextMs = changesAt(waiting, lookedMs); nextMs <= untilMs; nextMs = changesAt(waiting, lookedMs)) {
        lookedMs = nextMs
        waiting = waiting.filter(({ joinedMs }) => joinedMs + RULES.ticketMs > nextMs)
        meet(nextMs)
      }
      lookedMs = untilMs
    }
    for (const [number, { rating, atMs }] of coming.filter((each) => each.pool === pool).entries()) {
      lookUntil(atMs)
      waiting = [...waiting, { rating, joinedMs: atMs, number }].sort(
        (a, b) => a.rating - b.rating || a.number - b.number,
      )
      meet(atMs)
    }
    lookUntil(Number.MAX_SAFE_INTEGER)
  }
  return { waitsMs, spreads }
}

/** When the next of them may be matched with more than before, or gives up. */
function changesAt(waiting: readonly Waiting[], afterMs: number): number {
  return Math.min(...waiting.map((one) => widensAt(unit(one), afterMs) ?? one.joinedMs + RULES.ticketMs))
}

/** So many who are within everybody's window and as near as can be, in order of rating; empty where there are none. */
function nearest(waiting: readonly Waiting[], seats: number, nowMs: number): readonly Waiting[] {
  const windows = new Map(waiting.map((one) => [one, windowOf(unit(one), nowMs)]))
  let best: readonly Waiting[] = []
  let least = Number.POSITIVE_INFINITY
  // Those of one match are no further apart than the narrowest of their windows.
  for (const window of new Set(windows.values())) {
    const wide = waiting.filter((one) => (windows.get(one) ?? 0) >= window)
    for (let first = 0; first + seats <= wide.length; first++) {
      const spread = (wide[first + seats - 1]?.rating ?? 0) - (wide[first]?.rating ?? 0)
      if (spread > window || spread >= least) continue
      least = spread
      best = wide.slice(first, first + seats)
    }
  }
  return best
}

function unit({ rating, joinedMs }: Waiting): Parameters<typeof windowOf>[0] {
  return { id: '', tickets: [], rating, joinedMs, rankMs: joinedMs, maps: null }
}
