// What a game is to this server: a pure, deterministic machine from a seed and inputs to an outcome. The loop in rooms/match
// steps it, records what went in, and shows each viewer what they may see. Nothing here knows of money, sockets or clocks.

export type GameJson = null | boolean | number | string | readonly GameJson[] | { readonly [key: string]: GameJson }

/** `2v2`: two teams of two. Where everybody plays alone it only says how many play. */
export type TeamFormat = '1v1' | '2v2' | '3v3' | '4v4' | '5v5'

/** Seats are numbered from 0; those of one team share a result. */
export interface GameSeat {
  readonly seat: number
  readonly team: number
  /** Played by the game's own `bot`. */
  readonly bot: boolean
}

export interface GameSetup {
  /** Everything random in the match comes from this. */
  readonly seed: string
  readonly mode: string
  readonly map: string | null
  readonly seats: readonly GameSeat[]
}

export interface SeatInput<Input> {
  readonly seat: number
  readonly input: Input
}

/** `left`: gave up, or did not come back in time. The loop makes these; a game decides what they mean. */
export interface SeatChange {
  readonly seat: number
  readonly change: 'left' | 'away' | 'back'
}

/** `public` is what anybody may see, also of what is hidden from seats until it is over. */
export type Viewer = { readonly kind: 'seat'; readonly seat: number } | { readonly kind: 'public' }

export interface SeatResult {
  readonly seat: number
  /** From 1; equal for those who share it, who are then followed by the place after them all. */
  readonly position: number
  readonly score: number
}

export interface GameOutcome {
  /** One for each seat. All at position 1: a draw. */
  readonly results: readonly SeatResult[]
  /** A seat, where the game names one. */
  readonly mvp: number | null
}

/**
 * Something that happened in a step, for scoreboards, trajectories and heat maps. Positions are in the game's own units.
 * What games call alike is counted alike: `shot`, `hit` (of `target`, `value` the damage), `kill` (of `target`), `assist`,
 * `point` (`value` how many). Any other kind is only listed.
 */
export interface GameEvent {
  readonly kind: string
  readonly seat: number | null
  readonly target: number | null
  readonly x: number | null
  readonly y: number | null
  readonly value: number | null
}

/** A remark of a game about how a seat played: what no hand can do. Flags hold the payout for review. */
export interface GameFlag {
  readonly seat: number
  readonly rule: string
  readonly tick: number
}

export interface SeatPosition {
  readonly seat: number
  readonly x: number
  readonly y: number
}

/** Where a game is played, if it is played somewhere. */
export interface GameField {
  readonly width: number
  readonly height: number
  /** Of those who are in it, out of what `view` shows the public. */
  positions(publicView: GameJson): readonly SeatPosition[]
}

export interface Game<State, Input> {
  readonly id: string
  /** Part of every recording: a change of rules is a new version, and old recordings say which they need. */
  readonly version: number
  /** Steps a second: 1 to 60. */
  readonly tickHz: number
  /** The longest a match may last, in ticks; `outcome` has to answer by then. */
  readonly maxTicks: number
  readonly modes: readonly string[]
  readonly maps: readonly string[]
  readonly minSeats: number
  readonly maxSeats: number
  /** What a mode is played in; one that is not named here takes every format the game has seats for. */
  readonly formats?: Readonly<Record<string, readonly TeamFormat[]>>
  /** Modes in which every seat is a team of its own. */
  readonly alone?: readonly string[]
  init(setup: GameSetup): State
  /** Checks what a client sent; null where it is no input of this game. Never throws. */
  readInput(raw: unknown): Input | null
  /** An input as the recording keeps it: `readInput` takes it back. */
  writeInput(input: Input): GameJson
  /** One tick, in place. At most one input for each seat, in order of seats; what a seat sent before goes on where it says nothing. */
  step(state: State, inputs: readonly SeatInput<Input>[], changes: readonly SeatChange[]): readonly GameEvent[]
  /** What this viewer may know, small enough for every tick. */
  view(state: State, viewer: Viewer): GameJson
  /** Null while it goes on. Does not change once it is there. */
  outcome(state: State): GameOutcome | null
  /** The whole state, canonical: equal states give equal bytes. */
  serialise(state: State): Uint8Array
  restore(setup: GameSetup, bytes: Uint8Array): State
  flags(state: State): readonly GameFlag[]
  /** What a bot does now, by what its seat may see and by nothing else; null for nothing new. */
  bot(state: State, seat: number): Input | null
  /** For trajectories and heat maps; a game without one has neither. */
  field?(map: string | null): GameField
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds games of different states; each is used only with itself
export type AnyGame = Game<any, any>
