// Makes the golden journal `match-1`, once: `node test/golden/generateMatch.ts`. What matches write, from the version on
// that has them, and what wallets and players make of it. That program had shorter dispute windows; a later one makes other
// things of this.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { MatchSpec } from '../../actors/match/spec.ts'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { stakeKey } from '../../actors/wallet/stakes.ts'
import type { GameOutcome } from '../../shared/games/game.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import { type AnyCommand, RuntimeWorld } from '../support/runtimeWorld.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'match-1'
const PARTITIONS = 2
const HOUR_MS = 3_600_000
const STAFF = 'u_staff' as UserId // of the form that ids have
const OTHER = 'u_other' as UserId // likewise

class Stage {
  readonly world: RuntimeWorld
  readonly wallets: readonly ActorAddress[]
  private keys = 0

  constructor(world: RuntimeWorld) {
    this.world = world
    this.wallets = ['anna', 'bert', 'cleo'].map((name, index) => world.address('wallet', index % PARTITIONS, name))
  }

  user(seat: number): UserId {
    return `u_${this.wallets[seat]?.id.slice(2)}` as UserId // of a wallet of ours
  }

  async run(to: ActorAddress, command: AnyCommand, key = `k${++this.keys}`): Promise<RecordId> {
    const answer = await this.world.answer(to, command, key)
    if (answer.kind === 'refused' || answer.recordId === null)
      throw new Error(`${command.kind} was refused: ${JSON.stringify(answer)}`)
    return answer.recordId
  }

  match(id: string, command: MatchCommand): Promise<RecordId> {
    return this.run({ kind: 'match', id }, command)
  }

  async create(id: string, options: Partial<MatchSpec> = {}, seats = 2): Promise<void> {
    const spec: MatchSpec = {
      ...{ game: 'pong', mode: 'duel', map: null, region: 'eu-west', source: null, asset: 'USD', stakeMinor: 2_000n },
      ...{ tier: 'pro', prizeRule: 'top_three_split_60_30_10', contributionMinor: 50n, ratingKey: 'pong.duel' },
      ...{ fundingMs: HOUR_MS, readyMs: HOUR_MS, maxLiveMs: HOUR_MS, disputeMs: HOUR_MS, watchDelayMs: 0 },
      ...{ external: false, ...options },
      seats: Array.from({ length: seats }, (_, seat) => ({
        ...{ user: this.user(seat), team: seat, rating: 1500 + seat, deviation: 350 },
      })),
    }
    await this.match(id, { kind: 'create', spec })
  }

  async stake(id: string, seat: number, amountMinor = 2_000n): Promise<void> {
    const wallet = this.wallets[seat]
    if (wallet === undefined) throw new Error(`no seat ${seat}`)
    await this.run(wallet, { kind: 'stake', match: id, seat, asset: 'USD', amountMinor }, stakeKey(id, seat))
  }

  async live(id: string, options: Partial<MatchSpec> = {}, seats = 2): Promise<void> {
    await this.create(id, options, seats)
    for (let seat = 0; seat < seats; seat++) await this.stake(id, seat)
    for (let seat = 0; seat < seats; seat++) await this.match(id, { kind: 'arrive', user: this.user(seat) })
  }

  finish(positions: readonly number[], flagged = false): MatchCommand {
    const flags = flagged ? [{ seat: 0, rule: 'too_fast', tick: 7 }] : []
    return { kind: 'finish', outcome: outcomeOf(positions), hash: 'aa'.repeat(32), recording: 'bb'.repeat(32), flags }
  }
}

/** Two starts; matches that were settled, refunded, forfeited, disputed, reported and cancelled, and some that go on. */
export async function liveMatches(): Promise<RuntimeWorld> {
  const stage = new Stage(await RuntimeWorld.serving({ partitions: PARTITIONS }))
  for (const wallet of stage.wallets) {
    await stage.world.openWallet(wallet, 100_000n)
    await stage.run(wallet, { kind: 'verify', level: 1, by: STAFF })
  }
  await played(stage)
  await disputed(stage)
  await reported(stage)
  await stage.world.restart()
  await stage.world.time.advance(1_000)
  await unclaimed(stage)
  return stage.world
}

async function played(stage: Stage): Promise<void> {
  await stage.live('m_won', { prizeRule: 'performance_mvp_70_20_10', disputeMs: 0 }, 3)
  await stage.match('m_won', { kind: 'resume', epoch: 2, tick: 120 })
  await stage.match('m_won', stage.finish([2, 1, 3]))
  await stage.create('m_free', { stakeMinor: 0n, tier: 'free', asset: 'CREDIT', contributionMinor: 0n })
  for (const seat of [0, 1]) await stage.match('m_free', { kind: 'accept', user: stage.user(seat) })
  await stage.create('m_late')
  await stage.stake('m_late', 0)
  await stage.live('m_flagged')
  await stage.match('m_flagged', stage.finish([1, 2], true))
  await stage.live('m_left', {}, 3)
  await stage.match('m_left', { kind: 'leave', user: stage.user(2) })
  await stage.world.time.advance(HOUR_MS)
  await stage.match('m_flagged', { kind: 'score', step: 'verify', by: STAFF, note: 'fair "play"' })
  await stage.create('m_down')
  stage.world.runtime.stop()
  await stage.world.time.advance(2 * HOUR_MS)
  await stage.world.restart()
  await stage.world.time.advance(1_000)
}

