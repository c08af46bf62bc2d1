// A match on the bench: decisions taken, checked by the ledger's own rules (M1, M2, M3, M5), written, read again and
// folded, without a runtime.

import { expect } from 'chai'
import type { MatchCommand, Wait } from '../../actors/match/commands.ts'
import type { MatchEvent } from '../../actors/match/events.ts'
import { matchKind } from '../../actors/match/kind.ts'
import type { MatchSpec } from '../../actors/match/spec.ts'
import type { Match } from '../../actors/match/state.ts'
import { matchView } from '../../actors/match/view.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { Accepted, Decision } from '../../actors/runtime/actor.ts'
import { Balances, postOwned, postSystem, stage } from '../../actors/runtime/books.ts'
import type { GameOutcome } from '../../shared/games/game.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { walletOf } from '../../shared/ids.ts'
import { DEFAULT_PRICES, fixedRates } from '../../shared/rates.ts'
import { START_MS } from './walletBench.ts'

const user = (name: string): UserId => `u_${name}` as UserId // written by the tests

export const PLAYERS: readonly UserId[] = ['anna', 'bert', 'cleo', 'dora'].map(user)
export const STAFF: readonly [UserId, UserId] = [user('staff1'), user('staff2')]

export interface SpecOptions extends Partial<Omit<MatchSpec, 'seats'>> {
  /** Of each seat; a negative one is a bot's. */
  readonly teams?: readonly number[]
}

export function specOf({ teams = [0, 1], ...more }: SpecOptions = {}): MatchSpec {
  return {
    ...{ game: 'pong', mode: 'duel', map: null, region: 'eu-west', source: 'queue/q1', asset: 'USD' },
    ...{ stakeMinor: 1_000n, tier: 'free', prizeRule: 'winner_takes_all', contributionMinor: 0n },
    ...{ fundingMs: 30_000, readyMs: 60_000, maxLiveMs: 600_000, disputeMs: 3_600_000, watchDelayMs: 0 },
    ...{ ratingKey: 'pong.duel', external: false },
    ...more,
    seats: teams.map((team, seat) => ({
      ...{ user: team < 0 ? null : userAt(seat), team: Math.abs(team) },
      ...{ rating: 1500 + seat, deviation: 100 },
    })),
  }
}

export function userAt(seat: number): UserId {
  return PLAYERS[seat] ?? user(`extra${seat}`)
}

/** Seats by place: `[0, 1]` says that seat 0 won. */
export function outcomeOf(positions: readonly number[], mvp: number | null = null): GameOutcome {
  return { results: positions.map((position, seat) => ({ seat, position, score: 0 })), mvp }
}

export class MatchBench {
  match: Match = matchKind.initial('m_1')
  readonly own = new Balances()
  readonly system = new Balances()
  readonly envelopes: { readonly to: string; readonly name: string; readonly minor: bigint; readonly body: unknown }[] =
    []
  readonly timers = new Map<string, number>()
  nowMs = START_MS
  private seq = 0

  get view(): MatchView {
    return matchView(this.match)
  }

  get status(): string {
    return this.match.status
  }

  get escrow(): bigint {
    return this.own.get('2002:m_1', this.match.spec?.asset ?? 'USD')
  }

  /** Of the record that the next command makes. */
  get nextRecordId(): RecordId {
    return `3-${this.seq + 1}` as RecordId // of the form recordId() gives
  }

  run(command: MatchCommand): Decision<MatchEvent> {
    const ctx = {
      ...{ nowMs: this.nowMs, recordId: this.nextRecordId, partition: 3, self: 'm_1', newId: () => 'seed' },
      rates: fixedRates(DEFAULT_PRICES),
    }
    const before = JSON.stringify(matchKind.encodeState(this.match))
    const decision = matchKind.decide(this.match, command, ctx)
    expect(JSON.stringify(matchKind.encodeState(this.match)), 'deciding changes nothing (A2)').to.equal(before)
    if (decision.kind === 'accepted') this.fold(decision)
    return decision
  }

