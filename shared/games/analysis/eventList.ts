// The events of a match with their ticks, to be listed in part: of some kinds, of one seat, of a span of ticks.

import type { GameEvent } from '../game.ts'

export interface MatchEvent extends GameEvent {
  readonly tick: number
}

/** As many as a match of ten may have at several a tick; what comes after is counted, and not kept. */
export const MOST_EVENTS = 50_000

export interface EventList {
  readonly events: MatchEvent[]
  dropped: number
}

export function keepEvent(list: EventList, tick: number, event: GameEvent): void {
  if (list.events.length < MOST_EVENTS) list.events.push({ tick, ...event })
  else list.dropped += 1
}

export interface EventFilter {
  readonly kinds?: readonly string[]
  /** Who did it, or whom it was done to. */
  readonly seat?: number
  readonly fromTick?: number
  /** The last one that counts. */
  readonly toTick?: number
}

export function filterEvents(events: readonly MatchEvent[], filter: EventFilter): MatchEvent[] {
  const { kinds, seat, fromTick = 0, toTick = Number.MAX_SAFE_INTEGER } = filter
  return events.filter((event) => {
    if (event.tick < fromTick || event.tick > toTick) return false
    if (kinds !== undefined && !kinds.includes(event.kind)) return false
    return seat === undefined || event.seat === seat || event.target === seat
  })
}
