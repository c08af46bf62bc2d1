// A room that is joined again when its connection is lost, until it is let go of. A second connection of the same player
// takes the seat over, so that nothing has to be remembered but what to join.

import type { Plain } from './msgpack.ts'
import { type Asking, RoomLink } from './room.ts'
import { RefusedError, type Session } from './session.ts'

export interface KeptParts {
  readonly session: Session
  readonly asking: Asking
  readonly listeners: Readonly<Record<string, (message: Plain) => void>>
  /** Each time it is joined. */
  joined?(link: RoomLink): void
  /** Joining was refused, or the room let go for good; `code` is a code of the errors, or of the close frame. */
  over?(code: string): void
  /** Close codes after which it is not joined again. */
  readonly last?: readonly number[]
  /** Until then what is not there may come to be there. */
  readonly patientUntilMs?: number
}

const FIRST_PAUSE_MS = 400
const LONGEST_PAUSE_MS = 3_000
/** Refusals that time may change. */
const PASSING: readonly string[] = ['unavailable', 'overloaded', 'rate_limited', 'internal']

export class KeptRoom {
  link: RoomLink | null = null
  private readonly parts: KeptParts
  private isEnded = false
  private pauseMs = FIRST_PAUSE_MS

  constructor(parts: KeptParts) {
    this.parts = parts
    void this.join()
  }

  /** Rejects while the room is not joined. */
  request<Answer>(type: string, payload?: object): Promise<Answer> {
    if (this.link === null) return Promise.reject(new RefusedError('unavailable', 'Not connected just now.'))
    return this.link.request<Answer>(type, payload)
  }

  send(type: string, payload: object): void {
    this.link?.send(type, payload)
  }

  end(): void {
    this.isEnded = true
    this.link?.leave()
    this.link = null
  }

  private async join(): Promise<void> {
    const { session, asking, listeners, joined, over, last = [] } = this.parts
    try {
      const link = await RoomLink.join(session, asking, listeners)
      if (this.isEnded) return link.leave()
      this.link = link
      this.pauseMs = FIRST_PAUSE_MS
      link.onClosed = (code) => {
        this.link = null
        if (this.isEnded) return
        if (last.includes(code)) {
          this.isEnded = true
          over?.(String(code))
        } else this.again()
      }
      joined?.(link)
    } catch (error) {
      const code = error instanceof RefusedError ? error.code : 'unavailable'
      if (this.isEnded) return
      const isPatient = code === 'not_found' && Date.now() < (this.parts.patientUntilMs ?? 0)
      if (isPatient || PASSING.includes(code)) return this.again()
      this.isEnded = true
      over?.(code)
    }
  }

  private again(): void {
    setTimeout(() => {
      if (!this.isEnded) void this.join()
    }, this.pauseMs)
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.pauseMs)
  }
}
