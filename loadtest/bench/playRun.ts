// Queues and matches without sockets, in a process of its own: the real runtime over the real journal. Either as many
// tickets as are ordered into six pools, until the matches found for them are durable; or as many staked matches as are
// ordered, which end at the same moment, until what they pay is durable in the winners' wallets.

import type { MatchSpec } from '../../actors/match/spec.ts'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { Runtime } from '../../actors/runtime/runtime.ts'
import { stakeKey } from '../../actors/wallet/stakes.ts'
import { type UserId, walletOf } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { startBare } from './bareRuntime.ts'

export interface PlayOrder {
  readonly journalFile: string
  readonly what: 'queue' | 'settle'
  /** Tickets, or matches. */
  readonly count: number
  readonly inFlight: number
}

export interface PlayOutcome {
  /** Until everything that was waited for is durable. */
  readonly seconds: number
  /** Until the half of it is. */
  readonly halfSeconds: number
  /** From the ask to the durable proposal of its match, of each ticket. */
  readonly waitsMs: readonly number[]
  readonly records: number
  readonly cpuMs: number
}

const SEATS = 10
const STAKE_MINOR = 500n
const START_MINOR = 1_000n
const HOUR_MS = 60 * 60_000

/** Events of durable records, by their tag. */
type Heard = (event: readonly unknown[]) => void

class Play {
  waitsMs: readonly number[] = []
  records = 0
  /** When what is measured began. */
  began = { atMs: 0, cpu: process.cpuUsage(), records: 0 }
  heard: Heard = () => {}
  private readonly inFlight: number

  constructor(inFlight: number) {
    this.inFlight = inFlight
  }

  committed(record: LogRecord): void {
    for (const event of record.events) if (Array.isArray(event)) this.heard(event)
  }

  begin(): void {
    this.began = { atMs: performance.now(), cpu: process.cpuUsage(), records: this.records }
  }

  /** Everything, with so much of it under way at a time. */
  async each(count: number, one: (index: number) => Promise<void>): Promise<void> {
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < count) await one(next++)
    }
    await Promise.all(Array.from({ length: this.inFlight }, lane))
  }
}

async function ask(runtime: Runtime, to: ActorAddress, command: unknown, key: string): Promise<string> {
  const answer = await runtime.ask(to, command, { key, requestId: '' })
  if (answer.kind !== 'done') throw new Error(`${to.kind} refused: ${answer.code}`)
  return answer.recordId ?? ''
}

/** Resolves when `tag` has been heard so often; answers when, and when half of it was. */
function until(play: Play, count: number, counts: (event: readonly unknown[]) => number): Promise<[number, number]> {
  let [seen, halfMs] = [0, 0]
  return new Promise((resolve) => {
    play.heard = (event) => {
      seen += counts(event)
      if (halfMs === 0 && 2 * seen >= count) halfMs = performance.now()
      if (seen >= count) resolve([performance.now(), halfMs])
    }
  })
}

const userAt = (index: number): UserId => `u_play${String(index).padStart(6, '0')}` as UserId // of the form isUserId wants

async function queued(play: Play, runtime: Runtime, count: number): Promise<[number, number]> {
  const [askedMs, proposedMs] = [new Map<string, number>(), new Map<string, number>()]
  const wishes = { role: '', maps: [], party: null, fillBots: false }
  // One in a pool of an odd number waits for somebody who does not come.
  const all = until(play, count - pairless(count), ([tag, , tickets]) => {
    if (tag !== 'proposed') return 0
    const ids = tickets as readonly string[] // of this event
    for (const id of ids) proposedMs.set(id, performance.now())
    return ids.length
  })
  play.begin()
  await play.each(count, async (index) => {
    const pool = `duel.bo3.1v1.${RULES.regions[index % RULES.regions.length]}.USD.0`
    const atMs = performance.now()
    askedMs.set(await ask(runtime, { kind: 'player', id: userAt(index) }, { kind: 'enqueue', pool, wishes }, ''), atMs)
  })
  const times = await all
  play.waitsMs = [...proposedMs].map(([id, atMs]) => atMs - (askedMs.get(id) ?? atMs))
  return times
}

