// A disk without room, over both wires: nothing is acknowledged that is not on it, what was asked for is done once there
// is room again, and sending the same keys again, to whoever serves by then, changes nothing.

import { expect } from 'chai'
import { isErrorCode } from '../../shared/errors.ts'
import { mountSmallDisk, type SmallDisk } from '../support/fullDisk.ts'
import { call, type Guest, newGuest } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

const DISK_MEGABYTES = 24
const START_CENTS = 10_000
/** Commands each player has under way when the disk is full. */
const ORDERS = 8
/** Failed writes after which an answer that could come has come. */
const FAILED_WRITES = 5

type Outcome =
  | { readonly kind: 'done'; readonly transactionId: string }
  | { readonly kind: 'refused'; readonly code: string; readonly retryable: boolean }
  | { readonly kind: 'lost' }

interface Order {
  readonly key: string
  readonly cents: number
  readonly to: string
  /** The receipt it was first given. */
  transactionId: string | null
}

/** A player and its wire. */
interface Sender {
  readonly guest: Guest
  readonly orders: readonly Order[]
  send(order: Order): Promise<Outcome>
}

describe('a full disk', () => {
  let disk: SmallDisk
  let server: TestServer

  before(function () {
    const mounted = mountSmallDisk(DISK_MEGABYTES)
    if (typeof mounted === 'string') {
      console.log(`      skipped: ${mounted}`)
      return this.skip()
    }
    disk = mounted
  })
  // `disk` is missing where it could not be mounted.
  after(() => disk?.unmount())

  beforeEach(async () => {
    server = await startTestServer({ DATA_DIR: disk.folder, PARTITIONS: '4', SHUTDOWN_TIMEOUT_MS: '2000' })
  })
  afterEach(async () => {
    disk.free()
    // Most have stopped theirs by then.
    await server.kill().catch(() => {})
  })

  it('holds back what cannot be written, and does it once when there is room', async () => {
    const senders = await players(server, 'room')
    const bystander = await richGuest(server)
    const { pid } = server
    disk.fill()

    const answered: Outcome[] = []
    const sending = senders.flatMap((sender) => sender.orders.map((order) => attempt(sender, order, answered)))
    await failedWrites(server)
    expect(answered.filter(({ kind }) => kind === 'done')).to.deep.equal([])
    await expectReadsAreTrue(server, bystander)
    const refused = await call(server.url, 'POST /auth/guest')
    expect(refused.status, refused.text).to.equal(503)
    expect(refused.body.error).to.include({ code: 'unavailable', retryable: true })

    disk.free()
    await Promise.all(sending)
    for (const outcome of answered) expectToWait(outcome)
    await expectDoneOnce(server, senders)
    expect(server.pid, 'the process that was there all the time').to.equal(pid)
    await newGuest(server.url)
    await expectSound(server)
  })

  it('killed while it is full: the next start waits for room, and the same keys are carried out', async () => {
    const senders = await players(server, 'killed')
    disk.fill()
    const answered: Outcome[] = []
    const sending = senders.flatMap((sender) => sender.orders.map((order) => attempt(sender, order, answered)))
    await failedWrites(server)
    await server.kill()
    await Promise.all(sending)
    for (const outcome of answered) expectToWait(outcome)
    expect(answered.filter(({ kind }) => kind === 'done')).to.deep.equal([])

    disk.fill()
    const restarted = server.restart()
    await until('the start has met the full disk', () => server.output.includes('journal.write_failed'))
    disk.free()
    await restarted
    const back = await reconnected(server, senders)
    await expectDoneOnce(server, back)
    await expectSound(server)
  })

  it('stopped while it is full: ends, says that something was left, and the same keys are carried out', async () => {
    const senders = await players(server, 'stopped')
    disk.fill()
    const answered: Outcome[] = []
    const sending = senders.flatMap((sender) => sender.orders.map((order) => attempt(sender, order, answered)))
    await failedWrites(server)
    expect(await server.stop(), server.output).to.equal(1)
    await Promise.all(sending)
    for (const outcome of answered) expectToWait(outcome)
    expect(answered.filter(({ kind }) => kind === 'done')).to.deep.equal([])

    disk.free()
    await server.restart()
    const back = await reconnected(server, senders)
    await expectDoneOnce(server, back)
    await expectSound(server)
  })
})

/** Two in the room and two over HTTP, who send to each other across the wires. */
async function players(server: TestServer, name: string): Promise<readonly Sender[]> {
  const guests = await Promise.all(Array.from({ length: 4 }, () => richGuest(server)))
  const ordersOf = (index: number): readonly Order[] =>
    Array.from({ length: ORDERS }, (_, number) => ({
      key: `${name}-${index}-${number}`,
      cents: 100 * (index + 1) + number,
      to: guests[(index + 1 + (number % 3)) % guests.length]?.walletId ?? '',
      transactionId: null,
    }))
  return Promise.all(
    guests.map((guest, index) =>
      index % 2 === 0 ? inRoom(server, guest, ordersOf(index)) : overHttp(server, guest, ordersOf(index)),
    ),
  )
}

async function richGuest(server: TestServer): Promise<Guest> {
  const guest = await newGuest(server.url)
  const body = { currency: 'USD', amount: decimal(START_CENTS), idempotency_key: 'start' }
  const { status, text } = await call(server.url, 'POST /wallet/deposit', { token: guest.token, body })
  expect(status, text).to.be.within(200, 201)
  return guest
}

