// Networks that fail: a server cut off from NATS for longer than its lease while its clients stay connected to it, and
// three NATS servers that lose the leader of the journal's stream under load.

import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { allReady } from '../support/cluster.ts'
import { LONG, pause, runFault } from '../support/faultRun.ts'
import { describeWithServers, type NatsService } from '../support/services.ts'
import { TcpProxy } from '../support/tcpProxy.ts'
import { until } from '../support/until.ts'

const TIME_LIMIT_MS = 300_000

describeWithServers(['nats', 'mongo', 'redis'], 'networks that fail', () => {
  it('a server is cut off from the others, and joined again', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({
      title: 'network split',
      servers: 2,
      leaseTtlMs: 1_500,
      async act(cluster, players) {
        const proxy = await TcpProxy.start(() => cluster.nats[0]?.port ?? 0)
        try {
          const alone = await cluster.join({ NATS_URL: proxy.url })
          players.servers = cluster.servers
          await allReady(cluster.servers)
          for (let split = 0; split < (LONG ? 4 : 2); split++) {
            await pause(1_500)
            // Once the connection ends, once it stands and nothing comes through.
            if (split % 2 === 0) proxy.refuse()
            else proxy.stall()
            await pause(4_000)
            proxy.restore()
            await allReady([alone])
          }
          await alone.stop()
        } finally {
          await proxy.close()
        }
      },
    })
  })

  it('the leader of the stream is killed, of three', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({
      title: 'stream leader killed',
      threeNats: true,
      servers: 2,
      async act({ nats, servers }) {
        for (let kill = 0; kill < (LONG ? 3 : 1); kill++) {
          await pause(1_500)
          const leader = await leaderOf(nats)
          await leader.kill()
          await pause(4_000)
          await leader.start()
          await allReady(servers, 60_000)
        }
      },
    })
  })
})

/** The server that leads the journal's stream. */
async function leaderOf(nats: readonly NatsService[]): Promise<NatsService> {
  const connection = await connect({ servers: nats.map(({ port }) => `127.0.0.1:${port}`) })
  try {
    const name = await until('the stream has a leader', async () => {
      // While the servers elect who answers for JetStream, nobody does.
      const info = await jetstreamManager(connection)
        .then((manager) => manager.streams.info('LEET_LEET_J0'))
        .catch(() => null)
      return info?.cluster?.leader ?? null
    })
    const leader = nats[Number(name.slice(1))]
    if (leader === undefined) throw new Error(`no server is called ${name}`)
    return leader
  } finally {
    await connection.close()
  }
}
