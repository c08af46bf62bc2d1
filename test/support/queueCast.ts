// Players with wallets who wait in queues and play what is found for them, over a whole runtime: each by a name, in a
// partition that the test chose.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { MatchSpec } from '../../actors/match/spec.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { PlayerCommand } from '../../actors/player/commands.ts'
import type { PlayerView } from '../../actors/player/state.ts'
import type { TicketWishes } from '../../actors/queue/ticket.ts'
import type { QueueView } from '../../actors/queue/views.ts'
import type { ActorAddress, Answer } from '../../actors/runtime/answers.ts'
import { stakeKey } from '../../actors/wallet/stakes.ts'
import type { GameOutcome } from '../../shared/games/game.ts'
import { type UserId, walletOf } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import type { RuntimeWorld } from './runtimeWorld.ts'

export const NO_WISHES: TicketWishes = { role: '', maps: [], party: null, fillBots: false }

const LOOK_MS = 5_000

export class QueueCast {
  readonly world: RuntimeWorld
  private keys = 0

  constructor(world: RuntimeWorld) {
    this.world = world
  }

  /** A user whose player lives in this partition; the wallet is open where an amount is named. */
  async user(name: string, partition: number, amountMinor: bigint | null = null): Promise<UserId> {
    for (let index = 0; ; index++) {
      const user = `u_${name}_${String(index).padStart(4, '0')}` as UserId // of the form isUserId wants
      if (partitionOf(actorKey('player', user), this.world.partitions.length) !== partition) continue
      if (amountMinor !== null) await this.world.openWallet(walletAddress(user), amountMinor)
      return user
    }
  }

  player(user: UserId, command: PlayerCommand, key = `k${++this.keys}`): Promise<Answer> {
    return this.world.answer({ kind: 'player', id: user }, command, key)
  }

  enqueue(user: UserId, pool: string, wishes: Partial<TicketWishes> = {}): Promise<Answer> {
    return this.player(user, { kind: 'enqueue', pool, wishes: { ...NO_WISHES, ...wishes } })
  }

  leave(user: UserId): Promise<Answer> {
    return this.player(user, { kind: 'leave', ticket: null })
  }

  match(id: string, command: MatchCommand): Promise<Answer> {
    return this.world.answer({ kind: 'match', id }, command, `k${++this.keys}`)
  }

  /** Says yes to a seat: with the stake where there is one. */
  async agree(id: string, user: UserId): Promise<Answer> {
    const { spec } = await this.matchView(id)
    if (spec === null || spec.stakeMinor === 0n) return this.match(id, { kind: 'accept', user })
    const seat = spec.seats.findIndex((each) => each.user === user)
    const { asset, stakeMinor: amountMinor } = spec
    return this.world.answer(
      walletAddress(user),
      { kind: 'stake', match: id, seat, asset, amountMinor },
      stakeKey(id, seat),
    )
  }

  /** Everybody who is seated says yes and comes. */
  async play(id: string): Promise<void> {
    const { spec } = await this.matchView(id)
    const users = (spec?.seats ?? []).flatMap(({ user }) => (user === null ? [] : [user]))
    for (const user of users) await this.agree(id, user)
    for (const user of users) await this.match(id, { kind: 'arrive', user })
  }

  async finish(id: string, winner: number): Promise<Answer> {
    const seats = (await this.matchView(id)).spec?.seats ?? []
    const team = seats[winner]?.team
    const results = seats.map((each, seat) => {
      return {
        seat,
        position: each.team === team ? 1 : 1 + seats.filter((other) => other.team === team).length,
        score: 1,
      }
    })
    return this.match(id, finishing({ results, mvp: null }))
  }

  playerView(user: UserId): Promise<PlayerView> {
    return this.view<PlayerView>({ kind: 'player', id: user }, { kind: 'state' })
  }

  matchView(id: string): Promise<MatchView> {
    return this.view<MatchView>({ kind: 'match', id }, { kind: 'state' })
  }

  queueView(pool: string): Promise<QueueView> {
    return this.view<QueueView>({ kind: 'queue', id: pool }, { kind: 'pool' })
  }

  /** Every match that was asked for so far, in the order of the partitions' logs. */
  matches(): readonly string[] {
    const made = this.world.partitions.flatMap((partition) =>
      this.world.records(partition).flatMap(({ outbox }) => outbox.filter(({ name }) => name === 'create')),
    )
    return made.map(({ to }) => to.slice('match/'.length))
  }

  /** The one that this player is seated in, at once or within so many looks of the queue. */
  async matchOf(user: UserId, looks = 24): Promise<string> {
    for (let look = 0; look < looks; look++) {
      const { engagement } = await this.playerView(user)
      if (engagement?.kind === 'match') return engagement.match
      await this.world.time.advance(LOOK_MS)
    }
    throw new Error(`${user} is in no match`)
  }

  private async view<View>(to: ActorAddress, query: unknown): Promise<View> {
    const pending = this.world.read(to, query)
    await this.world.time.settle()
    const answer = pending.value
    if (answer.kind === 'refused') throw new Error(`${to.id} could not be read: ${answer.code}`)
    return answer.view as View // of the kind that is asked
  }
}

export function walletAddress(user: UserId): ActorAddress {
  return { kind: 'wallet', id: walletOf(user) }
}

function finishing(outcome: GameOutcome): MatchCommand {
  return { kind: 'finish', outcome, hash: 'aa'.repeat(32), recording: null, flags: [] }
}

/** Of two, without a stake, that nobody wants to hear of. */
export function duelSpec(first: UserId, second: UserId, more: Partial<MatchSpec> = {}): MatchSpec {
  return {
    ...{ game: 'duel', mode: 'bo3', map: null, region: 'eu-west', source: null, asset: 'USD', stakeMinor: 0n },
    ...{ tier: 'free', prizeRule: 'winner_takes_all', contributionMinor: 0n, ratingKey: 'duel.bo3' },
    ...{ fundingMs: 30_000, readyMs: 60_000, maxLiveMs: 600_000, disputeMs: 0, watchDelayMs: 0, external: false },
    ...more,
    seats: [first, second].map((user, team) => ({ user, team, rating: 1500 + team, deviation: 350 })),
  }
}
