// A live match that another owner takes over: its players are let go of at once, whatever Blobs do, so that the room can be
// opened again under the same name.

import { expect } from 'chai'
import { ChunkBus } from '../../rooms/match/chunkBus.ts'
import { LiveMatch } from '../../rooms/match/liveMatch.ts'
import { LoopDriver } from '../../rooms/match/loopDriver.ts'
import { CLOSE } from '../../shared/matchMessages.ts'
import { ManualTime } from '../support/manualTime.ts'
import { MatchBench, userAt } from '../support/matchBench.ts'
import { MemoryBlobs } from '../support/memoryBlobs.ts'
import { tinyGame } from '../support/tinyGame.ts'
import { until } from '../support/until.ts'

const START_MS = 1_700_000_000_000

function live() {
  const time = new ManualTime(START_MS)
  const blobs = new MemoryBlobs()
  const ends: number[] = []
  const asked: string[] = []
  const view = new MatchBench().live({ teams: [0, 1] }).view
  const match = new LiveMatch({
    ...{ match: view.id, game: tinyGame(), epoch: 1, users: [userAt(0), userAt(1)], blobs, scheduler: time },
    driver: new LoopDriver({ elapsedMs: () => time.nowMs() - START_MS }, time),
    chunks: new ChunkBus(),
    figures: { late() {}, took() {}, frozen() {}, skipped() {} },
    times: { holdMs: 60_000, idleMs: 180_000, lingerMs: 60_000 },
    nowMs: () => time.nowMs(),
    alarm: () => {},
    mayRun: () => true,
    ended: () => {},
    asks: {
      view: () => Promise.resolve(view),
      ask: (_match, { kind }) => {
        asked.push(kind)
        return Promise.resolve({ kind: 'done' })
      },
    },
  })
  match.attach({ tell() {}, release() {}, end: (code) => ends.push(code) })
  match.connected(0, '')
  match.connected(1, '')
  return { time, blobs, ends, asked, view, match }
}

async function playing() {
  const bench = live()
  bench.match.update(bench.view)
  // The first chunk is compressed on another thread, which takes its own time.
  await until('it is played', async () => {
    await bench.time.advance(10)
    return bench.match.isPlaying
  })
  return bench
}

describe('a live match that is handed over', () => {
  it('lets its players go, also where what was played cannot be written yet', async () => {
    const { match, blobs, ends, time } = await playing()
    blobs.isAway = true
    await time.advance(200)
    void match.handOver()
    expect(ends).to.deep.equal([CLOSE.moved])
  })

  it('asks nothing of the actor any more', async () => {
    const { match, asked, time } = await playing()
    void match.handOver()
    match.leave(0)
    await time.advance(1_000)
    expect(asked).to.deep.equal([])
  })

  it('who gives up while it is played forfeits to its actor', async () => {
    const { match, asked, time } = await playing()
    match.leave(0)
    await time.advance(10)
    expect(asked[0]).to.equal('leave')
  })
})
