// What a match was like, gathered tick by tick while somebody plays its recording again: after each step its events and
// the public view are fed here. Nothing is kept but what the answers need.

import type { AnyGame, GameEvent, GameField, GameJson, GameSetup } from '../game.ts'
import { type EventFilter, type EventList, filterEvents, keepEvent, type MatchEvent } from './eventList.ts'
import { type Heatmap, heatmapOf, incidents, presence } from './heatmap.ts'
import { emptyWalks, type PositioningRow, positioningOf, walkOn } from './positioning.ts'
import { countEvent, emptyScores, type ScoreboardRow, type ScoreRow, scoreboardOf } from './scoreboard.ts'
import { emptyTrajectories, samplePositions, type Trajectory } from './trajectory.ts'

const SAMPLES_A_SECOND = 4
const HEATMAP_COLUMNS = 40

export interface MatchAnalysis {
  readonly setup: GameSetup
  readonly tickHz: number
  /** Null: the game is played nowhere, and has no trajectories. */
  readonly field: GameField | null
  /** Between two points of a trajectory. */
  readonly everyTicks: number
  readonly scores: readonly ScoreRow[]
  readonly list: EventList
  readonly trajectories: readonly Trajectory[]
  readonly walks: ReturnType<typeof emptyWalks>
  ticks: number
}

export interface HeatmapQuery {
  /** `presence`, or a kind of event. */
  readonly of: string
  /** Null: everybody. */
  readonly seats: ReadonlySet<number> | null
  readonly columns?: number
}

export function startAnalysis(game: AnyGame, setup: GameSetup): MatchAnalysis {
  return {
    ...{ setup, tickHz: game.tickHz, field: game.field?.(setup.map) ?? null, ticks: 0 },
    everyTicks: Math.max(1, Math.floor(game.tickHz / SAMPLES_A_SECOND)),
    scores: emptyScores(setup),
    list: { events: [], dropped: 0 },
    trajectories: emptyTrajectories(setup),
    walks: emptyWalks(setup),
  }
}

/** After each step, from the first: its events, and what the public sees then. */
export function feed(analysis: MatchAnalysis, events: readonly GameEvent[], publicView: GameJson): void {
  const { field, scores, list, trajectories, walks, everyTicks } = analysis
  analysis.ticks += 1
  for (const event of events) {
    countEvent(scores, event)
    keepEvent(list, analysis.ticks, event)
  }
  if (field === null) return
  const positions = field.positions(publicView)
  walkOn(walks, field, analysis.ticks, positions)
  if (analysis.ticks % everyTicks === 0) samplePositions(trajectories, analysis.ticks, positions)
}

export function scoreboard(analysis: MatchAnalysis): ScoreboardRow[] {
  return scoreboardOf(analysis.scores)
}

export function eventsOf(analysis: MatchAnalysis, filter: EventFilter = {}): MatchEvent[] {
  return filterEvents(analysis.list.events, filter)
}

/** Null where the game has no field. */
export function heatmap(analysis: MatchAnalysis, query: HeatmapQuery): Heatmap | null {
  const { field, trajectories, list } = analysis
  if (field === null) return null
  const { of, seats, columns = HEATMAP_COLUMNS } = query
  const places = of === 'presence' ? presence(trajectories, seats) : incidents(list.events, of, seats)
  return heatmapOf(field, places, columns)
}

/** Null where the game has no field. */
export function positioning(analysis: MatchAnalysis): PositioningRow[] | null {
  const { field, walks, tickHz } = analysis
  return field === null ? null : positioningOf(walks, field, tickHz)
}