  must(command: MatchCommand): Accepted<MatchEvent> {
    const decision = this.run(command)
    if (decision.kind === 'rejected') throw new Error(`${command.kind} was refused: ${decision.code}`)
    return decision
  }

  /** Code of the refusal, or the tags of what happened. */
  told(command: MatchCommand): string {
    const decision = this.run(command)
    return decision.kind === 'rejected' ? decision.code : decision.events.map(({ kind }) => kind).join(' ')
  }

  create(options: SpecOptions = {}): this {
    this.must({ kind: 'create', spec: specOf(options) })
    return this
  }

  stake(seat: number): MatchCommand {
    const { asset = 'USD', stakeMinor = 0n } = this.match.spec ?? {}
    const from = `wallet/${walletOf(userAt(seat))}`
    return { kind: 'stake', seat, asset, amountMinor: stakeMinor, from, record: `9-${seat + 1}` as RecordId }
  }

  /** Every seat is in. */
  fund(): this {
    for (const [seat, { user: who }] of (this.match.spec?.seats ?? []).entries()) {
      if (who === null) continue
      this.must((this.match.spec?.stakeMinor ?? 0n) > 0n ? this.stake(seat) : { kind: 'accept', user: who })
    }
    return this
  }

  arrive(...seats: readonly number[]): this {
    for (const seat of seats) this.must({ kind: 'arrive', user: userAt(seat) })
    return this
  }

  live(options: SpecOptions = {}): this {
    this.create(options).fund()
    return this.arrive(
      ...(this.match.spec?.seats ?? []).flatMap((seat, number) => (seat.user === null ? [] : [number])),
    )
  }

  finish(positions: readonly number[], flagged: readonly number[] = [], mvp: number | null = null): MatchCommand {
    const flags = flagged.map((seat) => ({ seat, rule: 'too_fast', tick: 7 }))
    return { kind: 'finish', outcome: outcomeOf(positions, mvp), hash: 'aa', recording: 'bb', flags }
  }

  finished(options: SpecOptions = {}): this {
    this.live(options)
    this.must(this.finish((options.teams ?? [0, 1]).map((team) => Math.abs(team) + 1)))
    return this
  }

  /** The timer comes, so many ms late. */
  due(wait: Wait, lateMs = 0): string {
    const dueMs = this.timers.get(wait)
    if (dueMs === undefined) throw new Error(`nothing waits for ${wait}`)
    this.nowMs = dueMs + lateMs
    this.timers.delete(wait)
    return this.told({ kind: 'due', wait, dueMs })
  }

  /** What a wallet was sent, in all. */
  paid(seat: number, name: 'prize' | 'refund'): bigint {
    const to = `wallet/${walletOf(userAt(seat))}`
    return this.envelopes
      .filter((each) => each.to === to && each.name === name)
      .reduce((sum, { minor }) => sum + minor, 0n)
  }

  news(name: string): readonly unknown[] {
    return this.envelopes.filter((each) => each.name === name).map(({ to, body }) => [to, body])
  }

  private fold(decision: Accepted<MatchEvent>): void {
    const entries = stage(decision.postings, 'match/m_1', this.own, this.system)
    postOwned(entries, this.own)
    postSystem(entries, this.system)
    for (const event of decision.events) {
      const written = JSON.parse(JSON.stringify(matchKind.encodeEvent(event)))
      expect(matchKind.decodeEvent(written)).to.deep.equal(event)
      matchKind.evolve(this.match, event, this.nowMs)
    }
    for (const { to, name, money, body } of decision.outbox) {
      this.envelopes.push({ to, name, minor: money?.amountMinor ?? 0n, body })
    }
    for (const change of decision.timers) {
      if (change.kind === 'set') this.timers.set(change.name, change.dueMs)
      else this.timers.delete(change.name)
    }
    this.seq++
    const stored = JSON.parse(JSON.stringify(matchKind.encodeState(this.match)))
    expect(matchKind.decodeState(stored)).to.deep.equal(this.match)
  }
}
