// Lists over many lobbies, as the store has them (S1): what can be joined, what somebody is in, and how many there are.

import { LOBBY_KIND } from '../../actors/lobby/kind.ts'
import { viewOfListed } from '../../actors/lobby/listed.ts'
import type { LobbyView } from '../../actors/lobby/views.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { EXTERNAL_GAMES } from '../../shared/games/external.ts'
import { GAMES } from '../../shared/games/registry.ts'
import type { UserId } from '../../shared/ids.ts'
import { LOBBY_STATUSES } from '../../shared/lobbyMessages.ts'
import { RULES } from '../../shared/rules.ts'
import type { ListDesk } from '../lists/listDesk.ts'
import { MAX_PAGE } from '../lists/ports.ts'
import type { PlayerNames } from './playerNames.ts'

export interface LobbyWish {
  readonly status: string | null
  readonly tags: readonly string[]
  readonly limit: number
  readonly offset: number
}

export interface LobbyPage {
  readonly kind: 'page'
  readonly lobbies: readonly LobbyView[]
  /** Of their owners. */
  readonly names: ReadonlyMap<UserId, string>
  readonly total: number
  readonly asOfMs: number
}

export interface LobbyFigures {
  readonly kind: 'figures'
  readonly byStatus: Readonly<Record<string, number>>
  readonly byMode: Readonly<Record<string, number>>
  readonly byRegion: Readonly<Record<string, number>>
  readonly meanPlayers: number
}

export interface RefusedList {
  readonly kind: 'refused'
  readonly code: ErrorCode
}

/** What everybody may find: tags of a listing. */
export const FOR_ALL = 'browse:all'

/** Figures are counted once in a while, whoever asks. */
const FIGURES_KEPT_MS = 5_000
const MAX_KEPT = 200

export class LobbyLists {
  private readonly lists: ListDesk
  private readonly names: PlayerNames
  private readonly nowMs: () => number
  private readonly kept = new Map<string, { readonly figures: Promise<LobbyFigures | RefusedList>; atMs: number }>()

  constructor(parts: { readonly lists: ListDesk; readonly names: PlayerNames; nowMs(): number }) {
    this.lists = parts.lists
    this.names = parts.names
    this.nowMs = () => parts.nowMs()
  }

  async page(wish: LobbyWish): Promise<LobbyPage | RefusedList> {
    const answer = await this.lists.page({ of: LOBBY_KIND, ...wish })
    if (answer.kind === 'refused') return { kind: 'refused', code: answer.code }
    const lobbies = answer.rows.map(({ actor, status, fields }) =>
      viewOfListed(actor.slice(LOBBY_KIND.length + 1), status, fields),
    )
    const names = await this.names.of(lobbies.flatMap(({ owner }) => (owner === null ? [] : [owner])))
    return { kind: 'page', lobbies, names, total: answer.total, asOfMs: answer.asOfMs ?? this.nowMs() }
  }

  /** Open to everybody, the fullest first. */
  async featured(tags: readonly string[], limit: number): Promise<LobbyPage | RefusedList> {
    const page = await this.page({ status: 'open', tags: [FOR_ALL, ...tags], limit: MAX_PAGE, offset: 0 })
    if (page.kind === 'refused') return page
    const free = ({ seats }: LobbyView): number => seats.filter(({ user }) => user === null).length
    const joinable = page.lobbies.filter((lobby) => free(lobby) > 0)
    return { ...page, lobbies: joinable.sort((a, b) => free(a) - free(b)).slice(0, limit), total: joinable.length }
  }

  figures(tags: readonly string[]): Promise<LobbyFigures | RefusedList> {
    const key = tags.join(' ')
    const known = this.kept.get(key)
    if (known !== undefined && this.nowMs() - known.atMs < FIGURES_KEPT_MS) return known.figures
    const figures = this.count(tags)
    this.kept.delete(key)
    this.kept.set(key, { figures, atMs: this.nowMs() })
    const [oldest] = this.kept.keys()
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest)
    return figures
  }

  private async count(tags: readonly string[]): Promise<LobbyFigures | RefusedList> {
    const counted = async (status: string | null, more: readonly string[]): Promise<number> => {
      const answer = await this.lists.page({ of: LOBBY_KIND, status, tags: [...tags, ...more], limit: 0 })
      if (answer.kind === 'refused') throw new Refusal(answer.code)
      return answer.total
    }
    try {
      const byStatus = await countEach(LOBBY_STATUSES, (status) => counted(status, []))
      const byMode = await countEach(MODES, (mode) => counted('open', [FOR_ALL, `mode:${mode}`]))
      const byRegion = await countEach(RULES.regions, (region) => counted('open', [FOR_ALL, `region:${region}`]))
      const open = await this.page({ status: 'open', tags, limit: MAX_PAGE, offset: 0 })
      if (open.kind === 'refused') return open
      const players = open.lobbies.reduce((sum, { seats }) => sum + seats.filter(({ user }) => user !== null).length, 0)
      const meanPlayers = open.lobbies.length === 0 ? 0 : players / open.lobbies.length
      return { kind: 'figures', byStatus, byMode, byRegion, meanPlayers }
    } catch (error) {
      if (error instanceof Refusal) return { kind: 'refused', code: error.refused }
      throw error
    }
  }
}

/** Carries a refusal out of a count among many. */
class Refusal extends Error {
  readonly refused: ErrorCode
  constructor(refused: ErrorCode) {
    super(refused)
    this.refused = refused
  }
}

const MODES: readonly string[] = [...GAMES.values(), ...EXTERNAL_GAMES.values()].flatMap(({ id, modes }) =>
  modes.map((mode) => `${id}.${mode}`),
)

/** One after the other: a count is a few milliseconds of the store, and others wait as well. */
async function countEach(
  names: readonly string[],
  counted: (name: string) => Promise<number>,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = await counted(name)
  return counts
}
