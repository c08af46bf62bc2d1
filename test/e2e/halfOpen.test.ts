// Sockets whose other end has stopped taking part: connected and silent, gone in the middle of a request, or in a room
// and deaf. Each is let go of by the server, on either transport; those who do take part notice nothing.

import { existsSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { call, newGuest, newKey } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

/** Of each sort. */
const SOCKETS = 5
/** The limits are 8 to 12 s; a paused process may take longer. */
const CLOSED_WITHIN_MS = 90_000
const SOCKET_TABLE = '/proc/net/tcp'
const PROGRAM = 'test/support/impatientServer.ts'

const POST = 'POST /auth/logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n'

for (const TRANSPORT of ['uws', 'ws'])
  describe(`half-open sockets over ${TRANSPORT}`, () => {
    let server: TestServer
    const opened: Socket[] = []

    before(async function () {
      if (!existsSync(SOCKET_TABLE)) {
        console.log(`      skipped: this system has no ${SOCKET_TABLE} to tell which sockets a process holds`)
        this.skip()
      }
      server = await startTestServer({ TRANSPORT }, { program: PROGRAM })
    })
    after(async () => {
      for (const socket of opened) socket.destroy()
      if (server !== undefined) expect(await server.stop(), server.output).to.equal(0)
    })

    it('are closed, every sort of them, while others go on', async function () {
      this.timeout(CLOSED_WITHIN_MS + 30_000)
      const [alice, bob] = [await WalletClient.join(server.url), await WalletClient.join(server.url)]
      await alice.deposit('10.00', newKey())
      const seats = await Promise.all(Array.from({ length: SOCKETS }, () => seatIn(server)))

      const silent = await Promise.all(many(() => halfOpen(server, '')))
      const halfHead = await Promise.all(many(() => halfOpen(server, 'GET /health/live HTTP/1.1\r\nHost: x\r\nX: ')))
      const halfBody = await Promise.all(many(() => halfOpen(server, `${POST}{"a"`)))
      const deafInRoom = await Promise.all(seats.map((seat) => deaf(server, seat)))
      const deafNowhere = await Promise.all(many(() => deaf(server, '/')))
      opened.push(...silent, ...halfHead, ...halfBody, ...deafInRoom, ...deafNowhere)
      for (const [sort, sockets] of Object.entries({ silent, halfHead, halfBody, deafInRoom })) {
        expect(held(server, sockets), sort).to.equal(SOCKETS)
      }

      await alice.must('transfer', { to: bob.guest.walletId, currency: 'USD', amount: '1.00', key: newKey() })
      for (const [sort, sockets] of Object.entries({ silent, halfHead, halfBody, deafInRoom, deafNowhere })) {
        await until(`all ${sort} sockets are closed`, () => held(server, sockets) === 0, CLOSED_WITHIN_MS)
      }
      await until('only those who take part are left', async () => (await socketCount(server)) === 2)
      expect([alice.closeCode, bob.closeCode]).to.deep.equal([null, null])
      await alice.must('transfer', { to: bob.guest.walletId, currency: 'USD', amount: '1.00', key: newKey() })
      await until('both transfers have arrived', async () => (await bob.balance()).available === '2.00')
      expect((await call(server.url, 'GET /health/ready')).status).to.equal(200)
      await Promise.all([alice.leave(), bob.leave()])
      await until('nobody is left', async () => (await socketCount(server)) === 0)
    })
  })

function many<T>(make: () => T): readonly T[] {
  return Array.from({ length: SOCKETS }, make)
}

/** Connects, says this much, and no more. */
function halfOpen(server: TestServer, bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    // Half-open in the strict sense, too: it does not close its end when the server does.
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => undefined) // a reset is a way of closing
      if (bytes !== '') socket.write(bytes)
      resolve(socket)
    })
  })
}

/** A WebSocket that reads no more once it is open: it hears no ping, and no farewell. */
async function deaf(server: TestServer, path: string): Promise<Socket> {
  const socket = await halfOpen(
    server,
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  const [answer] = await new Promise<[Buffer]>((resolve) => socket.once('data', (chunk) => resolve([chunk])))
  socket.pause()
  expect(answer.toString('latin1')).to.match(/^HTTP\/1\.1 101 /)
  return socket
}

/** A new guest's seat in the wallet room, as the address to upgrade at. */
async function seatIn(server: TestServer): Promise<string> {
  const { token } = await newGuest(server.url)
  const { body, text } = await call(server.url, 'POST /matchmake/joinOrCreate/wallet', { token, body: {} })
  expect(body?.roomId, text).to.be.a('string')
  return `/${body.processId}/${body.roomId}?sessionId=${body.sessionId}&_authToken=${token}`
}

/** How many of these the server still has, as the system sees it: a connection without an owner has no inode. */
function held(server: TestServer, sockets: readonly Socket[]): number {
  const serverPort = Number(new URL(server.url).port)
  const ports = new Set(sockets.map((socket) => socket.localPort))
  const rows = readFileSync(SOCKET_TABLE, 'latin1').trim().split('\n').slice(1)
  return rows.filter((row) => {
    const [, local = '', remote = '', , , , , , , inode] = row.trim().split(/\s+/)
    return portOf(local) === serverPort && ports.has(portOf(remote)) && inode !== '0'
  }).length
}

/** Of an address as the system writes it: `0100007F:1F90`. */
function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16)
}

/** Open WebSockets, as the server counts them. */
async function socketCount(server: TestServer): Promise<number> {
  const { text } = await call(server.url, 'GET /metrics')
  return Number(/^leet_sockets (\d+)$/m.exec(text)?.[1] ?? Number.NaN)
}
