// A match on the process that owns its actor (C3): from the room's opening, through the loop, to its result. It asks the
// actor, and goes by what the actor's durable records say (A4); sockets are the room's business.

import { watchDelayMsOf } from '../../actors/match/minima.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { AnyGame, GameOutcome, GameSetup } from '../../shared/games/game.ts'
import type { UserId } from '../../shared/ids.ts'
import { CLOSE } from '../../shared/matchMessages.ts'
import { Addresses } from './addresses.ts'
import type { Ancestor } from './chunk.ts'
import type { LiveParts } from './liveParts.ts'
import { type Frame, type LoopListener, MatchLoop } from './loop.ts'
import type { Asked, MatchAsks } from './matchAsks.ts'
import { type Ending, hashOf, pause, writeRecording } from './matchEnd.ts'
import { type MatchOutlet, MatchPushes } from './matchPushes.ts'
import { type Begin, beginOf, openRecorder } from './matchStart.ts'
import { MatchWord } from './matchWord.ts'
import type { Recorder } from './recorder.ts'
import { Seats } from './seats.ts'

interface Playing {
  readonly loop: MatchLoop
  readonly recorder: Recorder
  readonly setup: GameSetup
  readonly lineage: readonly Ancestor[]
}

type Phase =
  | { readonly kind: 'waiting' | 'over' | 'left' }
  /** Null while nothing is written yet. */
  | { readonly kind: 'starting'; readonly recorder: Recorder | null }
  | ({ readonly kind: 'playing' | 'ending' } & Playing)

const BLOBS_AGAIN_MS = 500

export class LiveMatch implements LoopListener {
  readonly seats: Seats
  private readonly addresses = new Addresses()
  readonly game: AnyGame
  private readonly parts: LiveParts
  private phase: Phase = { kind: 'waiting' }
  private view: MatchView | null = null
  private readonly pushes: MatchPushes
  private readonly word: MatchWord
  private lingers = false

  constructor(parts: LiveParts) {
    const { users, scheduler, times } = parts
    this.parts = parts
    this.word = new MatchWord({ ...parts, isWanted: () => this.phase.kind !== 'left' })
    this.game = parts.game
    this.seats = new Seats({ users, scheduler, holdMs: times.holdMs, left: (seat) => this.leave(seat) })
    this.pushes = new MatchPushes(this.seats, parts.game)
  }

  get id(): string {
    return this.parts.match
  }

  /** The room is there. */
  attach(outlet: MatchOutlet): void {
    this.pushes.outlet = outlet
  }

  /** As the actor stands, by its durable records. */
  update(view: MatchView): void {
    if (this.phase.kind === 'left') return
    this.view = view
    for (const seat of this.seats.players) this.pushes.greet(seat, view)
    if (view.status === 'live') {
      if (this.phase.kind === 'waiting') this.start(view).catch(this.threw)
      const forfeits = view.seats.filter(({ forfeit }) => forfeit)
      if (this.phase.kind === 'playing') for (const { seat } of forfeits) this.phase.loop.change(seat, 'left')
    } else if (view.status !== 'ready') this.close()
  }

  connected(seat: number, address: string): void {
    this.addresses.note(seat, address)
    this.seats.connected(seat, this.parts.nowMs())
    if (this.view !== null) this.pushes.greet(seat, this.view)
    const user = this.seats.userOf(seat)
    if (this.view?.status === 'ready' && user !== null) void this.word.arrive(user)
    if (this.phase.kind === 'playing') this.phase.loop.change(seat, 'back')
  }

  disconnected(seat: number): void {
    this.seats.disconnected(seat)
    if (this.phase.kind === 'playing') this.phase.loop.change(seat, 'away')
  }

  /** False where it is no input of this game. */
  input(seat: number, raw: unknown, sequence: number, tick: number | null): boolean {
    this.seats.heard(seat, this.parts.nowMs())
    if (this.phase.kind !== 'playing' || this.phase.loop.hasLeft(seat)) return true
    return this.phase.loop.input(seat, raw, sequence, tick) !== null
  }

