// A live match that another owner takes over: its players are let go of at once, whatever Blobs do, so that the room can be
// opened again under the same name. Nothing of it is written here any more, and how it ended is told wherever they come back.

import { expect } from 'chai'
import { EndedDesk } from '../../rooms/match/endedDesk.ts'
import { CLOSE } from '../../shared/matchMessages.ts'
import { LiveMatchBench } from '../support/liveMatchBench.ts'
import { userAt } from '../support/matchBench.ts'
import { tinyGame } from '../support/tinyGame.ts'

const playing = (): Promise<LiveMatchBench> => new LiveMatchBench().playing()

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
    const bench = await playing()
    bench.match.leave(0)
    await bench.time.advance(10)
    expect(bench.kinds[0]).to.equal('leave')
  })
})

describe('a match that had not begun to be played', () => {
  const leaving: readonly (readonly [string, (bench: LiveMatchBench) => unknown])[] = [
    ['is handed over', ({ match }) => match.handOver()],
    ['is dropped', ({ match }) => match.drop()],
    [
      'is over by another word',
      (bench) => {
        bench.actor.must({ kind: 'abort', reason: 'staff' })
        bench.update()
      },
    ],
  ]
  for (const [what, leave] of leaving) {
    it(`writes nothing any more once it ${what}`, async () => {
      const bench = new LiveMatchBench()
      bench.blobs.isAway = true
      // Found to be unwritten, and then away: its first chunk is tried again and again.
      bench.blobs.list = async () => []
      bench.update()
      await bench.reaches('its first chunk is tried', () => bench.alarms.includes('recording.retried'))
      await leave(bench)
      const before = bench.alarms.length
      bench.blobs.isAway = false
      await bench.time.advance(5_000)
      expect([bench.alarms.length, bench.blobs.all.size, bench.match.isPlaying]).to.deep.equal([before, 0, false])
      expect(bench.kinds).to.deep.equal([])
    })
  }
})

describe('a match that is over', () => {
  async function ended(): Promise<LiveMatchBench> {
    const bench = await playing()
    bench.actor.must(bench.actor.finish([1, 2]))
    return bench
  }

  it('is not played on elsewhere: its players are told that it is over, and not to come back', async () => {
    const bench = await ended()
    bench.update()
    expect(bench.told.filter(([type]) => type === 'result')).to.have.length(2)
    await bench.match.handOver()
    expect(bench.ends).to.deep.equal([CLOSE.over])
  })

  it('players who come back hear how it ended, wherever they come, for a while', async () => {
    const bench = await ended()
    await bench.match.handOver()
    expect(
      bench.told.some(([type]) => type === 'result'),
      'it was gone before they were told',
    ).to.equal(false)
    const opened: string[] = []
    const desk: EndedDesk = new EndedDesk({
      ...bench.surroundings,
      gameOf: () => tinyGame(),
      newRoomId: () => `e_${opened.length + 1}`,
      openRoom: async (roomId) => {
        opened.push(roomId)
        const room = desk.take(roomId)
        if (room !== null) bench.seat(room)
      },
    })
    expect(await desk.roomOf('m_1', userAt(9)), 'who has not played').to.equal('not_found')
    expect(opened).to.deep.equal([])
    const rooms = await Promise.all([desk.roomOf('m_1', userAt(0)), desk.roomOf('m_1', userAt(1))])
    expect(rooms).to.deep.equal([{ roomId: 'e_1' }, { roomId: 'e_1' }])
    expect(opened).to.deep.equal(['e_1'])
    expect(bench.told.filter(([type]) => type === 'result')).to.deep.equal([
      ['result', 0],
      ['result', 1],
    ])
    await bench.time.advance(60_000)
    expect([bench.ends.at(-1), desk.take('e_1')]).to.deep.equal([CLOSE.over, null])
    expect(bench.kinds, 'nothing is asked of its actor').to.deep.equal([])
    bench.time.jump(bench.view.sinceMs + 60 * 60_000 - bench.time.nowMs())
    expect(await desk.roomOf('m_1', userAt(0)), 'long ago').to.equal('not_found')
  })

  it('while it is played there is no such room', async () => {
    const bench = await playing()
    const desk = new EndedDesk({
      ...bench.surroundings,
      gameOf: () => tinyGame(),
      newRoomId: () => 'e_1',
      openRoom: () => Promise.reject(new Error('not to be opened')),
    })
    expect(await desk.roomOf('m_1', userAt(0))).to.equal('not_found')
  })
})
