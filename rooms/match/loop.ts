// The loop of one match (R1): a fixed step at the game's rate, from a state and inputs to the next state. It knows no
// sockets, actors or blobs: whoever made it is told of every step. It freezes where the lease is not held (C1). A game
// that throws, or takes longer than it may, ends its own match and no other.

import type { Monotonic } from '../../actors/cluster/ports.ts'
import type { AnyGame, GameEvent, GameOutcome, GameSetup, SeatChange, SeatInput } from '../../shared/games/game.ts'
import type { Paced } from './loopDriver.ts'
import { type InputFate, SeatInputs } from './seatInputs.ts'

export interface LoopLimits {
  /** Steps made up for in one turn, where the process was held up. */
  readonly catchUpSteps: number
  /** Behind by more than this many steps, time is given up instead: the match goes on later. */
  readonly behindSteps: number
  /** What a step may take, ms; this many in a row beyond it, or one beyond the hard limit, end the match. */
  readonly stepBudgetMs: number
  readonly overrunsInARow: number
  readonly stepHardLimitMs: number
}

export const LOOP_LIMITS: LoopLimits = Object.freeze({
  catchUpSteps: 3,
  behindSteps: 20,
  stepBudgetMs: 25,
  overrunsInARow: 20,
  stepHardLimitMs: 1_000,
})

const HELD_INPUTS = 16
const DUE_INPUTS = 2
/** How often a loop that may not run looks whether it may. */
const FROZEN_LOOK_MS = 50

/** What went into one step, and what came of it. `tick` counts steps: the first one makes 1. */
export interface Frame {
  readonly tick: number
  readonly inputs: readonly SeatInput<unknown>[]
  readonly changes: readonly SeatChange[]
  readonly events: readonly GameEvent[]
  readonly state: unknown
}

export interface LoopListener {
  stepped(frame: Frame): void
  ended(outcome: GameOutcome): void
  /** The game has broken the rules of docs/matches.md: the match cannot go on. */
  failed(why: 'threw' | 'overrun' | 'no_outcome', detail: string): void
}

export interface LoopFigures {
  late(ms: number): void
  took(ms: number): void
  frozen(): void
  skipped(steps: number): void
}

export interface LoopParts {
  readonly name: string
  readonly game: AnyGame
  readonly setup: GameSetup
  readonly from: { readonly state: unknown; readonly tick: number }
  readonly monotonic: Monotonic
  /** C1 */
  readonly mayRun: () => boolean
  readonly listener: LoopListener
  readonly figures: LoopFigures
  readonly limits?: Partial<LoopLimits>
}

export class MatchLoop implements Paced {
  readonly name: string
  readonly stepMs: number
  state: unknown
  tick: number
  dueMs = Number.POSITIVE_INFINITY
  isOver = false
  private readonly parts: LoopParts
  private readonly limits: LoopLimits
  private readonly queues: readonly SeatInputs<unknown>[]
  private readonly bots: readonly number[]
  private readonly gone = new Set<number>()
  private changes: SeatChange[] = []
  private overruns = 0

  constructor(parts: LoopParts) {
    const { game, setup, from } = parts
    this.parts = parts
    this.name = parts.name
    this.limits = { ...LOOP_LIMITS, ...parts.limits }
    this.stepMs = 1000 / game.tickHz
    this.state = from.state
    this.tick = from.tick
    const input = { held: HELD_INPUTS, due: DUE_INPUTS, aheadTicks: game.tickHz, lateTicks: game.tickHz }
    this.queues = setup.seats.map(() => new SeatInputs<unknown>(input))
    this.bots = setup.seats.filter(({ bot }) => bot).map(({ seat }) => seat)
  }

  /** From now on it steps; `phase` from 0 to 1 is where in the interval, so that many loops do not step at once. */
  begin(phase: number): void {
    this.dueMs = this.parts.monotonic.elapsedMs() + this.stepMs * (1 + phase)
  }

