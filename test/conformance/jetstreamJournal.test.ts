// The journal on JetStream: the suite of the port on a real nats-server.

import { type JetStreamJournal, openJetStreamJournal } from '../../server/nats/jetstreamJournal.ts'
import { connectNats } from '../../server/nats/natsConnection.ts'
import type { NatsLink } from '../../server/nats/natsLink.ts'
import { describeWithServices, type NatsService, startNats } from '../support/services.ts'
import { TcpProxy } from '../support/tcpProxy.ts'
import { type JournalBench, journalSuite, SUITE_PARTITIONS } from './journal.suite.ts'

describeWithServices(['nats'], 'on one nats-server', () => {
  let server: NatsService
  let proxy: TcpProxy
  let sets = 0
  const links = new Map<unknown, NatsLink>()

  before(async () => {
    server = await startNats()
    proxy = await TcpProxy.start(() => server.port)
  })
  after(async () => {
    await proxy.close()
    await server.kill()
  })

  async function open(dataSet: string): Promise<JetStreamJournal> {
    const link = await connectNats({ urls: [proxy.url], name: 'suite' })
    const journal = await openJetStreamJournal(link, {
      dataSet,
      partitions: SUITE_PARTITIONS,
      streams: 3,
      replicas: 1,
      allowLazyFsync: false,
      monitorUrls: [server.monitorUrl],
      appendWithinMs: 500,
    })
    links.set(journal, link)
    return journal
  }

  journalSuite('JetStream', () => {
    const dataSet = `suite${++sets}`
    const close = async (journal: unknown): Promise<void> => {
      await (journal as JetStreamJournal).close() // the bench opened it
      await links.get(journal)?.close()
    }
    const bench: JournalBench = {
      open: () => open(dataSet),
      crash: async (journal) => {
        await server.kill()
        await close(journal)
        await server.start()
      },
      close,
      disk: { fill: () => proxy.refuse(), free: () => proxy.restore() },
    }
    return bench
  })
})
