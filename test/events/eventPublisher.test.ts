// Public events in their stream, over a real NATS: all of them, in order, once within the server's window, whatever
// breaks meanwhile; and who commits waits for none of it.

import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { expect } from 'chai'
import type { MatchEvent } from '../../actors/match/events.ts'
import { EventPublisher } from '../../server/events/eventPublisher.ts'
import { PUBLIC_EVENT } from '../../server/events/publicEvent.ts'
import { EventStream } from '../../server/nats/eventStream.ts'
import { newDataSet } from '../support/jetstreamBench.ts'
import { specOf } from '../support/matchBench.ts'
import { MatchLog } from '../support/matchLog.ts'
import { describeWithServices, type NatsService, startNats } from '../support/services.ts'
import { until } from '../support/until.ts'

const LIMITS = { maxAgeMs: 3_600_000, maxBytes: 16 * 1024 * 1024, replicas: 1 }
const EVENTS: readonly MatchEvent[] = [
  { kind: 'created', spec: specOf(), dueMs: 1 },
  { kind: 'readied', dueMs: 2 },
  { kind: 'started', seed: 's', dueMs: 3 },
  { kind: 'finished', dueMs: null },
]
const TYPES = ['created', 'funding', 'ready', 'pool_locked', 'live', 'finished']

describeWithServices(['nats'], 'public events in their stream', () => {
  let nats: NatsService
  let connection: NatsConnection
  let dataSet: string
  let log: MatchLog
  let alarms: string[]
  const publishers: EventPublisher[] = []

  before(async () => {
    nats = await startNats()
    connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  })
  after(async () => {
    await connection.close()
    await nats.kill()
  })
  beforeEach(() => {
    dataSet = newDataSet()
    log = new MatchLog()
    alarms = []
  })
  afterEach(() => {
    for (const publisher of publishers.splice(0)) publisher.close()
  })

  function publisher(limits = LIMITS): EventPublisher {
    const made = new EventPublisher({
      ...{ sink: new EventStream(connection, { dataSet, ...limits }), journal: log, retryMs: 20 },
      alarm: (event) => alarms.push(event),
    })
    publishers.push(made)
    return made
  }

  function play(match: string, to?: EventPublisher): void {
    for (const event of EVENTS) {
      const after = log.head
      const { position, bytes } = log.append([{ actor: 'wallet/w_1' }, { actor: `match/${match}`, events: [event] }])
      to?.committed(log.partition, after, position, bytes)
      const idle = log.append([{ actor: 'wallet/w_2' }])
      to?.committed(log.partition, position, idle.position, idle.bytes)
    }
  }

  const stream = (): string => `LEET_${dataSet.toUpperCase()}_EVENTS`

  /** What is there once so many are. */
  async function told(count: number): Promise<readonly { subject: string; match: string; type: string; id: string }[]> {
    const manager = await jetstreamManager(connection, { checkAPI: false })
    const messages = async (): Promise<number> => {
      const info = await manager.streams.info(stream()).catch(() => null)
      return info?.state.messages ?? 0
    }
    await until(`${count} events`, async () => (await messages()) >= count, 30_000)
    const { state } = await manager.streams.info(stream())
    expect(state.messages).to.equal(count)
    const found = []
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(stream(), { seq })
      if (message === null) throw new Error(`no message ${seq}`)
      const { type, id, match_id: match } = PUBLIC_EVENT.parse(message.json())
      expect(message.header.get('Nats-Msg-Id')).to.equal(id)
      found.push({ subject: message.subject, match, type, id })
    }
    return found
  }

  const typesOf = (events: readonly { match: string; type: string }[], match: string): readonly string[] =>
    events.filter((event) => event.match === match).map(({ type }) => type)

  it('has what was committed before and after a partition was taken, each under its subject', async () => {
    play('m_before')
    const events = publisher()
    events.take(log.partition, log.head)
    play('m_after', events)
    const found = await told(12)
    for (const match of ['m_before', 'm_after']) expect(typesOf(found, match)).to.deep.equal(TYPES)
    expect(found[0]?.subject).to.equal(`leet.${dataSet}.events.match.m_before.created`)
    expect(alarms).to.deep.equal([])
  })

  it('goes on from its cursor after a restart, and misses nothing of between', async () => {
    const first = publisher()
    first.take(log.partition, log.head)
    play('m_1', first)
    await told(6)
    first.close()
    play('m_2')
    const second = publisher()
    second.take(log.partition, log.head)
    const found = await told(12)
    expect(typesOf(found, 'm_2')).to.deep.equal(TYPES)
  })

  it('has each once where an owner that was replaced still publishes', async () => {
    play('m_1')
    const [stale, current] = [publisher(), publisher()]
    stale.take(log.partition, log.head)
    current.take(log.partition, log.head)
    play('m_2', current)
    const found = await told(12)
    expect(new Set(found.map(({ id }) => id)).size).to.equal(12)
  })

  it('waits for a NATS that is away, holds nobody up, and catches up', async function () {
    this.timeout(60_000)
    const events = publisher()
    events.take(log.partition, log.head)
    play('m_1', events)
    await told(6)
    await nats.kill()
    // Returns at once: whoever commits never waits.
    for (let match = 2; match <= 40; match++) play(`m_${match}`, events)
    await until('it is known to be away', () => alarms.includes('events.publish_failed'))
    await nats.start()
    const found = await told(40 * 6)
    for (let match = 1; match <= 40; match++) expect(typesOf(found, `m_${match}`)).to.deep.equal(TYPES)
    await until('it is known to be back', () => alarms.at(-1) === 'events.publish_recovered')
  })

  it('keeps them within limits that follow the configuration', async () => {
    for (const maxBytes of [LIMITS.maxBytes, 2 * LIMITS.maxBytes]) {
      const events = publisher({ ...LIMITS, maxBytes })
      events.take(log.partition, log.head)
      play('m_1', events)
      const manager = await jetstreamManager(connection)
      const config = await until('its limits are set', async () => {
        const info = await manager.streams.info(stream()).catch(() => null)
        return info?.config.max_bytes === maxBytes ? info.config : null
      })
      expect(config).to.include({ max_age: LIMITS.maxAgeMs * 1_000_000, discard: 'old', storage: 'file' })
    }
  })
})
