// Lobbies for tests: setups, people, and a bench for one lobby.

import type { LobbyCommand } from '../../actors/lobby/commands.ts'
import { lobbyKind } from '../../actors/lobby/kind.ts'
import type { LobbySetup } from '../../actors/lobby/setup.ts'
import type { UserId } from '../../shared/ids.ts'
import { KindBench } from './kindBench.ts'

export const user = (name: string): UserId => `u_${name.padEnd(4, '_')}` as UserId // of the form that ids have

export const [ANN, BEN, CAT, DAN] = [user('ann'), user('ben'), user('cat'), user('dan')]
export const STANDING = { rating: 1500, deviation: 350 }

export const FREE: LobbySetup = {
  ...{ game: 'arena', mode: 'blitz', format: '1v1', map: null, region: 'eu-west', visibility: 'public' },
  ...{ asset: 'USD', stakeMinor: 0n, prizeRule: 'winner_takes_all', disputeMs: 0 },
}
export const STAKED: LobbySetup = { ...FREE, stakeMinor: 200n }

export const create = (by: UserId, setup: LobbySetup = FREE): LobbyCommand => ({
  ...{ kind: 'create', user: by, setup, standing: STANDING },
})
export const join = (by: UserId, more: { seat?: number; code?: string; rating?: number } = {}): LobbyCommand => ({
  ...{ kind: 'join', user: by, standing: { ...STANDING, rating: more.rating ?? STANDING.rating } },
  ...{ seat: more.seat ?? null, code: more.code ?? null },
})
export const ready = (by: UserId, is = true): LobbyCommand => ({ kind: 'ready', user: by, ready: is })
export const leave = (by: UserId, match: string | null = null): LobbyCommand => ({ kind: 'leave', user: by, match })
export const start = (by: UserId, bots = false): LobbyCommand => ({ kind: 'start', user: by, bots })

export class LobbyBench extends KindBench<
  ReturnType<typeof lobbyKind.initial>,
  LobbyCommand,
  Parameters<typeof lobbyKind.encodeEvent>[0],
  { readonly kind: 'state' },
  ReturnType<typeof lobbyKind.view>
> {
  constructor(id = 'l_1') {
    super(lobbyKind, id)
  }

  get shown(): ReturnType<typeof lobbyKind.view> {
    return this.view({ kind: 'state' })
  }

  /** Who sits where, `-` for nobody, with a mark for who is ready. */
  get seats(): string {
    return this.shown.seats.map(({ user: who, ready: is }) => (who === null ? '-' : `${who}${is ? '+' : ''}`)).join(' ')
  }

  /** The match it has asked for. */
  get match(): string {
    return this.shown.match ?? ''
  }

  news(state: string, atFault: readonly UserId[] = [], match = this.match): void {
    this.arrive('match_news', { match, state, at_fault: atFault }, { from: `match/${match}` })
  }

  due(name: 'ready' | 'idle', dueMs: number): void {
    this.nowMs = Math.max(this.nowMs, dueMs)
    this.arrive(name, dueMs, { via: 'timer', from: 'lobby/l_1', recordId: null })
  }
}
