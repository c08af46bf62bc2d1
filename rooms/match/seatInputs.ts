// What a seat has sent and the loop has not played yet. Bounded (A5): the oldest goes first, since what a player wants now
// is worth more than what they wanted before. One input is played in each tick.

export interface InputLimits {
  /** Inputs of one seat that wait for their tick. */
  readonly held: number
  /** Inputs whose tick is there, waiting for those before them: each is a tick of delay, so they are few. */
  readonly due: number
  /** How far ahead, and how late, an input may name its tick. */
  readonly aheadTicks: number
  readonly lateTicks: number
}

/** What became of an input: played at the tick named, at the next one, or not at all. */
export type InputFate = 'held' | 'late' | 'too_late' | 'too_early' | 'repeated'

interface Waiting<Input> {
  readonly sequence: number
  readonly tick: number
  readonly input: Input
}

export class SeatInputs<Input> {
  private readonly limits: InputLimits
  private waiting: Waiting<Input>[] = []
  private newestSequence = 0
  /** Sequence of the newest input that was played: what the client need not predict any more. */
  played = 0
  /** Pushed out by newer ones. */
  dropped = 0

  constructor(limits: InputLimits) {
    this.limits = limits
  }

  /** `tick`: when it is to be played; null: as soon as may be. `nowTick`: the last one played. */
  offer(input: Input, sequence: number, tick: number | null, nowTick: number): InputFate {
    if (sequence <= this.newestSequence) return 'repeated'
    const { aheadTicks, lateTicks, held } = this.limits
    const wanted = tick ?? nowTick + 1
    if (wanted > nowTick + aheadTicks) return 'too_early'
    if (wanted <= nowTick - lateTicks) return 'too_late'
    this.newestSequence = sequence
    this.waiting.push({ sequence, tick: wanted, input })
    if (this.waiting.length > held) this.drop(this.waiting.length - held)
    return wanted <= nowTick ? 'late' : 'held'
  }

  /** The input to play in this tick, or null. */
  take(tick: number): Input | null {
    const due = this.waiting.findIndex((one) => one.tick > tick)
    const count = due === -1 ? this.waiting.length : due
    if (count === 0) return null
    if (count > this.limits.due) this.drop(count - this.limits.due)
    const next = this.waiting.shift()
    if (next === undefined) return null
    this.played = next.sequence
    return next.input
  }

  clear(): void {
    this.waiting = []
  }

  private drop(count: number): void {
    this.waiting.splice(0, count)
    this.dropped += count
  }
}