  /** Gave up, or did not come back: it is so in the game at once, and for its actor, which keeps the stake. */
  leave(seat: number): void {
    const { phase } = this
    if (phase.kind === 'playing') phase.loop.change(seat, 'left')
    // Whoever leaves when the game is over has played.
    const user = this.seats.userOf(seat)
    if (user !== null && (phase.kind === 'playing' || phase.kind === 'waiting')) void this.word.leave(user)
  }

  /** M6: all who are seated ask one actor, and so does the loop. A client's key is its own, and is none of theirs. */
  askFor(user: UserId, command: Parameters<MatchAsks['ask']>[1], key: string): Promise<Asked> {
    return this.parts.asks.ask(this.id, command, `${user} ${key}`)
  }

  get isPlaying(): boolean {
    return this.phase.kind === 'playing'
  }

  /** Another owner goes on: everything so far is written for it, and the players are sent there. */
  async handOver(): Promise<void> {
    const { phase } = this
    if (phase.kind === 'left') return
    this.phase = { kind: 'left' }
    this.seats.stop()
    if (phase.kind === 'playing' || phase.kind === 'ending') {
      this.halt(phase.loop)
      // First: a room that waits for Blobs would stand in the way of the next one of its name.
      this.pushes.outlet?.end(CLOSE.moved)
      if (phase.kind === 'playing') await phase.recorder.finish(phase.loop.state, false)
      return
    }
    // Nothing was played yet: the next owner begins where this one would have.
    if (phase.kind === 'starting') phase.recorder?.close()
    // Of one that is over they have been told, and there is no other room to go to.
    this.pushes.outlet?.end(phase.kind === 'over' ? CLOSE.over : CLOSE.moved)
  }

  /** What is not written is not written any more. */
  drop(): void {
    const { phase } = this
    this.phase = { kind: 'left' }
    this.seats.stop()
    if (phase.kind === 'starting') phase.recorder?.close()
    if (phase.kind !== 'playing' && phase.kind !== 'ending') return
    this.halt(phase.loop)
    phase.recorder.close()
  }

  stepped(frame: Frame): void {
    if (this.phase.kind !== 'playing') return
    const { recorder, loop } = this.phase
    recorder.add(frame)
    this.pushes.show(loop)
    if (frame.tick % this.game.tickHz === 0) this.releaseIdle()
  }

  ended(outcome: GameOutcome): void {
    if (this.phase.kind === 'playing') this.finish({ ...this.phase, kind: 'ending' }, outcome).catch(this.threw)
  }

  private readonly threw = (error: unknown): void => this.failed('threw', String(error))

  failed(why: string, detail: string): void {
    this.parts.alarm('match.aborted', { match: this.id, why, detail })
    const { phase } = this
    if (phase.kind === 'starting') phase.recorder?.close()
    if (phase.kind === 'playing') this.halt(phase.loop)
    void this.word.abort(why)
  }

  private async start(view: MatchView): Promise<void> {
    this.phase = { kind: 'starting', recorder: null }
    const begin = await this.readBegin(view)
    if (begin === null) return
    if (begin.kind === 'abort') return this.word.abort(begin.why)
    const recorder = openRecorder(this.parts, begin, view)
    this.phase = { kind: 'starting', recorder }
    // R1: no step before this is written, so that whoever finds no chunk knows that nothing was played.
    await recorder.start(begin.state)
    // Whoever ended it meanwhile has closed the recorder.
    if (this.isStill('starting') && begin.isResumed && !(await this.word.resume(begin.tick))) return recorder.close()
    if (!this.isStill('starting')) return
    const lineage: readonly Ancestor[] = begin.lineage
    const loop = this.makeLoop(begin)
    this.phase = { kind: 'playing', loop, recorder, setup: begin.setup, lineage }
    for (const seat of begin.gone) loop.leftBefore(seat)
    const before = this.game.outcome(begin.state)
    if (before !== null) return this.ended(before)
    for (const { seat, forfeit } of this.view?.seats ?? []) if (forfeit) loop.change(seat, 'left')
    for (const seat of this.seats.run()) loop.change(seat, 'away')
    this.parts.driver.add(loop)
    loop.begin(phaseOf(this.id))
    this.parts.driver.changed(loop.dueMs)
  }

