// What each player of a lobby has to put in before its match begins, and putting it in. While the lobby is open that is
// readiness; once the match is made, the stake of the seat, by its own wallet (M9), or its word.

import type {
  CommitmentOutcome,
  CommitmentStatus,
  Commitments,
  LobbyCaller,
  LobbyRefused,
  LobbyService,
} from '../../actors/lobby/service.ts'
import type { LobbyView } from '../../actors/lobby/views.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { MatchAsks } from '../../rooms/match/matchAsks.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'
import type { Seats } from './seatDesk.ts'

export interface LobbyCommitmentsParts {
  readonly seats: Pick<Seats, 'accept'>
  readonly matches: MatchAsks
  readonly desk: Pick<LobbyService, 'act'> & { read(id: string): Promise<LobbyView | ErrorCode> }
}

type Found =
  | { readonly kind: 'lobby'; readonly view: LobbyView }
  | { readonly kind: 'match'; readonly view: LobbyView; readonly match: MatchView }
  | LobbyRefused

export class LobbyCommitments {
  private readonly parts: LobbyCommitmentsParts

  constructor(parts: LobbyCommitmentsParts) {
    this.parts = parts
  }

  async read(id: string): Promise<{ readonly kind: 'ok'; readonly commitments: Commitments } | LobbyRefused> {
    const found = await this.find(id)
    return found.kind === 'refused' ? found : { kind: 'ok', commitments: commitmentsOf(found) }
  }

  async confirm(id: string, caller: LobbyCaller, requestId: string): Promise<CommitmentOutcome> {
    const found = await this.find(id)
    if (found.kind === 'refused') return found
    if (found.kind === 'lobby') {
      const said = await this.parts.desk.act(id, caller, { kind: 'ready', ready: true }, requestId)
      return said.kind === 'refused' ? said : this.outcome(id, caller.userId, 'confirmed')
    }
    const taken = await this.parts.seats.accept(caller.userId, found.match.id, requestId)
    return taken.kind === 'refused' ? taken : this.outcome(id, caller.userId, 'pending')
  }

  async decline(id: string, caller: LobbyCaller, requestId: string): Promise<CommitmentOutcome> {
    const found = await this.find(id)
    if (found.kind === 'refused') return found
    if (found.kind === 'lobby') {
      const said = await this.parts.desk.act(id, caller, { kind: 'ready', ready: false }, requestId)
      return said.kind === 'refused' ? said : this.outcome(id, caller.userId, 'declined')
    }
    const asked = await this.parts.matches.ask(found.match.id, { kind: 'decline', user: caller.userId }, '')
    if (asked.kind === 'refused') return { kind: 'refused', code: asked.code }
    // Of the match: the lobby may be open again by now.
    const match = await this.parts.matches.view(found.match.id)
    if (typeof match === 'string') return { kind: 'refused', code: match }
    return { kind: 'ok', status: 'declined', commitments: commitmentsOf({ ...found, match }) }
  }

  /** `given`: where the match does not tell yet. */
  private async outcome(id: string, user: UserId, given: CommitmentStatus): Promise<CommitmentOutcome> {
    const read = await this.read(id)
    if (read.kind === 'refused') return read
    const own = read.commitments.players.find((player) => player.user === user)?.status ?? given
    const status = given === 'declined' ? given : own
    return { kind: 'ok', status, commitments: read.commitments }
  }

  private async find(id: string): Promise<Found> {
    const view = await this.parts.desk.read(id)
    if (typeof view === 'string') return { kind: 'refused', code: view }
    if (view.match === null || (view.status !== 'starting' && view.status !== 'started' && view.status !== 'completed'))
      return { kind: 'lobby', view }
    const match = await this.parts.matches.view(view.match)
    if (typeof match === 'string') return { kind: 'refused', code: match }
    // Its envelope is under way.
    return match.status === 'absent' ? { kind: 'refused', code: 'lobby.no_match' } : { kind: 'match', view, match }
  }
}

function commitmentsOf(found: Exclude<Found, LobbyRefused>): Commitments {
  const { view } = found
  if (found.kind === 'lobby') {
    const players = view.seats.flatMap(({ user, ready }) =>
      user === null ? [] : [{ user, status: ready ? ('confirmed' as const) : ('pending' as const) }],
    )
    return { lobby: view.id, match: null, players, untilMs: view.readyDueMs }
  }
  const { match } = found
  const atFault = new Set(match.cancelled?.atFault ?? [])
  const over: CommitmentStatus = match.cancelled?.why === 'declined' ? 'declined' : 'expired'
  const players = match.seats.flatMap(({ user, ready }) => {
    if (user === null) return []
    return [{ user, status: atFault.has(user) ? over : ready ? ('confirmed' as const) : ('pending' as const) }]
  })
  const untilMs = match.wait?.kind === 'funding' ? match.wait.dueMs : null
  return { lobby: view.id, match: match.id, players, untilMs }
}