function pairless(count: number): number {
  const pools = RULES.regions.length
  return Array.from({ length: pools }, (_, pool) => Math.ceil((count - pool) / pools) % 2).reduce(
    (sum, odd) => sum + odd,
    0,
  )
}

async function settled(play: Play, runtime: Runtime, count: number): Promise<[number, number]> {
  const wallet = (index: number): ActorAddress => ({ kind: 'wallet', id: walletOf(userAt(index)) })
  const match = (index: number): ActorAddress => ({ kind: 'match', id: `m_play${index}` })
  await play.each(count * SEATS, async (index) => {
    await ask(runtime, wallet(index), { kind: 'open', userId: userAt(index) }, '')
    const money = { asset: 'USD', amountMinor: START_MINOR, provider: 'sandbox', reference: 'first' } as const
    await ask(runtime, wallet(index), { kind: 'deposit', ...money }, 'first')
  })
  const staked = until(play, 2 * count * SEATS, ([tag]) => (tag === 'staked' ? 1 : 0))
  await play.each(count, async (index) => {
    await ask(runtime, match(index), { kind: 'create', spec: specOf(index) }, '')
    for (let seat = 0; seat < SEATS; seat++) {
      const stake = { kind: 'stake', match: match(index).id, seat, asset: 'USD', amountMinor: STAKE_MINOR } as const
      await ask(runtime, wallet(index * SEATS + seat), stake, stakeKey(match(index).id, seat))
    }
  })
  // Once from the wallet and once from the match.
  await staked
  await play.each(count * SEATS, async (index) => {
    await ask(runtime, match(Math.floor(index / SEATS)), { kind: 'arrive', user: userAt(index) }, '')
  })
  const paid = until(play, (count * SEATS) / 2, ([tag]) => (tag === 'prize' ? 1 : 0))
  const results = Array.from({ length: SEATS }, (_, seat) => ({
    seat,
    position: 1 + (seat % 2) * (SEATS / 2),
    score: seat,
  }))
  const outcome = { results, mvp: null }
  const over = { kind: 'finish', outcome, hash: 'aa'.repeat(32), recording: 'bb'.repeat(32), flags: [] } as const
  play.begin()
  await Promise.all(Array.from({ length: count }, (_, index) => ask(runtime, match(index), over, 'finish')))
  return paid
}

function specOf(match: number): MatchSpec {
  return {
    ...{ game: 'arena', mode: '5v5', map: null, region: 'eu-west', source: null, asset: 'USD', tier: 'elite' },
    ...{ stakeMinor: STAKE_MINOR, prizeRule: 'winner_takes_all', contributionMinor: 50n, ratingKey: 'arena.5v5' },
    ...{
      fundingMs: HOUR_MS,
      readyMs: HOUR_MS,
      maxLiveMs: HOUR_MS,
      disputeMs: 0,
      watchDelayMs: 30_000,
      external: false,
    },
    seats: Array.from({ length: SEATS }, (_, seat) => {
      return { user: userAt(match * SEATS + seat), team: seat % 2, rating: 1500, deviation: 350 }
    }),
  }
}

async function run({ journalFile, what, count, inFlight }: PlayOrder): Promise<PlayOutcome> {
  const play = new Play(inFlight)
  const bare = await startBare({
    journalFile,
    committed: (records) => {
      play.records += records
    },
    feed: { wants: () => true, committed: (_, record) => play.committed(record), delivered() {} },
  })
  const [overMs, halfMs] = await (what === 'queue' ? queued : settled)(play, bare.runtime, count)
  const { began, waitsMs } = play
  const { user, system } = process.cpuUsage(began.cpu)
  const outcome: PlayOutcome = {
    seconds: (overMs - began.atMs) / 1000,
    halfSeconds: (halfMs - began.atMs) / 1000,
    waitsMs,
    records: play.records - began.records,
    cpuMs: (user + system) / 1000,
  }
  await bare.stop()
  return outcome
}

process.once('message', (order: PlayOrder) => {
  run(order).then(
    (outcome) => process.send?.(outcome, () => process.exit(0)),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
