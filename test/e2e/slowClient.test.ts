// A client that asks and does not read (A5): what waits for it is bounded, and it is let go of, on either transport, while
// others notice nothing.

import { expect } from 'chai'
import { SOCKET_LIMITS } from '../../server/http/transport.ts'
import { call, newKey } from '../support/http.ts'
import { Relay } from '../support/relay.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

/** Transfers in the history that is asked for again and again, with memos as long as they may be. */
const TRANSFERS = 50
const REQUESTS_AT_ONCE = 20
const MB = 1024 * 1024
/** What the system keeps on both ends of a connection, at most. */
const SYSTEM_BUFFERS_BYTES = 16 * MB
const GIVE_UP_BYTES = 160 * MB

for (const TRANSPORT of ['uws', 'ws'])
  describe(`a client that does not read, over ${TRANSPORT}`, () => {
    let server: TestServer
    let relay: Relay
    before(async () => {
      server = await startTestServer({ TRANSPORT })
      relay = await Relay.to(server.url)
    })
    after(async () => {
      relay?.close()
      expect(await server.stop(), server.output).to.equal(0)
    })

    it('is closed once too much waits for it, and counted; others go on', async function () {
      this.timeout(120_000)
      const [alice, bob] = [await WalletClient.join(server.url), await WalletClient.join(server.url)]
      await alice.deposit('100.00', newKey())
      for (let sent = 0; sent < TRANSFERS; sent++) await send(alice, bob)
      const slow = await WalletClient.join(relay.url, alice.guest)
      const answer = await slow.must('history', { limit: TRANSFERS })
      const answerBytes = JSON.stringify(answer).length
      const restingBytes = await bufferBytes(server)
      let mostBytes = 0

      relay.turnDeaf()
      let askedBytes = 0
      while (slow.closeCode === null && askedBytes < GIVE_UP_BYTES) {
        for (let asked = 0; asked < REQUESTS_AT_ONCE; asked++) {
          slow.room.request('history', { limit: TRANSFERS }).catch(() => {})
        }
        askedBytes += REQUESTS_AT_ONCE * answerBytes
        // The server has answered all that came before.
        await bob.balance()
        await send(alice, bob)
        mostBytes = Math.max(mostBytes, await bufferBytes(server))
      }

      expect(slow.closeCode, `after ${askedBytes / MB} MB`).to.not.equal(null)
      expect(askedBytes).to.be.lessThan(SYSTEM_BUFFERS_BYTES + 8 * SOCKET_LIMITS.maxBackpressureBytes)
      expect(mostBytes - restingBytes).to.be.lessThan(8 * SOCKET_LIMITS.maxBackpressureBytes)
      await until('its socket is gone', async () => (await metric(server, 'leet_sockets')) === 2)
      expect(await metric(server, 'leet_slow_sockets_closed_total')).to.equal(1)
      expect([alice.closeCode, bob.closeCode]).to.deep.equal([null, null])
      await send(alice, bob)
      const again = await WalletClient.join(server.url, alice.guest)
      expect((await again.balance()).available).to.equal((await alice.balance()).available)
      await again.leave()
    })
  })

async function send(from: WalletClient, to: WalletClient): Promise<void> {
  const order = { to: to.guest.walletId, currency: 'USD', amount: '0.01', memo: 'm'.repeat(100), key: newKey() }
  await from.must('transfer', order)
}

async function metric(server: TestServer, name: string): Promise<number> {
  const { text } = await call(server.url, 'GET /metrics')
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

/** Frames that wait are buffers, which Node keeps outside of its heap. */
function bufferBytes(server: TestServer): Promise<number> {
  return metric(server, 'nodejs_external_memory_bytes')
}
