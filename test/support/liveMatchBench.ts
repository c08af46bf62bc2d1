// A live match on the bench: its own time, blobs and driver, an actor that answers what the test says, and a room that
// remembers what it was told.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { MatchView } from '../../actors/match/views.ts'
import { ChunkBus } from '../../rooms/match/chunkBus.ts'
import { LiveMatch } from '../../rooms/match/liveMatch.ts'
import type { MatchSurroundings } from '../../rooms/match/liveParts.ts'
import { LoopDriver } from '../../rooms/match/loopDriver.ts'
import type { Asked } from '../../rooms/match/matchAsks.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import { ManualTime } from './manualTime.ts'
import { MatchBench, userAt } from './matchBench.ts'
import { MemoryBlobs } from './memoryBlobs.ts'
import { tinyGame } from './tinyGame.ts'
import { until } from './until.ts'

const START_MS = 1_700_000_000_000
const TIMES = { holdMs: 60_000, idleMs: 180_000, lingerMs: 60_000 }

export class LiveMatchBench {
  readonly time = new ManualTime(START_MS)
  readonly blobs = new MemoryBlobs()
  readonly actor = new MatchBench().live({ teams: [0, 1] })
  readonly ends: number[] = []
  /** Type of each push, and the seat it went to. */
  readonly told: (readonly [type: string, seat: number])[] = []
  readonly asked: MatchCommand[] = []
  readonly alarms: string[] = []
  readonly surroundings: MatchSurroundings
  readonly match: LiveMatch
  /** What the actor says to a command. */
  answer: (command: MatchCommand) => Asked = () => ({ kind: 'done' })

  constructor(game: AnyGame = tinyGame()) {
    const { time, blobs } = this
    this.surroundings = {
      ...{ blobs, scheduler: time, chunks: new ChunkBus(), times: TIMES },
      driver: new LoopDriver({ elapsedMs: () => time.nowMs() - START_MS }, time),
      figures: { late() {}, took() {}, frozen() {}, skipped() {} },
      nowMs: () => time.nowMs(),
      alarm: (event) => this.alarms.push(event),
      asks: {
        view: () => Promise.resolve(this.view),
        ask: (_match, command) => {
          this.asked.push(command)
          return Promise.resolve(this.answer(command))
        },
      },
    }
    this.match = new LiveMatch({
      ...this.surroundings,
      ...{ match: this.view.id, game, epoch: 1, users: [userAt(0), userAt(1)] },
      ...{ mayRun: () => true, ended: () => {} },
    })
    this.seat(this.match)
  }

  get view(): MatchView {
    return this.actor.view
  }

  get kinds(): readonly string[] {
    return this.asked.map(({ kind }) => kind)
  }

  /** Its room is there, with both players in it. */
  seat(match: LiveMatch): void {
    match.attach({
      tell: (seat, type) => this.told.push([type, seat]),
      release() {},
      end: (code) => this.ends.push(code),
    })
    match.connected(0, '')
    match.connected(1, '')
  }

  /** As the actor stands now. */
  update(): void {
    this.match.update(this.view)
  }

  async playing(): Promise<this> {
    this.update()
    await this.reaches('it is played', () => this.match.isPlaying)
    return this
  }

  /** Chunks are compressed on another thread, which takes its own time. */
  async reaches(what: string, is: () => boolean): Promise<void> {
    await until(what, async () => {
      await this.time.advance(10)
      return is()
    })
  }
}