async function disputed(stage: Stage): Promise<void> {
  const raise = (id: string, seat: number): Promise<RecordId> =>
    stage.match(id, { kind: 'dispute', user: stage.user(seat), type: 'cheating', evidence: ['ev_1'], ticks: [1, 9] })
  for (const id of ['m_split', 'm_kept', 'm_other']) {
    await stage.live(id, { stakeMinor: 2_000n })
    await stage.match(id, stage.finish([1, 2]))
  }
  const kept = await raise('m_kept', 0)
  await stage.match('m_kept', { kind: 'evidence', id: kept, user: stage.user(1), evidence: ['ev_2', 'ev_3'] })
  await stage.match('m_kept', { kind: 'vote', id: kept, user: stage.user(1), verdict: 'reject' })
  await stage.match('m_kept', { kind: 'withdraw', id: kept, user: stage.user(0) })
  await raise('m_split', 1)
  const payouts = [{ seat: 1, amountMinor: 3_950n }]
  await stage.match('m_split', { kind: 'rule', ruling: { kind: 'custom', payouts }, ...by('operator') })
  await raise('m_other', 1)
  await stage.match('m_other', { kind: 'conciliate', outcome: outcomeOf([2, 1]), by: STAFF, note: 'seen again' })
  await stage.match('m_other', { kind: 'score', step: 'finalize', by: OTHER, note: 'agreed' })
}

async function reported(stage: Stage): Promise<void> {
  const told = (id: string, seat: number, positions: readonly number[]): Promise<RecordId> => {
    const who = { kind: 'player', id: stage.user(seat) } as const
    return stage.match(id, { kind: 'report', by: who, outcome: outcomeOf(positions) })
  }
  const large = { stakeMinor: 6_000n, external: true }
  await stage.create('m_large', large)
  for (const seat of [0, 1]) await stage.stake('m_large', seat, 6_000n)
  for (const seat of [0, 1]) await stage.match('m_large', { kind: 'arrive', user: stage.user(seat) })
  await told('m_large', 0, [1, 2])
  await told('m_large', 1, [2, 1])
  await stage.match('m_large', { kind: 'score', step: 'cancel', by: STAFF, note: 'contradicted' })
  const server = { kind: 'server', id: 'cs2-eu' } as const
  await stage.match('m_large', { kind: 'report', by: server, outcome: outcomeOf([2, 1]) })
  const first = await stage.match('m_large', { kind: 'rule', ruling: { kind: 'approve' }, ...by('admin') })
  await stage.match('m_large', { kind: 'ruling', id: first, verdict: 'reject', by: OTHER, role: 'admin', note: 'no' })
  await stage.match('m_large', {
    kind: 'rule',
    ruling: { kind: 'outcome', outcome: outcomeOf([1, 2]) },
    ...by('admin'),
  })
  await stage.live('m_aborted')
  await stage.match('m_aborted', { kind: 'abort', reason: 'overrun' })
}

/** A wallet that is closed before its stake comes back. */
async function unclaimed(stage: Stage): Promise<void> {
  const poor = stage.world.address('wallet', 1, 'poor')
  await stage.world.openWallet(poor, 500n)
  const spec: MatchSpec = {
    ...{ game: 'pong', mode: 'duel', map: null, region: 'eu-west', source: null, asset: 'USD', stakeMinor: 500n },
    ...{ tier: 'free', prizeRule: 'winner_takes_all', contributionMinor: 0n, ratingKey: null, external: false },
    ...{ fundingMs: HOUR_MS, readyMs: HOUR_MS, maxLiveMs: HOUR_MS, disputeMs: HOUR_MS, watchDelayMs: 0 },
    seats: [`u_${poor.id.slice(2)}` as UserId, stage.user(0)].map((user, team) => ({
      ...{ user, team, rating: 1500, deviation: 350 },
    })),
  }
  await stage.match('m_closed', { kind: 'create', spec })
  const stake = { kind: 'stake', match: 'm_closed', seat: 0, asset: 'USD', amountMinor: 500n } as const
  await stage.run(poor, stake, stakeKey('m_closed', 0))
  await stage.run(poor, { kind: 'close' })
  await stage.match('m_closed', { kind: 'decline', user: stage.user(0) })
  const back = stage.world.partitions
    .flatMap((partition) => stage.world.records(partition).map((record) => ({ partition, record })))
    .find(({ record }) => record.events.some((event) => Array.isArray(event) && event[0] === 'unclaimed'))
  const id = `${back?.partition}-${back?.record.seq}` as RecordId // of the form recordId() gives
  const to = stage.wallets[1]?.id as WalletId // a wallet's address
  await stage.match('m_closed', { kind: 'pay', id, to, by: STAFF, reason: 'of the same owner' })
}

function by(role: 'operator' | 'admin') {
  return { by: STAFF, role, reason: 'golden "reason"' } as const
}

function outcomeOf(positions: readonly number[]): GameOutcome {
  return { results: positions.map((position, seat) => ({ seat, position, score: 10 - position })), mvp: 0 }
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await liveMatches())
