// The journal on three nats-servers with three replicas: the suite of the port, and the end of the server that leads.

import { jetstreamManager } from '@nats-io/jetstream'
import { expect } from 'chai'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { newDataSet, type OpenJournal, openJournal, type Wanted } from '../support/jetstreamBench.ts'
import { describeWithServers, type NatsService, startNatsCluster } from '../support/services.ts'
import { until } from '../support/until.ts'
import { journalSuite, SUITE_PARTITIONS } from './journal.suite.ts'

describeWithServers(['nats'], 'on three nats-servers', () => {
  let servers: readonly NatsService[] = []
  let opened: OpenJournal[] = []

  before(async function () {
    this.timeout(240_000)
    servers = await startNatsCluster()
    await (await open(newDataSet())).close()
  })
  afterEach(async () => {
    for (const { close } of opened) await close()
    opened = []
  })
  after(async () => {
    for (const server of servers) await server.kill()
  })

  async function open(dataSet: string, more: Partial<Wanted> = {}): Promise<OpenJournal> {
    const found = await openJournal({
      urls: servers.map(({ url }) => url),
      dataSet,
      streams: 1,
      replicas: 3,
      monitorUrls: servers.map(({ monitorUrl }) => monitorUrl),
      appendWithinMs: 2_000,
      ...more,
    })
    opened.push(found)
    return found
  }

  async function leaderOf({ link }: OpenJournal, dataSet: string): Promise<NatsService | null> {
    const manager = await jetstreamManager(link.connection, { timeout: 1_000 })
    const name = (await manager.streams.info(`LEET_${dataSet.toUpperCase()}_J0`)).cluster?.leader ?? ''
    return servers[Number(name.slice(1))] ?? null
  }

  journalSuite('JetStream with three replicas', () => {
    const dataSet = newDataSet()
    const close = async (journal: unknown): Promise<void> => opened.find((found) => found.journal === journal)?.close()
    return { open: async () => (await open(dataSet)).journal, crash: close, close, disk: null }
  })

  it('does not start where one of its servers is not known to sync', async () => {
    const monitorUrls = servers.slice(0, 2).map(({ monitorUrl }) => monitorUrl)
    const refused = await open(newDataSet(), { monitorUrls }).then(() => '', String)
    expect(refused).to.match(/NATS_MONITOR_URL: does not name server n2\. Set NATS_MONITOR_URL/)
  })

  for (const which of ['a follower', 'the leader']) {
    it(`starts, and appends, while ${which} is down`, async () => {
      const dataSet = newDataSet()
      const leader = await until('a leader', async () => leaderOf(await open(dataSet), dataSet))
      const down = which === 'the leader' ? leader : servers.find((server) => server !== leader)
      await down?.kill()
      try {
        const again = await open(dataSet)
        const isAppended = async (): Promise<boolean> =>
          (await again.journal.append(1, 0, Buffer.from('a'))).kind === 'committed'
        await until('an append', isAppended, 15_000)
      } finally {
        await down?.start()
      }
    })
  }

  it('loses nothing it answered for, and writes nothing twice, when the leader is killed under load', async () => {
    const dataSet = newDataSet()
    const found = await open(dataSet)
    const written = Array.from({ length: SUITE_PARTITIONS }, (): string[] => [])
    let stop = false
    const writers = written.map(async (batches, partition) => {
      let head = 0
      while (!stop) {
        const batch = `${partition}:${batches.length} ${'x'.repeat(1_000)}`
        const outcome = await found.journal.append(partition, head, Buffer.from(batch, 'utf8'))
        if (outcome.kind === 'fenced') throw new Error(`fenced at ${batch.slice(0, 20)}`)
        if (outcome.kind === 'committed') {
          head = outcome.position
          batches.push(batch)
        } else {
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
    })
    await until('every partition writes', () => written.every(({ length }) => length > 3))
    const leader = await until('a leader', () => leaderOf(found, dataSet))
    await leader.kill()
    const counts = written.map(({ length }) => length)
    const goesOn = (): boolean => written.every(({ length }, at) => length > (counts[at] ?? 0) + 3)
    await until('every partition goes on', goesOn, 15_000)
    await leader.start()
    stop = true
    await Promise.all(writers)
    const read: StoredBatch[] = []
    for await (const group of found.journal.replay(new Map(written.map((_, partition) => [partition, 0])))) {
      read.push(...group)
    }
    for (const [partition, batches] of written.entries()) {
      const there = read.filter((batch) => batch.partition === partition)
      expect(there.map(({ bytes }) => Buffer.from(bytes).toString('utf8'))).to.deep.equal(batches)
    }
  })
})
