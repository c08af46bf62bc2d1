// What is said in one lobby, as long as somebody of this process listens: the newest lines in memory, and nowhere else.
// Processes pass lines on to each other through Colyseus' presence (Redis, where there is one); while that is away, those
// of one process still hear each other.

import type { Presence } from '@colyseus/core'
import { z } from 'zod'
import type { UserId } from '../../shared/ids.ts'
import { CHAT, type ChatLine, chatLine } from '../../shared/lobbyMessages.ts'

const passedOn = z.object({ from: z.string(), line: chatLine })

export interface LobbyChatParts {
  readonly lobby: string
  /** Of this process: what it passes on comes back to it as well. */
  readonly from: string
  readonly presence: Pick<Presence, 'subscribe' | 'unsubscribe' | 'publish'>
  nowMs(): number
  heard(line: ChatLine): void
  failed(error: unknown): void
}

export class LobbyChat {
  private readonly parts: LobbyChatParts
  private readonly topic: string
  private readonly kept: ChatLine[] = []
  /** When each said what of late. */
  private readonly said = new Map<UserId, readonly number[]>()
  private readonly onPassed = (message: unknown): void => this.passed(message)

  constructor(parts: LobbyChatParts) {
    this.parts = parts
    this.topic = `lobby-chat:${parts.lobby}`
    parts.presence.subscribe(this.topic, this.onPassed).catch(parts.failed)
  }

  get lines(): readonly ChatLine[] {
    return this.kept
  }

  /** False where the user says too much at a time. */
  say(user: UserId, name: string | null, text: string): boolean {
    const { nowMs, presence, from, failed } = this.parts
    const now = nowMs()
    const late = (this.said.get(user) ?? []).filter((atMs) => atMs > now - CHAT.burstMs && atMs <= now)
    if (late.length >= CHAT.burst) return false
    this.said.set(user, [...late, now])
    const line = { user_id: user, name, text, at: new Date(now).toISOString() }
    this.keep(line)
    Promise.resolve(presence.publish(this.topic, { from, line })).catch(failed)
    return true
  }

  forget(user: UserId): void {
    this.said.delete(user)
  }

  close(): void {
    const { presence, failed } = this.parts
    Promise.resolve(presence.unsubscribe(this.topic, this.onPassed)).catch(failed)
  }

  private passed(message: unknown): void {
    const parsed = passedOn.safeParse(message)
    if (parsed.success && parsed.data.from !== this.parts.from) this.keep(parsed.data.line)
  }

  private keep(line: ChatLine): void {
    this.kept.push(line)
    if (this.kept.length > CHAT.kept) this.kept.shift()
    this.parts.heard(line)
  }
}