  private async readBegin(view: MatchView): Promise<Begin | null> {
    while (this.phase.kind === 'starting') {
      try {
        return await beginOf(this.parts.blobs, this.game, view, this.parts.epoch)
      } catch (error) {
        this.parts.alarm('match.blobs_unreadable', { match: this.id, error: String(error) })
        await pause(this.parts.scheduler, BLOBS_AGAIN_MS)
      }
    }
    return null
  }

  private isStill(kind: Phase['kind']): boolean {
    return this.phase.kind === kind
  }

  private makeLoop({ setup, state, tick }: Extract<Begin, { kind: 'begin' }>): MatchLoop {
    const { driver, figures } = this.parts
    return new MatchLoop({
      ...{ name: this.id, game: this.game, setup, from: { state, tick }, listener: this, figures },
      monotonic: { elapsedMs: () => driver.nowMs },
      mayRun: () => this.parts.mayRun(),
    })
  }

  private async finish(phase: Extract<Phase, { kind: 'playing' | 'ending' }>, outcome: GameOutcome): Promise<void> {
    this.phase = phase
    this.halt(phase.loop)
    const { blobs, scheduler, epoch } = this.parts
    const { setup, loop } = phase
    const ending: Ending = {
      ...{ match: this.id, game: this.game, setup, outcome, state: loop.state, ticks: loop.tick },
      lineage: [...phase.lineage, [epoch, loop.tick]],
      watchDelayMs: this.view === null || this.view.spec === null ? 0 : watchDelayMsOf(this.view.spec),
      endedAtMs: this.parts.nowMs(),
    }
    const noRecording = (why: string): void => this.parts.alarm('recording.missing', { match: this.id, why })
    const recording = await writeRecording(ending, phase.recorder, blobs, scheduler, noRecording)
    const hints = this.addresses.flags(
      this.view?.spec?.seats.map(({ team }, seat) => ({ seat, team })) ?? [],
      loop.tick,
    )
    const flags = [...this.game.flags(loop.state), ...hints]
    const { left } = loop
    await this.word.finish({ kind: 'finish', outcome, hash: hashOf(ending), recording, flags, left })
  }

  /** The actor says it is over: by what was played here, or by somebody else's word. */
  private close(): void {
    const { phase } = this
    if (phase.kind === 'starting') phase.recorder?.close()
    if (phase.kind === 'playing') {
      this.halt(phase.loop)
      this.lastChunk(phase)
    }
    this.phase = { kind: 'over' }
    this.seats.stop()
    if (this.lingers) return
    this.lingers = true
    this.parts.scheduler.after(this.parts.times.lingerMs, () => {
      if (this.phase.kind === 'left') return
      this.phase = { kind: 'left' }
      this.pushes.outlet?.end(CLOSE.over)
      this.parts.ended()
    })
  }

  private releaseIdle(): void {
    const silent = this.seats.silentSince(this.parts.nowMs() - this.parts.times.idleMs)
    for (const seat of silent) this.pushes.outlet?.release(seat, CLOSE.idle)
  }

  /** Where the game itself is what is broken, there is none. */
  private lastChunk({ recorder, loop }: Playing): void {
    try {
      void recorder.finish(loop.state, true)
    } catch (error) {
      this.parts.alarm('match.no_last_chunk', { match: this.id, error: String(error) })
    }
  }

  private halt(loop: MatchLoop): void {
    loop.stop()
    this.parts.driver.remove(loop)
  }
}

/** From 0 to 1, spread over the interval by the match's name. */
function phaseOf(match: string): number {
  let hash = 7
  for (const letter of match) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0
  return (hash % 997) / 997
}
