// What both wires need of lobbies. Outcomes are values; whatever is refused carries a registered code.

import type { ErrorCode } from '../../shared/errors.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import type { LobbyCommand } from './commands.ts'
import type { LobbySetup } from './setup.ts'
import type { LobbyView } from './views.ts'

/** Who asks, by their token. */
export interface LobbyCaller {
  readonly userId: UserId
  readonly walletId: WalletId
}

type Asked<Kind extends LobbyCommand['kind'], Given extends string> = {
  readonly kind: Kind
} & Omit<Extract<LobbyCommand, { kind: Kind }>, 'kind' | 'user' | 'standing' | Given>

/** What somebody may do in a lobby; who they are, and what the server knows of them, is added. */
export type LobbyAct =
  | Asked<'join', never>
  | Asked<'ready', never>
  | Asked<'leave', 'match'>
  | Asked<'kick', never>
  | Asked<'invite', never>
  | Asked<'start', never>
  | Asked<'close', never>

export interface LobbyRefused {
  readonly kind: 'refused'
  readonly code: ErrorCode
}

/** With the lobby as it is after that; `names` of those who sit in it, as far as they have one. */
export interface ShownLobby {
  readonly view: LobbyView
  readonly names: ReadonlyMap<UserId, string>
}

export type LobbyOutcome = { readonly kind: 'ok'; readonly lobby: ShownLobby } | LobbyRefused

export type CommitmentStatus = 'confirmed' | 'pending' | 'declined' | 'expired'

/** What each player has to put in before the match begins: a stake, a word, or, before there is one, readiness. */
export interface Commitments {
  readonly lobby: string
  readonly match: string | null
  readonly players: readonly { readonly user: UserId; readonly status: CommitmentStatus }[]
  readonly untilMs: number | null
}

export type CommitmentOutcome =
  | { readonly kind: 'ok'; readonly status: CommitmentStatus; readonly commitments: Commitments }
  | LobbyRefused

export interface LobbyService {
  /** `key`: the same key of the same user names the same lobby. Empty for a new one each time. */
  create(caller: LobbyCaller, setup: LobbySetup, key: string, requestId: string): Promise<LobbyOutcome>
  /** As it is, whoever asks. `lobby.unknown` where nobody has made it. */
  look(id: string): Promise<LobbyOutcome>
  act(id: string, caller: LobbyCaller, act: LobbyAct, requestId: string): Promise<LobbyOutcome>
  commitments(id: string): Promise<{ readonly kind: 'ok'; readonly commitments: Commitments } | LobbyRefused>
  /** M9: by the caller's own wallet, and for their own seat. */
  confirm(id: string, caller: LobbyCaller, requestId: string): Promise<CommitmentOutcome>
  decline(id: string, caller: LobbyCaller, requestId: string): Promise<CommitmentOutcome>
}

/** Who may see it, and talk in it: all who sit there or are invited; anybody, where anybody may come in. */
export function maySee(view: LobbyView, user: UserId | null, code: string | null): boolean {
  const visibility = view.setup?.visibility
  if (visibility === 'public' || visibility === 'matchmaking') return true
  if (user !== null && (isIn(view, user) || view.invited.includes(user))) return true
  return visibility === 'private' && code !== null && code === view.code
}

export function isIn(view: LobbyView, user: UserId): boolean {
  return view.seats.some((seat) => seat.user === user)
}
