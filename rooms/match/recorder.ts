// Writes what a loop plays to Blobs, in chunks of about a second, one after the other. Blobs that are slow or away do not
// hold the match up: chunks wait, a bounded number of them, and beyond that the oldest is given up and counted, which
// leaves the recording with a hole and the match without a result that can be replayed.

import type { Scheduler } from '../../actors/runtime/ports.ts'
import type { AnyGame, GameSetup } from '../../shared/games/game.ts'
import type { Blobs } from '../blobs.ts'
import {
  type Ancestor,
  CHUNK_FORMAT,
  type Chunk,
  chunkName,
  encodeChunk,
  type Segment,
  type StoredView,
  storeEvent,
} from './chunk.ts'
import type { Frame } from './loop.ts'

/** Chunks that wait for Blobs, about as many seconds. */
const MAX_WAITING = 60
/** Every so many chunks the whole state is in one. */
const CHECKPOINT_EVERY = 5
/** Views a second, at most: who watches does not play. */
const VIEWS_HZ = 10
const AGAIN_MS = 500

export interface RecorderParts {
  readonly match: string
  readonly epoch: number
  readonly game: AnyGame
  readonly setup: GameSetup
  readonly lineage: readonly Ancestor[]
  readonly watchDelayMs: number
  readonly blobs: Blobs
  readonly scheduler: Scheduler
  nowMs(): number
  /** Each chunk as it is made, for who watches in this process. */
  made(chunk: Chunk): void
  /** Could not be written (yet), or was given up. */
  trouble(what: 'retried' | 'given_up', detail: string): void
}

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] }

interface Waiting {
  readonly name: string
  readonly bytes: Promise<Uint8Array>
  readonly ticks: string
}

export class Recorder {
  /** Every chunk made so far is written, or will be: the recording has no hole. */
  isWhole = true
  private readonly parts: RecorderParts
  private readonly viewEvery: number
  private segment: Writable<Segment>
  private views: StoredView[] = []
  private readonly gone: Set<number>
  private number = 0
  private readonly waiting: Waiting[] = []
  private isWriting = false
  private isClosed = false
  private idle: (() => void)[] = []

  /** `tick`, `gone`: where this recorder takes the match up, and who had left by then. */
  constructor(parts: RecorderParts, tick: number, gone: readonly number[] = []) {
    this.gone = new Set(gone)
    this.parts = parts
    this.viewEvery = Math.max(1, Math.ceil(parts.game.tickHz / VIEWS_HZ))
    this.segment = { from: tick, to: tick, inputs: [], changes: [], events: [] }
  }

  /** The first chunk: nothing but the state that this epoch begins with. Resolves once it is written. */
  start(state: unknown): Promise<void> {
    this.seal(state, false, true)
    return this.written()
  }

  add(frame: Frame): void {
    const { tick, inputs, changes, events, state } = frame
    const { game } = this.parts
    const { segment } = this
    segment.to = tick
    for (const { seat, input } of inputs) segment.inputs.push([tick, seat, game.writeInput(input)])
    for (const { seat, change } of changes) {
      segment.changes.push([tick, seat, change])
      if (change === 'left') this.gone.add(seat)
    }
    for (const event of events) segment.events.push(storeEvent(tick, event))
    if (tick % this.viewEvery === 0) this.views.push([tick, game.view(state, { kind: 'public' })])
    if (tick - segment.from >= game.tickHz) this.seal(state, false, this.number % CHECKPOINT_EVERY === 0)
  }

  /** What is there becomes a chunk at once, with the state: another owner goes on from here, or nobody. */
  finish(state: unknown, isLast: boolean): Promise<void> {
    if (this.segment.to > this.segment.from || isLast) this.seal(state, isLast, true)
    return this.written()
  }

  /** Nothing is tried again: what waits is lost with this process. */
  close(): void {
    this.isClosed = true
    this.waiting.length = 0
    this.wake()
  }

  /** Resolves once nothing waits. */
  written(): Promise<void> {
    if (this.waiting.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.idle.push(resolve))
  }

  private seal(state: unknown, isLast: boolean, withState: boolean): void {
    const { match, epoch, game, setup, lineage, watchDelayMs } = this.parts
    const { segment } = this
    const { from, to } = segment
    if (isLast && this.views.at(-1)?.[0] !== to) this.views.push([to, game.view(state, { kind: 'public' })])
    const chunk: Chunk = {
      head: {
        ...{ v: CHUNK_FORMAT, match, game: game.id, version: game.version, hz: game.tickHz, setup },
        ...{ epoch, number: this.number, lineage, from, to, gone: [...this.gone] },
        ...{ atMs: this.parts.nowMs(), watchDelayMs, isLast },
      },
      segment,
      views: this.views,
      checkpoint: withState ? game.serialise(state) : null,
    }
    this.number++
    this.segment = { from: to, to, inputs: [], changes: [], events: [] }
    this.views = []
    this.parts.made(chunk)
    // Encoded now: what waits is small then, and does not change any more.
    const bytes = encodeChunk(chunk)
    bytes.catch(() => {})
    this.waiting.push({ name: chunkName(match, epoch, chunk.head.number), bytes, ticks: `${from} to ${to}` })
    if (this.waiting.length > MAX_WAITING) this.giveUp()
    if (!this.isWriting) void this.write()
  }

  private giveUp(): void {
    // The one in front is on its way already.
    const [lost] = this.waiting.splice(1, 1)
    this.isWhole = false
    this.parts.trouble('given_up', `ticks ${lost?.ticks}`)
  }

  private async write(): Promise<void> {
    this.isWriting = true
    for (let next = this.waiting[0]; next !== undefined && !this.isClosed; next = this.waiting[0]) {
      try {
        await this.parts.blobs.put(next.name, await next.bytes)
        if (this.waiting[0] === next) this.waiting.shift()
      } catch (error) {
        this.parts.trouble('retried', String(error))
        await new Promise<void>((resolve) => this.parts.scheduler.after(AGAIN_MS, resolve))
      }
    }
    this.isWriting = false
    this.wake()
  }

  private wake(): void {
    const idle = this.idle
    this.idle = []
    for (const resolve of idle) resolve()
  }
}
