// Who watches a match from another process reads its chunks: what they are shown when one of them never comes.

import { expect } from 'chai'
import { chunkName } from '../../rooms/match/chunk.ts'
import { ChunkBus } from '../../rooms/match/chunkBus.ts'
import { LoopDriver } from '../../rooms/match/loopDriver.ts'
import { Recorder } from '../../rooms/match/recorder.ts'
import { type Missing, WatchStream } from '../../rooms/match/watchStream.ts'
import { ManualTime } from '../support/manualTime.ts'
import { MemoryBlobs } from '../support/memoryBlobs.ts'
import { tinyGame, tinySetup } from '../support/tinyGame.ts'
import { until } from '../support/until.ts'

const START_MS = 1_700_000_000_000
const HZ = 20
const EPOCH = 3
const MATCH = 'm_test'
const game = tinyGame()

class Stage {
  readonly time = new ManualTime(START_MS)
  readonly blobs = new MemoryBlobs()
  readonly shown: number[] = []
  readonly missing: Missing[] = []
  isOver = false
  isPlayed = true
  private readonly setup = tinySetup(2)
  private readonly state = game.init(this.setup)
  private tick = 0
  private readonly recorder = new Recorder(
    {
      ...{ match: MATCH, epoch: EPOCH, game, setup: this.setup, lineage: [], blobs: this.blobs },
      ...{ scheduler: this.time, watchDelayMs: 0, nowMs: () => this.time.nowMs() },
      made: () => {},
      trouble: () => {},
    },
    0,
  )

  constructor() {
    const driver = new LoopDriver({ elapsedMs: () => this.time.nowMs() - START_MS }, this.time)
    new WatchStream({
      ...{ match: MATCH, delayMs: 0, blobs: this.blobs, chunks: new ChunkBus(), driver },
      nowMs: () => this.time.nowMs(),
      show: ({ t }) => this.shown.push(t),
      isPlayed: async () => this.isPlayed,
      missing: (part) => this.missing.push(part),
      over: () => {
        this.isOver = true
      },
      failed: (error) => {
        throw error
      },
    })
  }

  async begin(): Promise<void> {
    await this.recorder.start(this.state)
  }

  /** Of the match, as it is played; `damaged`: what becomes of each second's chunk as it is written. */
  async seconds(count: number, damaged: (name: string) => void = () => {}): Promise<void> {
    for (let second = 0; second < count; second++) {
      for (let step = 0; step < HZ; step++) {
        this.tick++
        game.step(this.state, [], [])
        this.recorder.add({ tick: this.tick, inputs: [], changes: [], events: [], state: this.state })
      }
      await this.recorder.written()
      damaged(chunkName(MATCH, EPOCH, this.tick / HZ))
      await this.time.advance(1_000)
    }
  }

  async end(): Promise<void> {
    await this.recorder.finish(this.state, true)
    await this.sees('the end', () => this.isOver)
  }

  /** Chunks are inflated on another thread, which takes its own time. */
  async sees(what: string, is: () => boolean): Promise<void> {
    await until(what, async () => {
      await this.time.advance(500)
      return is()
    })
  }
}

describe('watching', () => {
  it('shows what anybody may see, in order, to the end', async () => {
    const stage = new Stage()
    await stage.begin()
    await stage.seconds(5)
    await stage.end()
    expect(stage.shown).to.deep.equal(Array.from({ length: 50 }, (_, index) => 2 * (index + 1)))
    expect([stage.missing, stage.isOver]).to.deep.equal([[], true])
  })

  for (const [what, damage] of [
    ['is removed', (stage: Stage, name: string) => void stage.blobs.all.delete(name)],
    ['is damaged', (stage: Stage, name: string) => void stage.blobs.all.set(name, new Uint8Array([1, 2, 3]))],
  ] as const) {
    it(`goes on after a chunk that ${what}, and says what is missing`, async () => {
      const stage = new Stage()
      await stage.begin()
      await stage.seconds(3)
      await stage.seconds(1, (name) => damage(stage, name))
      expect(stage.shown.at(-1)).to.be.lessThan(4 * HZ)
      // Those after it are there; it is waited for, but not for ever.
      await stage.seconds(12)
      await stage.sees('what comes after it', () => (stage.shown.at(-1) ?? 0) > 10 * HZ)
      expect(stage.missing).to.deep.equal([{ from: 3 * HZ, to: 4 * HZ }])
      expect(stage.shown.some((tick) => tick > 3 * HZ && tick <= 4 * HZ)).to.equal(false)
      expect(stage.shown).to.deep.equal([...stage.shown].sort((a, b) => a - b))
      await stage.end()
      expect([stage.shown.at(-1), stage.isOver]).to.deep.equal([16 * HZ, true])
    })
  }

  it('ends also where the last chunk is what is missing', async () => {
    const stage = new Stage()
    await stage.begin()
    await stage.seconds(3)
    await stage.time.advance(60_000)
    expect(stage.isOver, 'it may go on').to.equal(false)
    stage.isPlayed = false
    await stage.sees('the end', () => stage.isOver)
    expect(stage.shown.at(-1)).to.equal(3 * HZ)
  })

  it('waits for one that is late where none has overtaken it', async () => {
    const stage = new Stage()
    await stage.begin()
    await stage.seconds(3)
    await stage.time.advance(60_000)
    await stage.seconds(3)
    await stage.end()
    expect(stage.missing).to.deep.equal([])
    expect(stage.shown).to.have.length(60)
  })
})
