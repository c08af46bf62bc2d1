// As many as a pool takes, of whom nobody, or hardly anybody, can be matched: what one step of a look at them takes, decided
// and folded as the queue's actor does. Each crowd is stubborn in a way of its own.

import type { QueueEvent } from '../../actors/queue/commands.ts'
import { queueKind } from '../../actors/queue/kind.ts'
import type { Ticket } from '../../actors/queue/ticket.ts'
import type { Accepted } from '../../actors/runtime/actor.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { DEFAULT_PRICES, fixedRates } from '../../shared/rates.ts'
import { RULES } from '../../shared/rules.ts'

export interface Looks {
  readonly crowd: string
  readonly meanMs: number
  readonly longestMs: number
}

/** Steps that are measured, after some for the compiler. */
const STEPS = 200
const FIRST_STEPS = 20
const JOINED_MS = 1_000
const ids = { recordId: '1-1' as RecordId, partition: 1, rates: fixedRates(DEFAULT_PRICES) }

const user = (number: number): UserId => `u_${number}` as UserId // of the form that ids have

function pairOf(number: number, complete: boolean): Ticket['party'] {
  const leader = complete ? number - (number % 2) : number
  return { id: user(leader), size: 2, members: leader === number ? [user(number + 1)] : [] }
}

interface Stubborn {
  readonly pool: string
  readonly atMs: number
  readonly of: (number: number) => Partial<Ticket>
}

const own = (number: number): Partial<Ticket> => ({ maps: [`map${number}`] })
const soonMs = JOINED_MS + 3 * RULES.matchWindowStepMs

const CROWDS: Readonly<Record<string, Stubborn>> = {
  'maps that nobody shares': { pool: 'duel.bo3.1v1.eu-west.USD.200', atMs: soonMs, of: own },
  'maps that nobody shares, bots': {
    ...{ pool: 'arena.5v5.5v5.eu-west.USD.0', atMs: soonMs },
    of: (number) => ({ ...own(number), fillBots: true }),
  },
  'pairs, of which five are no two teams': {
    ...{ pool: 'arena.5v5.5v5.eu-west.USD.200', atMs: soonMs },
    of: (number) => ({ party: pairOf(number, true) }),
  },
  'halves of parties': {
    ...{ pool: 'arena.5v5.5v5.eu-west.USD.200', atMs: JOINED_MS + RULES.partyMs },
    of: (number) => ({ party: pairOf(number, false) }),
  },
  'everybody’s time is over': { pool: 'duel.bo3.1v1.eu-west.USD.200', atMs: JOINED_MS + RULES.ticketMs, of: own },
}

export function stubbornLooks(count: number): readonly Looks[] {
  return Object.entries(CROWDS).map(([crowd, stubborn]) => ({ crowd, ...looksAt(stubborn, count) }))
}

function looksAt({ pool, atMs, of }: Stubborn, count: number): Omit<Looks, 'crowd'> {
  const queue = queueKind.initial(pool)
  for (let number = 0; number < count; number++) {
    const id = `1-${String(number).padStart(9, '0')}` as RecordId // in the order they came
    const ticket: Ticket = {
      ...{ id, user: user(number), rating: 1_000 + ((number * 7_919) % 1_000), deviation: 100, tier: 'free', role: '' },
      ...{ maps: [], party: null, fillBots: false, joinedMs: JOINED_MS, expiresMs: JOINED_MS + RULES.ticketMs },
      ...of(number),
    }
    queueKind.evolve(queue, { kind: 'joined', ticket }, JOINED_MS)
  }
  let [nowMs, matches] = [atMs, 0]
  const tookMs: number[] = []
  for (let step = 0; step < FIRST_STEPS + STEPS; step++) {
    const beganMs = performance.now()
    const context = { ...ids, nowMs, self: pool, newId: () => String(++matches) }
    // A queue refuses nobody: it accepts, and says what became of it.
    const decision = queueKind.decide(queue, { kind: 'tick' }, context) as Accepted<QueueEvent>
    for (const event of decision.events) queueKind.evolve(queue, event, nowMs)
    if (step >= FIRST_STEPS) tookMs.push(performance.now() - beganMs)
    for (const match of queue.proposals.keys()) queueKind.evolve(queue, { kind: 'made', match }, nowMs)
    nowMs = Math.max(nowMs, queue.tickMs ?? nowMs)
  }
  return { meanMs: tookMs.reduce((sum, ms) => sum + ms, 0) / tookMs.length, longestMs: Math.max(...tookMs) }
}
