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

/** Of two: whoever may meet does so at that very moment, the nearest in rating first. Looks at everybody, always. */
export function idealDuels(coming: readonly Arrival[], pools: number): Pick<CrowdOutcome, 'waitsMs' | 'spreads'> {
  const [waitsMs, spreads]: [number[], number[]] = [[], []]
  for (let pool = 0; pool < pools; pool++) {
    const waiting: Waiting[] = []
    const meet = (nowMs: number): void => {
      for (let pair = nearest(waiting, nowMs); pair !== null; pair = nearest(waiting, nowMs)) {
        spreads.push(Math.abs(pair[0].rating - pair[1].rating))
        for (const one of pair) {
          waitsMs.push(nowMs - one.joinedMs)
          waiting.splice(waiting.indexOf(one), 1)
        }
      }
    }
    const widened = (untilMs: number): void => {
      for (;;) {
        const next = Math.min(...waiting.map((one) => nextOf(one)))
        if (next > untilMs) return
        for (const one of waiting) lookedMs.set(one, next)
        for (const one of waiting) if (one.joinedMs + RULES.ticketMs <= next) waiting.splice(waiting.indexOf(one), 1)
        meet(next)
      }
    }
    const lookedMs = new Map<Waiting, number>()
    const nextOf = (one: Waiting): number => {
      const fromMs = lookedMs.get(one) ?? one.joinedMs
      return widensAt(unit(one), fromMs) ?? one.joinedMs + RULES.ticketMs
    }
    for (const arrival of coming.filter((each) => each.pool === pool)) {
      widened(arrival.atMs)
      waiting.push({ rating: arrival.rating, joinedMs: arrival.atMs })
      meet(arrival.atMs)
    }
    widened(Number.MAX_SAFE_INTEGER)
  }
  return { waitsMs, spreads }
}

function nearest(waiting: readonly Waiting[], nowMs: number): readonly [Waiting, Waiting] | null {
  let best: readonly [Waiting, Waiting] | null = null
  let least = Number.POSITIVE_INFINITY
  for (const [index, one] of waiting.entries()) {
    for (const other of waiting.slice(index + 1)) {
      const apart = Math.abs(one.rating - other.rating)
      if (apart >= least || apart > windowOf(unit(one), nowMs) || apart > windowOf(unit(other), nowMs)) continue
      least = apart
      best = [one, other]
    }
  }
  return best
}

function unit({ rating, joinedMs }: Waiting): Parameters<typeof windowOf>[0] {
  return { id: '', tickets: [], rating, joinedMs, rankMs: joinedMs }
}
