// What of a match is shown to who watches it: the public views out of its chunks, late by the match's delay and at the
// pace of play. From the loop's own process chunks come as they are made, from another they are read from Blobs.

import type { Blobs } from '../blobs.ts'
import { type Chunk, chunkName, readChunkName } from './chunk.ts'
import type { ChunkBus } from './chunkBus.ts'
import type { LoopDriver, Paced } from './loopDriver.ts'
import { readChunk } from './resume.ts'

/** A view is in a chunk of about a second, which has to be written and read before it can be shown. */
const LEAST_DELAY_MS = 1_500
/** How often Blobs are asked for the next chunk where none comes by itself; and for another owner's. */
const POLL_MS = 500
const OTHER_EPOCH_EVERY = 6
/**
 * How long one that others of its epoch have overtaken is waited for. They are written in order: what is not there then was
 * given up, or lost, and only a store that lists what it does not give yet has it still.
 */
const HOLE_MS = 3_000
/** Where nothing came for so long the last one may be what is missing: the match is asked whether it goes on at all. */
const QUIET_MS = 15_000
/** Views that wait: a delay of five minutes at ten a second, and some (A5). */
const MAX_WAITING = 4_000

export interface WatchedView {
  readonly t: number
  readonly v: unknown
}

/** Steps that nobody who watches was shown. */
export interface Missing {
  readonly from: number
  readonly to: number
}

export interface WatchParts {
  readonly match: string
  readonly delayMs: number
  readonly blobs: Blobs
  readonly chunks: ChunkBus
  readonly driver: LoopDriver
  nowMs(): number
  show(view: WatchedView): void
  missing(part: Missing): void
  /** Also where nobody can say. */
  isPlayed(): Promise<boolean>
  over(): void
  failed(error: unknown): void
}

type Waiting = { readonly showAtMs: number } & (
  | { readonly kind: 'view'; readonly view: WatchedView }
  | { readonly kind: 'missing'; readonly part: Missing }
)

export class WatchStream implements Paced {
  readonly name: string
  dueMs: number
  private readonly parts: WatchParts
  private readonly waiting: Waiting[] = []
  private readonly unfollow: () => void
  private epoch = -1
  private nextNumber = 0
  /** The newest tick that is shown or waits. */
  private newest = -1
  /** The last step of the newest chunk; -1 before the first. */
  private until = -1
  /** Since when chunks are there that come after the one that is next. */
  private holeSinceMs: number | null = null
  private polls = 0
  private isPolling = false
  private pollAtMs = 0
  private lastAtMs: number | null = null
  private tookAtMs: number
  private isClosed = false

  constructor(parts: WatchParts) {
    this.parts = parts
    this.name = `watch ${parts.match}`
    this.dueMs = parts.driver.nowMs
    this.tookAtMs = this.dueMs
    this.unfollow = parts.chunks.follow(parts.match, (chunk) => this.take(chunk))
    parts.driver.add(this)
  }

  close(): void {
    this.isClosed = true
    this.unfollow()
    this.parts.driver.remove(this)
  }

  run(driverMs: number): void {
    const nowMs = this.parts.nowMs()
    for (let next = this.waiting[0]; next !== undefined && next.showAtMs <= nowMs; next = this.waiting[0]) {
      this.waiting.shift()
      if (next.kind === 'view') this.parts.show(next.view)
      else this.parts.missing(next.part)
    }
    if (this.lastAtMs !== null && this.waiting.length === 0 && nowMs >= this.lastAtMs) {
      this.close()
      return this.parts.over()
    }
    if (driverMs >= this.pollAtMs) this.poll(driverMs)
    const showInMs = (this.waiting[0]?.showAtMs ?? Number.POSITIVE_INFINITY) - nowMs
    this.dueMs = driverMs + Math.max(1, Math.min(showInMs, POLL_MS))
  }

  private poll(driverMs: number): void {
    this.pollAtMs = driverMs + POLL_MS
    if (this.isPolling || this.lastAtMs !== null) return
    this.isPolling = true
    const looksAtAll = this.epoch === -1 || this.polls++ % OTHER_EPOCH_EVERY === 0
    const read = looksAtAll ? this.find() : this.readOn()
    read
      .catch((error: unknown) => this.parts.failed(error))
      .finally(() => {
        this.isPolling = false
      })
  }

  /** The newest epoch, and where in it what is to be shown begins. */
  private async find(): Promise<void> {
    const names = (await this.parts.blobs.list(`matches/${this.parts.match}/`)).flatMap((name) => {
      const read = readChunkName(name)
      return read === null ? [] : [read]
    })
    const last = names.at(-1)
    if (last === undefined) return this.endIfOver()
    if (last.epoch > this.epoch) {
      // About a chunk a second, and some before, since not every second is one.
      const back = this.epoch === -1 ? Math.ceil(Math.max(this.parts.delayMs, LEAST_DELAY_MS) / 1_000) + 2 : last.number
      this.epoch = last.epoch
      this.nextNumber = Math.max(0, last.number - back)
    }
    await this.readOn()
    await this.leap(names.flatMap(({ epoch, number }) => (epoch === this.epoch ? [number] : [])))
    await this.endIfOver()
  }

  /** It may have ended without a last chunk: called off, or the chunk was given up. */
  private async endIfOver(): Promise<void> {
    const { driver, isPlayed, nowMs } = this.parts
    if (driver.nowMs - this.tookAtMs < QUIET_MS || (await isPlayed())) return
    this.lastAtMs ??= nowMs()
  }

  /** `numbers`: of this epoch's chunks. Past one that does not come, to the next that does, after a while. */
  private async leap(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      if (number <= this.nextNumber) continue
      const nowMs = this.parts.driver.nowMs
      this.holeSinceMs ??= nowMs
      if (nowMs - this.holeSinceMs < HOLE_MS) return
      this.nextNumber = number
      await this.readOn()
    }
  }

  private async readOn(): Promise<void> {
    const { blobs, match } = this.parts
    while (!this.isClosed) {
      const [epoch, number] = [this.epoch, this.nextNumber]
      const chunk = await readChunk(blobs, chunkName(match, epoch, number))
      if (chunk === null) return
      this.take(chunk)
      if (this.epoch !== epoch || this.nextNumber === number) return
    }
  }

  private take({ head, views }: Chunk): void {
    if (this.isClosed || head.epoch < this.epoch || (head.epoch === this.epoch && head.number < this.nextNumber)) return
    this.epoch = head.epoch
    this.nextNumber = head.number + 1
    this.holeSinceMs = null
    this.tookAtMs = this.parts.driver.nowMs
    const stepMs = 1_000 / head.hz
    const delayMs = Math.max(this.parts.delayMs, LEAST_DELAY_MS)
    if (this.until >= 0 && head.from > this.until) {
      const part = { from: this.until, to: head.from }
      this.waiting.push({ kind: 'missing', part, showAtMs: head.atMs - (head.to - head.from) * stepMs + delayMs })
    }
    this.until = head.to
    for (const [t, v] of views) {
      // Shown already, by an owner whose last steps were not kept.
      if (t <= this.newest) continue
      this.newest = t
      const showAtMs = head.atMs - (head.to - t) * stepMs + delayMs
      this.waiting.push({ kind: 'view', view: { t, v }, showAtMs })
    }
    if (this.waiting.length > MAX_WAITING) this.waiting.splice(0, this.waiting.length - MAX_WAITING)
    if (head.isLast) this.lastAtMs = head.atMs + delayMs
  }
}
