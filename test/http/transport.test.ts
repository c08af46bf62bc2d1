// The edge of both transports: sizes, slowness, broken HTTP, the port. Against a real server, byte by byte.

import { expect } from 'chai'
import { call, type Exchange, exchange } from '../support/http.ts'
import { runServer, startTestServer, type TestServer, temporaryFolder } from '../support/server.ts'

const POST = 'POST /auth/logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const LIVE = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'
const KB = 1024

const declared = (bytes: number): string => `${POST}Content-Length: ${bytes}\r\n\r\n`
const blanks = (bytes: number): Uint8Array => Buffer.alloc(bytes, 0x20)
const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n`
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`

for (const transport of ['uws', 'ws']) {
  describe(`HTTP over ${transport}`, () => {
    let server: TestServer
    before(async () => {
      server = await startTestServer({ TRANSPORT: transport })
    })
    after(async () => {
      expect(await server.stop()).to.equal(0)
    })
    const send = (...chunks: (string | Uint8Array)[]): Promise<Exchange> => exchange(server.url, chunks)

    describe('body size', () => {
      it('takes 64 KB', async () => {
        const body = `{"refresh_token":"x"${' '.repeat(64 * KB - 21)}}`
        expect((await call(server.url, 'POST /auth/logout', { body })).status).to.equal(204)
      })

      it('refuses one byte more, and goes on with the connection', async () => {
        const reply = await exchange(server.url, [declared(64 * KB + 1), blanks(64 * KB + 1), LIVE], { responses: 2 })
        expect(reply.statuses).to.deep.equal([413, 200])
        expect(reply.received).to.include('"code":"payload_too_large"')
      })

      it('refuses 80 MB by their length alone, and closes', async () => {
        const reply = await send(declared(80_000_000))
        expect(reply).to.deep.include({ statuses: [413], closed: true })
      })

      it('refuses a chunked body beyond the limit', async () => {
        const reply = await exchange(server.url, [CHUNKED, ...Array(10).fill(chunk(10 * KB)), '0\r\n\r\n'], {
          responses: 1,
        })
        expect(reply.statuses).to.deep.equal([413])
      })

      it('stops reading a chunked body that does not end', async () => {
        const reply = await send(CHUNKED, ...Array(500).fill(chunk(100 * KB)))
        expect(reply.closed).to.equal(true)
      })
    })

    it('times out slow bodies with 408, slow heads by closing', async function () {
      this.timeout(30_000)
      const slow = (chunks: readonly string[], gapMs: number): Promise<Exchange> =>
        exchange(server.url, chunks, { gapMs, withinMs: 20_000 })
      const [stalled, trickled, silent, halfHead] = await Promise.all([
        slow([`${declared(10)}{`], 0),
        slow([declared(100), ...Array(100).fill(' ')], 500),
        slow([], 0),
        slow(['GET / HTTP/1.1\r\nHost: x\r\n', ...Array(100).fill('X: y\r\n')], 500),
      ])
      for (const reply of [stalled, trickled]) {
        expect(reply).to.deep.include({ statuses: [408], closed: true })
        expect(reply.received).to.include('"code":"request_timeout"')
      }
      for (const reply of [silent, halfHead]) expect(reply.closed).to.equal(true)
    })

    it('survives clients that leave in the middle', async () => {
      await Promise.all(
        ['GET', `${POST}Content-Length: 1000\r\n\r\n{`, `${declared(2)}{}`, CHUNKED, `${CHUNKED}5\r\nab`].map((head) =>
          exchange(server.url, [head], { withinMs: 20 }),
        ),
      )
      expect((await call(server.url, 'GET /health/live')).status).to.equal(200)
    })

    for (const [what, bytes] of [
      ['no HTTP', '\u0000\u0001garbage\r\n\r\n'],
      ['a request line without a version', 'GET /\r\n\r\n'],
      ['a negative length', `${POST}Content-Length: -5\r\n\r\n`],
      ['a length that is no number', `${POST}Content-Length: abc\r\n\r\n{}`],
      ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}`],
      ['a length and chunks', `${POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${LIVE}`],
      ['a head of 100 KB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100 * KB)}\r\n\r\n`],
      [
        'an upgrade of nonsense',
        'GET http://[ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      ],
      ['garbage after a request', `${LIVE}\u0000BLAH\r\n\r\n`],
    ] as const) {
      it(`closes on ${what}`, async () => {
        const reply = await exchange(server.url, [bytes], { withinMs: 15_000 })
        expect(reply.closed).to.equal(true)
        const [first = 400] = reply.statuses
        expect(first === 200 ? (reply.statuses[1] ?? 400) : first).to.be.within(400, 505)
        expect((await call(server.url, 'GET /health/live')).status).to.equal(200)
      })
    }

    it('answers pipelined requests in order', async () => {
      const reply = await exchange(server.url, [LIVE + LIVE.replace('/health/live', '/nothing') + LIVE], {
        responses: 3,
      })
      expect(reply.statuses).to.deep.equal([200, 404, 200])
    })

    it('leaves the body of a GET alone, and reads on behind it', async () => {
      const withBody = LIVE.replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\nhello')
      const reply = await exchange(server.url, [withBody, LIVE], { responses: 2, gapMs: 50 })
      expect(reply.statuses).to.deep.equal([200, 200])
    })

    it('says clearly when the port is taken', async () => {
      const { port } = new URL(server.url)
      const second = await runServer({ TRANSPORT: transport, PORT: port, DATA_DIR: temporaryFolder() })
      if (second === 'started') throw new Error('a second server shares the port')
      expect(second.code).to.equal(2)
      expect(second.output).to.include(`cannot listen on 127.0.0.1:${port}: the port is taken`)
    })
  })
}
