// Answers that are sent while they are made, over both transports in this process: whole to the byte, no faster than the
// client takes them, and over at once where it leaves, takes nothing, or the server ends.

import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { STALL_MS } from '../../server/http/bodyStream.ts'
import { CountedSource, SlowClient, type StreamBench, streamBench } from '../support/streamBench.ts'
import { until } from '../support/until.ts'

const MB = 1024 * 1024
const PIECE = 64 * 1024
/** What kernel and transport may hold of a stream: the buffers of a loopback connection grow to some ten megabytes. */
const HELD_MOST = 20 * MB
const LAST_CHUNK = '\r\n0\r\n\r\n'

/** Pieces of these sizes by turns, of bytes that tell their place. */
function* pieces(total: number, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < total; turn++) {
    const size = Math.min(sizes[turn % sizes.length] ?? 1, total - at)
    const piece = new Uint8Array(size)
    for (let index = 0; index < size; index++) piece[index] = ((at + index) * 2_654_435_761) >>> 24
    yield piece
    at += size
  }
}

function sha256(chunks: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

for (const choice of ['uws', 'ws'] as const) {
  describe(`streamed answers over ${choice}`, () => {
    let bench: StreamBench
    beforeEach(async () => {
      bench = await streamBench(choice)
    })
    afterEach(() => bench.close())

    const opened = (source: CountedSource): SlowClient => {
      bench.source = source
      return new SlowClient(bench.url, '/stream')
    }
    const endless = (): CountedSource => new CountedSource(pieces(1024 * MB, [PIECE]))
    /** The stream waits for its client, and has done so for many turns of the loop. */
    const stalled = async (source: CountedSource): Promise<void> => {
      let [before, still] = [-1, 0]
      await until('the client is full', async () => {
        for (let turns = 0; turns < 50; turns++) await turn()
        still = source.takenBytes === before && bench.timers.pending(STALL_MS) === 1 ? still + 1 : 0
        before = source.takenBytes
        return still === 5
      })
    }
    const over = (source: CountedSource): Promise<true> =>
      until('the stream is over', () => source.isClosed && bench.transport.httpInFlight === 0)

    for (const [what, sizes] of [
      ['even pieces', [PIECE]],
      ['pieces of every size', [1, 70_000, 3, 300_000, 16_384, 20_480, 20_481]],
    ] as const)
      it(`arrive whole: ${what}`, async () => {
        const total = 24 * MB + 7
        const source = new CountedSource(pieces(total, sizes))
        bench.source = source
        const response = await fetch(`${bench.url}/stream`)
        expect(response.headers.get('content-disposition')).to.equal('attachment; filename="x.bin"')
        const body = new Uint8Array(await response.arrayBuffer())
        expect(body.byteLength).to.equal(total)
        expect(sha256([body])).to.equal(sha256(pieces(total, [MB])))
        await over(source)
        expect(bench.timers.pending(STALL_MS)).to.equal(0)
      })

    it('may be empty, and the connection goes on', async () => {
      for (const total of [0, 5, 0]) {
        bench.source = new CountedSource(pieces(total, [PIECE]))
        const response = await fetch(`${bench.url}/stream`)
        expect((await response.arrayBuffer()).byteLength).to.equal(total)
      }
    })

    it('wait for a client that reads slowly, and then arrive whole', async () => {
      const total = 96 * MB
      const source = new CountedSource(pieces(total, [PIECE]))
      let most = 0
      source.onTaken = () => {
        most = Math.max(most, source.takenBytes - client.receivedBytes)
      }
      const client = opened(source)
      while (!client.lastText.endsWith(LAST_CHUNK) && !client.isClosed) {
        for (let turns = 0; turns < 4; turns++) await turn()
        client.read(PIECE)
      }
      expect(client.receivedBytes).to.be.greaterThan(total)
      expect(source.takenBytes).to.equal(total)
      expect(most).to.be.within(1, HELD_MOST)
      await over(source)
      client.leave()
    })

    it('end where the client leaves', async () => {
      const source = endless()
      const client = opened(source)
      await stalled(source)
      client.leave()
      await over(source)
      expect(bench.timers.pending(STALL_MS)).to.equal(0)
      expect(bench.slow).to.equal(0)
    })

    it('end where the client leaves while the source is still at work', async () => {
      const source = new CountedSource(pieces(10, [10]))
      source.end = 'silence'
      const client = opened(source)
      await until('the piece has come', () => client.read(PIECE) > 10)
      client.leave()
      await over(source)
    })

    it('are cut off where the client takes nothing', async () => {
      const source = endless()
      const client = opened(source)
      await stalled(source)
      expect(source.takenBytes).to.be.within(PIECE, HELD_MOST)
      bench.timers.fire(STALL_MS)
      await over(source)
      expect(bench.slow).to.equal(1)
      await until('the client hears of it', () => client.closed(MB))
      expect(client.lastText).not.to.include(LAST_CHUNK)
    })

    it('are cut off where the source fails', async () => {
      const source = new CountedSource(pieces(3 * MB, [PIECE]))
      source.end = 'failure'
      bench.source = source
      const response = await fetch(`${bench.url}/stream`)
      const read = await response.arrayBuffer().then(
        () => 'whole',
        () => 'cut off',
      )
      expect([response.status, read]).to.deep.equal([200, 'cut off'])
      await over(source)
    })

    it('are cut off where the server ends', async () => {
      const source = endless()
      const client = opened(source)
      await stalled(source)
      bench.transport.shutdown()
      await over(source)
      await until('the client hears of it', () => client.closed(MB))
      expect(client.lastText).not.to.include(LAST_CHUNK)
    })

    it('have a head without them', async () => {
      const source = endless()
      bench.source = source
      const response = await fetch(`${bench.url}/stream`, { method: 'HEAD' })
      expect([response.status, response.headers.get('content-type')]).to.deep.equal([200, 'application/octet-stream'])
      await over(source)
      expect(source.takenBytes).to.equal(0)
    })

    it('are not begun for a client that has left: whoever works for it hears of it', async () => {
      let isGone = false
      let asked = false
      bench.waiting = (onGone) => {
        asked = true
        onGone(() => {
          isGone = true
        })
      }
      const client = new SlowClient(bench.url, '/waiting')
      await until('it was asked', () => asked)
      client.leave()
      await until('it hears', () => isGone)
      expect(bench.transport.httpInFlight).to.equal(0)
    })
  })
}
