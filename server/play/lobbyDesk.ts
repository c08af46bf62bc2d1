// Carries out what both wires ask of lobbies (LobbyService): adds what the server knows of whoever asks, leaves a match
// before its lobby, and puts in for a seat what the match waits for: a stake, by the wallet's own command (M9), or a word.

import { createHash } from 'node:crypto'
import type { LobbyCommand, Standing } from '../../actors/lobby/commands.ts'
import { LOBBY_KIND } from '../../actors/lobby/kind.ts'
import { LOBBY } from '../../actors/lobby/limits.ts'
import type {
  LobbyAct,
  LobbyCaller,
  LobbyOutcome,
  LobbyRefused,
  LobbyService,
  ShownLobby,
} from '../../actors/lobby/service.ts'
import type { LobbySetup } from '../../actors/lobby/setup.ts'
import type { LobbyView } from '../../actors/lobby/views.ts'
import type { PlayerView } from '../../actors/player/state.ts'
import type { Answer } from '../../actors/runtime/answers.ts'
import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { MatchAsks } from '../../rooms/match/matchAsks.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { gameRules } from '../../shared/games/rules.ts'
import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import type { ListDesk } from '../lists/listDesk.ts'
import { LobbyCommitments } from './lobbyCommitments.ts'
import type { PlayerNames } from './playerNames.ts'
import type { Seats } from './seatDesk.ts'

export interface LobbyDeskParts {
  readonly actors: Pick<Runtime, 'submit' | 'read'>
  readonly lists: ListDesk
  readonly matches: MatchAsks
  readonly names: PlayerNames
  readonly seats: Seats
  newId(): string
  /** Called for each command with its outcome and how long its answer took. */
  answered(command: string, outcome: string, elapsedMs: number): void
}

const LOBBY_ID = /^l_[A-Za-z0-9_-]{1,40}$/
/** A lobby may be taken into another match between two looks. */
const LEAVE_TRIES = 3

export class LobbyDesk implements LobbyService {
  private readonly parts: LobbyDeskParts
  private readonly ofMatch: LobbyCommitments
  /** One at a time for each user: what they own already is counted before. */
  private readonly making = new Map<UserId, Promise<unknown>>()

  constructor(parts: LobbyDeskParts) {
    this.parts = parts
    this.ofMatch = new LobbyCommitments({ ...parts, desk: this })
  }

  create(caller: LobbyCaller, setup: LobbySetup, key: string, requestId: string): Promise<LobbyOutcome> {
    const { userId } = caller
    const before = this.making.get(userId) ?? Promise.resolve()
    const made = before.then(() => this.make(caller, setup, key, requestId))
    const settled = made.catch(() => {})
    this.making.set(userId, settled)
    void settled.then(() => {
      if (this.making.get(userId) === settled) this.making.delete(userId)
    })
    return made
  }

  private async make(
    { userId }: LobbyCaller,
    setup: LobbySetup,
    key: string,
    requestId: string,
  ): Promise<LobbyOutcome> {
    const id = key === '' ? `l_${this.parts.newId()}` : lobbyIdOf(userId, key)
    const known = await this.read(id)
    if (typeof known === 'string' && known !== 'lobby.unknown') return refused(known)
    if (known === 'lobby.unknown') {
      const owned = await this.parts.lists.page({ of: LOBBY_KIND, tags: [`owner:${userId}`], limit: 0 })
      if (owned.kind === 'refused') return refused(owned.code)
      if (owned.total >= LOBBY.maxPerOwner) return refused('lobby.too_many')
    }
    const standing = await this.standingOf(userId, setup)
    if (typeof standing === 'string') return refused(standing)
    return this.done(id, { kind: 'create', user: userId, setup, standing }, key, requestId)
  }

  async look(id: string): Promise<LobbyOutcome> {
    const view = await this.read(id)
    return typeof view === 'string' ? refused(view) : { kind: 'ok', lobby: await this.shown(view) }
  }

  async act(id: string, { userId: user }: LobbyCaller, act: LobbyAct, requestId: string): Promise<LobbyOutcome> {
    if (!LOBBY_ID.test(id)) return refused('lobby.unknown')
    switch (act.kind) {
      case 'join': {
        const view = await this.read(id)
        if (typeof view === 'string') return refused(view)
        const standing = await this.standingOf(user, view.setup)
        if (typeof standing === 'string') return refused(standing)
        return this.done(id, { ...act, user, standing }, '', requestId)
      }
      case 'leave':
        return this.leave(id, user, requestId)
      case 'ready':
      case 'kick':
      case 'invite':
      case 'start':
      case 'close':
        return this.done(id, { ...act, user }, '', requestId)
    }
  }

