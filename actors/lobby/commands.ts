// What can be asked of a lobby, and what it tells about itself. Ids and numbers only: names, titles and chat are personal
// or free text, and the journal forgets nothing (S2).

import type { UserId } from '../../shared/ids.ts'
import type { LobbySetup } from './setup.ts'

/** As the server knew it when they came in. */
export interface Standing {
  readonly rating: number
  readonly deviation: number
}

/** `user` is who asks. */
export type LobbyCommand =
  | { readonly kind: 'create'; readonly user: UserId; readonly setup: LobbySetup; readonly standing: Standing }
  /** Seat null: the first that is free, or the one they have. Repeated it changes nothing; another free seat is moved to. */
  | {
      readonly kind: 'join'
      readonly user: UserId
      readonly standing: Standing
      readonly seat: number | null
      readonly code: string | null
    }
  | { readonly kind: 'ready'; readonly user: UserId; readonly ready: boolean }
  /** `match`: the one they have left before; while a lobby is in a match, nobody leaves it alone. */
  | { readonly kind: 'leave'; readonly user: UserId; readonly match: string | null }
  | { readonly kind: 'kick'; readonly user: UserId; readonly target: UserId }
  | { readonly kind: 'invite'; readonly user: UserId; readonly target: UserId }
  /** `bots`: for the seats that nobody has. */
  | { readonly kind: 'start'; readonly user: UserId; readonly bots: boolean }
  | { readonly kind: 'close'; readonly user: UserId }
  /** By staff, whatever it is at. */
  | { readonly kind: 'end'; readonly by: UserId }
  | ArrivingCommand

export type MatchState = 'ready' | 'live' | 'finished' | 'settled' | 'cancelled'
export type LobbyWait = 'ready' | 'idle'

/** Envelopes and timers. */
export type ArrivingCommand =
  | {
      readonly kind: 'match_news'
      readonly match: string
      readonly state: MatchState
      readonly atFault: readonly UserId[]
    }
  /** A match that would not be made. */
  | { readonly kind: 'refused'; readonly match: string }
  | { readonly kind: 'due'; readonly wait: LobbyWait; readonly dueMs: number }

export type LeaveReason = 'left' | 'kicked' | 'not_ready' | 'fault'
export type ReopenReason = 'declined' | 'not_ready' | 'left' | 'match_cancelled' | 'match_refused'
export type CloseReason = 'owner' | 'empty' | 'idle' | 'staff'

export type LobbyEvent =
  /** `code`: of a private one. */
  | { readonly kind: 'created'; readonly setup: LobbySetup; readonly owner: UserId; readonly code: string | null }
  | ({ readonly kind: 'joined'; readonly user: UserId; readonly seat: number } & Standing)
  | { readonly kind: 'moved'; readonly user: UserId; readonly seat: number }
  | { readonly kind: 'readied'; readonly user: UserId; readonly ready: boolean }
  | { readonly kind: 'left'; readonly user: UserId; readonly why: LeaveReason }
  | { readonly kind: 'owned'; readonly user: UserId }
  | { readonly kind: 'invited'; readonly user: UserId }
  | { readonly kind: 'checked'; readonly dueMs: number; readonly bots: boolean }
  | { readonly kind: 'reopened'; readonly why: ReopenReason }
  | { readonly kind: 'starting'; readonly match: string; readonly bots: boolean }
  | { readonly kind: 'started' | 'completed'; readonly match: string }
  | { readonly kind: 'closed'; readonly why: CloseReason; readonly by: UserId | null }