async function inRoom(server: TestServer, guest: Guest, orders: readonly Order[]): Promise<Sender> {
  const client = await WalletClient.join(server.url, guest)
  return {
    guest,
    orders,
    async send({ to, cents, key }) {
      const reply = await client.request('transfer', { to, currency: 'USD', amount: decimal(cents), key })
      switch (reply.kind) {
        case 'ok':
          return { kind: 'done', transactionId: String(reply.body.transaction_id) }
        case 'refused':
          return { kind: 'refused', code: reply.error.code, retryable: reply.error.retryable }
        case 'fault':
          return { kind: 'refused', code: reply.name, retryable: false }
        case 'lost':
          return { kind: 'lost' }
      }
    },
  }
}

async function overHttp(server: TestServer, guest: Guest, orders: readonly Order[]): Promise<Sender> {
  return {
    guest,
    orders,
    async send({ to, cents, key }) {
      const body = { to, currency: 'USD', amount: decimal(cents), idempotency_key: key }
      const sent = call(server.url, 'POST /wallet/transfers', { token: guest.token, body })
      const reply = await sent.catch(() => null)
      if (reply === null) return { kind: 'lost' }
      if (reply.status < 300) return { kind: 'done', transactionId: reply.body.transaction_id }
      const { code, retryable } = reply.body.error
      return { kind: 'refused', code, retryable }
    },
  }
}

/** The same players and orders at a server that has started again. */
function reconnected(server: TestServer, senders: readonly Sender[]): Promise<readonly Sender[]> {
  return Promise.all(
    senders.map(({ guest, orders }, index) =>
      index % 2 === 0 ? inRoom(server, guest, orders) : overHttp(server, guest, orders),
    ),
  )
}

async function attempt(sender: Sender, order: Order, answered: Outcome[]): Promise<void> {
  const outcome = await sender.send(order)
  answered.push(outcome)
  if (outcome.kind === 'done') order.transactionId = outcome.transactionId
}

/** Resolves once the journal has tried in vain for a while, and has raised its alarm. */
async function failedWrites(server: TestServer): Promise<void> {
  await until('the journal has met the full disk', async () => {
    const { text } = await call(server.url, 'GET /metrics')
    const failures = /^leet_alarms_total\{event="journal\.write_failed"\} (\d+)$/m.exec(text)?.[1]
    return Number(failures ?? 0) >= FAILED_WRITES
  })
  expect(server.output).to.include('"event":"journal.write_failed"')
}

/** A wallet that nothing is under way for is read as ever, on both wires. */
async function expectReadsAreTrue(server: TestServer, guest: Guest): Promise<void> {
  const { token } = guest
  const client = await WalletClient.join(server.url, guest)
  expect(await client.balance()).to.deep.equal({ available: decimal(START_CENTS), held: '0.00' })
  await client.leave()
  const balance = await call(server.url, 'GET /wallet/balance', { token })
  expect(balance.body.balances, balance.text).to.deep.equal({ USD: decimal(START_CENTS) })
  expect((await call(server.url, 'GET /health/live')).status).to.equal(200)
  expect((await call(server.url, 'GET /health/ready')).status).to.be.oneOf([200, 503])
}

/** No answer, or one that says: again. */
function expectToWait(outcome: Outcome): void {
  if (outcome.kind !== 'refused') return
  expect(isErrorCode(outcome.code) && outcome.retryable, JSON.stringify(outcome)).to.equal(true)
}

/** Every order is sent twice more: each has one transaction, and the balances add up. */
async function expectDoneOnce(server: TestServer, senders: readonly Sender[]): Promise<void> {
  for (const round of ['once more', 'and again']) {
    await Promise.all(
      senders.flatMap((sender) =>
        sender.orders.map(async (order) => {
          const outcome = await sender.send(order)
          if (outcome.kind !== 'done') throw new Error(`${order.key} ${round}: ${JSON.stringify(outcome)}`)
          expect(order.transactionId ?? outcome.transactionId, `${order.key} ${round}`).to.equal(outcome.transactionId)
          order.transactionId = outcome.transactionId
        }),
      ),
    )
  }
  const ids = senders.flatMap(({ orders }) => orders.map(({ transactionId }) => transactionId))
  expect(new Set(ids).size).to.equal(ids.length)
  for (const { guest, orders } of senders) {
    const received = senders.flatMap((sender) => sender.orders).filter(({ to }) => to === guest.walletId)
    const expected = decimal(START_CENTS - sum(orders) + sum(received))
    await until(`${guest.walletId} has ${expected}`, async () => {
      const { body } = await call(server.url, 'GET /wallet/balance', { token: guest.token })
      return body.balances.USD === expected
    })
  }
}

/** Drains, and leaves books that the auditor finds sound. */
async function expectSound(server: TestServer): Promise<void> {
  expect(await server.stop(), server.output).to.equal(0)
  const verified = await runProgram('server/verify.ts', '--data', server.dataDir)
  expect(verified.code, verified.output).to.equal(0)
}

function sum(orders: readonly Order[]): number {
  return orders.reduce((total, { cents }) => total + cents, 0)
}

function decimal(cents: number): string {
  return (cents / 100).toFixed(2)
}
