// A recording played for one who looks at it: forward at a pace, or from any tick. Nothing of it was kept but inputs, so it
// is played anew, from the nearest state that this playback has passed.

import type { AnyGame } from '../../shared/games/game.ts'
import type { Segment } from './chunk.ts'
import type { LoopDriver, Paced } from './loopDriver.ts'
import type { Recording } from './recording.ts'
import { replaySegment } from './resume.ts'

export const SPEEDS = [0, 0.25, 0.5, 1, 2, 4, 8] as const
export type Speed = (typeof SPEEDS)[number]

/** Work in one turn, ms; a seek takes as many turns as it needs (A5). */
const TURN_MS = 4
const VIEWS_HZ = 10

export interface PlaybackView {
  readonly t: number
  readonly v: unknown
}

interface Passed {
  readonly tick: number
  /** The next segment to play. */
  readonly segment: number
  readonly state: Uint8Array
}

export class Playback implements Paced {
  readonly name: string
  dueMs: number
  private readonly recording: Recording
  private readonly game: AnyGame
  private readonly driver: LoopDriver
  private readonly show: (view: PlaybackView) => void
  private readonly passed: Passed[] = []
  private state: unknown
  private segment = 0
  private tick = 0
  /** The tick to show, a fraction while it moves slowly. */
  private wanted = 0
  private shown = -1
  private speed: Speed = 1
  private lastMs: number

  /** Throws where the game does not begin with this recording. */
  constructor(recording: Recording, game: AnyGame, driver: LoopDriver, show: (view: PlaybackView) => void) {
    this.recording = recording
    this.game = game
    this.driver = driver
    this.show = show
    this.name = `replay ${recording.head.match}`
    this.state = game.init(recording.head.setup)
    this.lastMs = driver.nowMs
    this.dueMs = this.lastMs
    driver.add(this)
    driver.changed(this.dueMs)
  }

  setSpeed(speed: Speed): void {
    this.speed = speed
    this.wake()
  }

  seek(tick: number): void {
    this.wanted = Math.min(tick, this.recording.head.ticks)
    this.shown = -1
    this.wake()
  }

  close(): void {
    this.driver.remove(this)
  }

  run(nowMs: number): void {
    const { hz, ticks } = this.recording.head
    const elapsedMs = Math.min(nowMs - this.lastMs, 1_000)
    this.lastMs = nowMs
    // While it is on its way to a place, the place stays.
    if (this.shown !== -1) this.wanted = Math.min(ticks, this.wanted + (elapsedMs / 1_000) * hz * this.speed)
    const isThere = this.playTo(Math.floor(this.wanted), nowMs + TURN_MS)
    if (isThere && this.shown !== this.tick) this.showNow()
    if (!isThere) this.dueMs = nowMs + 1
    else this.dueMs = this.speed === 0 || this.tick >= ticks ? Number.POSITIVE_INFINITY : nowMs + 1_000 / VIEWS_HZ
  }

  private wake(): void {
    this.lastMs = this.driver.nowMs
    this.dueMs = this.lastMs
    this.driver.changed(this.dueMs)
  }

  private showNow(): void {
    this.shown = this.tick
    this.show({ t: this.tick, v: this.game.view(this.state, { kind: 'public' }) })
  }

  /** Whether it is there; goes on in the next turn otherwise. */
  private playTo(wanted: number, untilMs: number): boolean {
    if (wanted < this.tick) this.goBack(wanted)
    while (this.tick < wanted) {
      const segment = this.recording.segments[this.segment]
      if (segment === undefined) return true
      const part = partOf(segment, this.tick, Math.min(wanted, segment.to))
      replaySegment(this.game, this.state, part)
      this.tick = part.to
      if (part.to === segment.to) this.pass()
      if (this.driver.nowMs >= untilMs) return this.tick >= wanted
    }
    return true
  }

  private pass(): void {
    this.segment++
    const last = this.passed.at(-1)
    if (this.tick - (last?.tick ?? 0) < this.recording.head.hz * 10) return
    this.passed.push({ tick: this.tick, segment: this.segment, state: this.game.serialise(this.state) })
  }

  private goBack(wanted: number): void {
    const { setup } = this.recording.head
    const from = this.passed.findLast(({ tick }) => tick <= wanted)
    this.tick = from?.tick ?? 0
    this.segment = from?.segment ?? 0
    this.state = from === undefined ? this.game.init(setup) : this.game.restore(setup, from.state)
  }
}

function partOf(segment: Segment, from: number, to: number): Segment {
  if (segment.from === from && segment.to === to) return segment
  const within = ([tick]: readonly [number, ...unknown[]]): boolean => tick > from && tick <= to
  const { inputs, changes, events } = segment
  return { from, to, inputs: inputs.filter(within), changes: changes.filter(within), events: events.filter(within) }
}