  /** It makes no step any more. */
  stop(): void {
    this.isOver = true
    this.dueMs = Number.POSITIVE_INFINITY
  }

  /** Null where the seat has left, or the game takes no such input. */
  input(seat: number, raw: unknown, sequence: number, tick: number | null): InputFate | null {
    if (this.isOver || this.gone.has(seat)) return null
    const input = this.parts.game.readInput(raw)
    return input === null ? null : (this.queues[seat]?.offer(input, sequence, tick, this.tick) ?? null)
  }

  /** Played in the next step. Once a seat has left, it stays so. */
  change(seat: number, change: SeatChange['change']): void {
    if (this.isOver || this.gone.has(seat)) return
    if (change === 'left') {
      this.gone.add(seat)
      this.queues[seat]?.clear()
    }
    this.changes.push({ seat, change })
  }

  /** It left before this loop began: the state knows. */
  leftBefore(seat: number): void {
    this.gone.add(seat)
  }

  get left(): readonly number[] {
    return [...this.gone]
  }

  hasLeft(seat: number): boolean {
    return this.gone.has(seat)
  }

  /** Sequence of the seat's newest input that was played. */
  played(seat: number): number {
    return this.queues[seat]?.played ?? 0
  }

  get droppedInputs(): number {
    return this.queues.reduce((sum, queue) => sum + queue.dropped, 0)
  }

  run(nowMs: number): void {
    const { mayRun, figures } = this.parts
    if (!mayRun()) {
      // The time that passes is nobody's: the match goes on where it was.
      figures.frozen()
      this.dueMs = nowMs + FROZEN_LOOK_MS
      return
    }
    for (let steps = 0; steps < this.limits.catchUpSteps && this.dueMs <= nowMs + 1 && !this.isOver; steps++) {
      figures.late(Math.max(0, nowMs - this.dueMs))
      this.dueMs += this.stepMs
      this.step()
    }
    const behind = Math.floor((nowMs - this.dueMs) / this.stepMs)
    if (behind <= this.limits.behindSteps) return
    figures.skipped(behind)
    this.dueMs = nowMs + this.stepMs
  }

  private step(): void {
    const { game, monotonic, figures, listener } = this.parts
    const startedMs = monotonic.elapsedMs()
    let outcome: GameOutcome | null
    let tookMs: number
    try {
      const frame = this.play()
      outcome = game.outcome(this.state)
      tookMs = monotonic.elapsedMs() - startedMs
      // The game is asked for its views as well.
      listener.stepped(frame)
    } catch (error) {
      return this.fail('threw', error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    figures.took(tookMs)
    if (outcome !== null) {
      this.stop()
      return listener.ended(outcome)
    }
    if (this.isTooSlow(tookMs)) return this.fail('overrun', `a step took ${Math.round(tookMs)} ms`)
    if (this.tick >= game.maxTicks) this.fail('no_outcome', `none after ${game.maxTicks} ticks`)
  }

  private play(): Frame {
    const { game } = this.parts
    const tick = this.tick + 1
    const inputs: SeatInput<unknown>[] = []
    for (const [seat, queue] of this.queues.entries()) {
      if (this.gone.has(seat)) continue
      const input = this.bots.includes(seat) ? game.bot(this.state, seat) : queue.take(tick)
      if (input !== null) inputs.push({ seat, input })
    }
    const changes = this.changes
    this.changes = []
    const events = game.step(this.state, inputs, changes)
    this.tick = tick
    return { tick, inputs, changes, events, state: this.state }
  }

  private isTooSlow(tookMs: number): boolean {
    const { stepBudgetMs, stepHardLimitMs, overrunsInARow } = this.limits
    this.overruns = tookMs > stepBudgetMs ? this.overruns + 1 : 0
    return tookMs > stepHardLimitMs || this.overruns >= overrunsInARow
  }

  private fail(why: 'threw' | 'overrun' | 'no_outcome', detail: string): void {
    this.stop()
    this.parts.listener.failed(why, detail)
  }
}
