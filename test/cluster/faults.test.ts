// What many processes have to survive: servers killed, stopped and drained, services killed and restarted, under load
// from outside. After each, the journal is audited and the players' history is held against it. With LONG=1 each runs
// longer and harder.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { allReady, ready } from '../support/cluster.ts'
import { LONG, pause, runFault } from '../support/faultRun.ts'
import { temporaryFolder } from '../support/server.ts'
import { describeWithServers } from '../support/services.ts'
import { until } from '../support/until.ts'

const TIME_LIMIT_MS = 300_000

describeWithServers(['nats', 'mongo', 'redis'], 'many servers', () => {
  it('share the work', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({ title: 'calm', act: () => pause(LONG ? 6_000 : 3_000) })
  })

  it('are killed, one after the other, and come back', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({
      title: 'SIGKILL',
      async act({ servers }, players) {
        for (let kill = 0; kill < (LONG ? 4 : 2); kill++) {
          await pause(1_000)
          const victim = servers[players.random(servers.length)]
          await victim?.kill()
          // Others take over before it is back.
          await pause(LONG ? 4_500 : 4_000)
          await victim?.restart()
        }
        await allReady(servers)
      },
    })
  })

  it('one stops for longer than a lease, and wakes believing nothing has happened', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({
      title: 'SIGSTOP',
      leaseTtlMs: 1_500,
      async act({ servers }, players) {
        for (let stop = 0; stop < (LONG ? 4 : 2); stop++) {
          await pause(800)
          const victim = servers[players.random(servers.length)]
          if (victim === undefined) continue
          process.kill(victim.pid, 'SIGSTOP')
          await pause(4_000)
          process.kill(victim.pid, 'SIGCONT')
        }
        await allReady(servers)
      },
    })
  })

  it('NATS is killed and started again, without its leases', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({
      title: 'NATS killed',
      async act({ nats, servers }) {
        for (let kill = 0; kill < (LONG ? 3 : 1); kill++) {
          await pause(1_000)
          await nats[0]?.kill()
          await pause(kill % 2 === 0 ? 500 : 4_000)
          await nats[0]?.start()
          await allReady(servers)
        }
      },
    })
  })

  it('the store is stopped for a while', async function () {
    this.timeout(TIME_LIMIT_MS)
    const { players } = await runFault({
      title: 'store stopped',
      async act({ mongo, servers }, all) {
        await pause(1_000)
        await mongo.kill()
        const before = all.acknowledged
        await pause(LONG ? 60_000 : 6_000)
        expect(all.acknowledged, 'resident wallets go on (C2)').to.be.greaterThan(before)
        await mongo.start()
        await allReady(servers)
      },
    })
    expect(players.acknowledged).to.be.greaterThan(0)
  })

  it('Redis is stopped and flushed', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({
      title: 'Redis stopped',
      async act({ redis, servers }) {
        await pause(1_000)
        await redis.kill()
        await pause(LONG ? 8_000 : 3_000)
        // Nothing was kept: it is as if it had been flushed.
        await redis.start()
        await allReady(servers)
        await pause(1_000)
      },
    })
  })

  it('two drain at once', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({
      title: 'two drained',
      async act({ servers }, players) {
        await pause(1_000)
        const [first, second, third] = servers
        if (first === undefined || second === undefined || third === undefined) throw new Error('three servers')
        players.servers = [third]
        expect(await Promise.all([first.stop(), second.stop()]), 'exit codes').to.deep.equal([0, 0])
        await pause(1_000)
        expect(await ready(third)).to.equal(200)
      },
    })
  })

  it('all are restarted, one after the other, under load', async function () {
    this.timeout(TIME_LIMIT_MS)
    await runFault({
      title: 'rolling restart',
      players: LONG ? 300 : 40,
      async act({ servers }) {
        await pause(1_000)
        for (const server of servers) {
          await server.restart()
          await allReady([server])
        }
      },
    })
  })

  it('clocks jump', async function () {
    this.timeout(TIME_LIMIT_MS)
    const file = join(temporaryFolder(), 'clock')
    writeFileSync(file, '0')
    await runFault({
      title: 'clocks jump',
      servers: 2,
      async act(cluster, players) {
        const jumping = await cluster.join({ CLOCK_FILE: file }, 'test/support/jumpingClockServer.ts')
        players.servers = cluster.servers
        await allReady([jumping])
        for (const offsetMs of LONG ? [500, -3_000, 1_900, -60_000, 0, 5_000, 0] : [1_000, -3_000, 0]) {
          writeFileSync(file, String(offsetMs))
          await pause(1_500)
        }
        writeFileSync(file, '0')
        await until('everybody is ready again', async () => (await ready(jumping)) === 200, 120_000)
      },
    })
  })
})
