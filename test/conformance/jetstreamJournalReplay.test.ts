// A replay over replicas that have not everything yet: what the leader said is there is given, once and in order.

import { expect } from 'chai'
import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import { type ReplaySource, replayStreams } from '../../server/nats/streamReplay.ts'

const PARTITION = 7

interface Replica {
  /** Positions in the stream, as the leader knows them. */
  readonly there: readonly Position[]
  /** What the replica that answers a direct read has, by the number of the read; an error is no answer. */
  readonly has: (read: number) => readonly Position[] | Error
}

interface Asked {
  direct: number
  leader: number
}

const batch = (position: Position): StoredBatch => ({
  partition: PARTITION,
  position,
  bytes: Buffer.from(`at ${position}`),
})

function source({ there, has }: Replica, asked: Asked, end = there.at(-1)): ReplaySource {
  const firstAt = (from: Position): StoredBatch | null => {
    asked.leader++
    const position = there.find((found) => found >= from)
    return position === undefined ? null : batch(position)
  }
  return {
    noProgressMs: 300,
    reads: {
      stream: () => 'LEET_X_J0',
      last: () => Promise.resolve(end === undefined ? null : batch(end)),
      next: (_partition, after) => Promise.resolve(firstAt(after + 1)),
      direct: (_partition, from) => {
        const found = has(asked.direct++)
        if (found instanceof Error) return Promise.reject(found)
        return Promise.resolve(
          found
            .filter((position) => position >= from)
            .slice(0, 2)
            .map(batch),
        )
      },
    },
  }
}

async function replayed(from: ReplaySource, position: Position): Promise<readonly Position[]> {
  const positions: Position[] = []
  for await (const group of replayStreams(from, new Map([[PARTITION, position]]))) {
    positions.push(...group.map((found) => found.position))
  }
  return positions
}

describe('replay over replicas', () => {
  const all = [3, 4, 9, 12, 20]
  const cases: readonly (readonly [string, Replica['has'], Position, readonly Position[]])[] = [
    ['that have everything', () => all, 0, all],
    ['that have everything, from the middle', () => all, 9, [9, 12, 20]],
    ['that have everything, from between two', () => all, 5, [9, 12, 20]],
    ['that have nothing', () => [], 0, all],
    ['that have the beginning', () => [3, 4], 0, all],
    ['of which one has all and one has not', (read) => (read % 2 === 0 ? all : [3]), 0, all],
    ['that have more by now than when the leader was asked', () => [...all, 21, 22], 12, [12, 20]],
    ['that fail at first', (read) => (read < 2 ? new Error('no answer') : all), 0, all],
    ['for the last batch alone', () => new Error('not asked'), 20, [20]],
    ['for what comes after the last', () => new Error('not asked'), 21, []],
  ]
  for (const [title, has, from, expected] of cases) {
    it(title, async () => {
      expect(await replayed(source({ there: all, has }, { direct: 0, leader: 0 }), from)).to.deep.equal(expected)
    })
  }

  it('asks the leader for nothing that a replica has', async () => {
    const asked = { direct: 0, leader: 0 }
    await replayed(source({ there: all, has: () => [3, 4, 9] }, asked), 0)
    expect(asked.leader).to.equal(2)
  })

  it('rejects where nobody answers, and names stream and partition', async () => {
    const failing = source({ there: all, has: () => new Error('no answer') }, { direct: 0, leader: 0 })
    const failure = await replayed(failing, 0).then(String, (error: unknown) => String(error))
    expect(failure).to.equal('Error: journal stream LEET_X_J0, partition 7: no answer')
  })

  it('rejects where the stream ends before what its leader said', async () => {
    const cut = source({ there: [3, 4], has: () => [3, 4] }, { direct: 0, leader: 0 }, 20)
    const failure = await replayed(cut, 0).then(String, (error: unknown) => String(error))
    expect(failure).to.match(/partition 7: it ends before its batch at 20$/)
  })
})