  commitments(id: string): ReturnType<LobbyService['commitments']> {
    return this.ofMatch.read(id)
  }

  confirm(id: string, caller: LobbyCaller, requestId: string): ReturnType<LobbyService['confirm']> {
    return this.ofMatch.confirm(id, caller, requestId)
  }

  decline(id: string, caller: LobbyCaller, requestId: string): ReturnType<LobbyService['decline']> {
    return this.ofMatch.decline(id, caller, requestId)
  }

  /** By staff. */
  end(id: string, by: UserId, key: string, requestId: string): Promise<LobbyOutcome> {
    return LOBBY_ID.test(id) ? this.done(id, { kind: 'end', by }, key, requestId) : this.look(id)
  }

  async read(id: string): Promise<LobbyView | ErrorCode> {
    if (!LOBBY_ID.test(id)) return 'lobby.unknown'
    const answer = await this.parts.actors.read({ kind: LOBBY_KIND, id }, { kind: 'state' })
    if (answer.kind === 'refused') return answer.code
    const view = answer.view as LobbyView // the lobby kind's view
    return view.status === 'absent' ? 'lobby.unknown' : view
  }

  /** The seat of the match first: a lobby alone cannot give it up. */
  private async leave(id: string, user: UserId, requestId: string): Promise<LobbyOutcome> {
    let outcome: LobbyOutcome = refused('lobby.in_match')
    for (let tries = 0; tries < LEAVE_TRIES; tries++) {
      const view = await this.read(id)
      if (typeof view === 'string') return refused(view)
      const inMatch = view.status === 'starting' || view.status === 'started'
      const match = inMatch && view.seats.some((seat) => seat.user === user) ? view.match : null
      if (match !== null) {
        const left = await this.parts.matches.ask(match, { kind: 'leave', user }, '')
        // Over, or not theirs: then there is nothing to give up.
        const transient = left.kind === 'refused' && (left.code === 'unavailable' || left.code === 'overloaded')
        if (transient) return refused(left.code)
      }
      outcome = await this.done(id, { kind: 'leave', user, match }, '', requestId)
      if (outcome.kind === 'ok' || outcome.code !== 'lobby.in_match') break
    }
    return outcome
  }

  private async done(id: string, command: LobbyCommand, key: string, requestId: string): Promise<LobbyOutcome> {
    const answer = await this.ask(id, command, key, requestId)
    return answer.kind === 'refused' ? refused(answer.code) : this.look(id)
  }

  private ask(id: string, command: LobbyCommand, key: string, requestId: string): Promise<Answer> {
    const { actors, answered } = this.parts
    const startedMs = performance.now()
    return new Promise((resolve) => {
      actors.submit({ kind: LOBBY_KIND, id }, command, { key, requestId }, (answer) => {
        answered(command.kind, answer.kind === 'done' ? 'done' : answer.code, performance.now() - startedMs)
        resolve(answer)
      })
    })
  }

  /** What the server knows of them, whatever they say of themselves. */
  private async standingOf(user: UserId, setup: LobbySetup | null): Promise<Standing | ErrorCode> {
    const answer = await this.parts.actors.read({ kind: 'player', id: user }, { kind: 'state' })
    if (answer.kind === 'refused') return answer.code
    const { ratings } = answer.view as PlayerView // the player kind's view
    const key = setup === null ? null : gameRules(setup.game)?.modes.get(setup.mode)?.ratingKey
    const { rating, deviation } = ratings.find((row) => row.key === key) ?? NEWCOMER
    return { rating, deviation }
  }

  private async shown(view: LobbyView): Promise<ShownLobby> {
    const users = view.seats.flatMap(({ user }) => (user === null ? [] : [user]))
    return { view, names: await this.parts.names.of(users) }
  }
}

const NEWCOMER: Standing = Object.freeze({ rating: RULES.ratingStart, deviation: RULES.ratingDeviationStart })

function refused(code: ErrorCode): LobbyRefused {
  return { kind: 'refused', code }
}

/** M6: the same key of the same user names the same lobby, for ever. */
function lobbyIdOf(user: UserId, key: string): string {
  return `l_${createHash('sha256').update(`${user} ${key}`).digest('base64url').slice(0, 22)}`
}
