// (6): what the server holds in memory: 50,000 wallets after traffic on each, and what 5,000 idle wallet clients add to
// it, in memory and in CPU.

import { setTimeout as sleep } from 'node:timers/promises'
import { signInAll } from '../client/guests.ts'
import { HttpClient } from '../client/httpClient.ts'
import { type ProcessStats, processStats } from '../processStats.ts'
import type { RunningServer } from '../server.ts'
import type { PartResult } from './figures.ts'
import { Fleet, fund, joinAll } from './fleet.ts'
import { caughtUp, metric, metricsText } from './projectorWatch.ts'
import type { Scale } from './scale.ts'
import { onStage } from './stage.ts'

const CONNECTIONS = 64
const AT_A_TIME = 2_000
const SETTLE_MS = 3_000
const IDLE_MS = 5_000
const CATCH_UP_TIMEOUT_MS = 180_000

export async function memoryPart(scale: Scale): Promise<PartResult> {
  return onStage(async (stage) => {
    const server = await stage.start()
    const http = new HttpClient(server.url, CONNECTIONS)
    const guests = await signInAll(http, scale.activeWallets, CONNECTIONS)
    const senders = guests.slice(0, scale.clients)
    await fund(http, senders)
    const fleet = new Fleet(
      http,
      await joinAll(http, senders),
      guests.map(({ walletId }) => walletId),
    )
    await sendToEach(fleet)
    await caughtUp(http, CATCH_UP_TIMEOUT_MS)
    await sleep(SETTLE_MS)
    const residents = metric(await metricsText(http), 'leet_resident_actors')
    const active = processStats(server.pid)
    const quiet = await overIdle(server)
    const idlers = await joinAll(http, guests.slice(scale.clients, scale.clients + scale.idleClients))
    await sleep(SETTLE_MS)
    const busy = await overIdle(server)
    for (const client of idlers) client.destroy()
    fleet.close()
    const perClientKb = ((busy.rssMb - quiet.rssMb) * 1024) / idlers.length
    return {
      part: 'memory',
      title: `(6) Memory: ${guests.length.toLocaleString('en-US')} active wallets, ${idlers.length} idle clients`,
      figures: [
        {
          name: 'RSS, active wallets',
          value: active.rssMb,
          unit: 'MB',
          target: { most: 512 },
          note: `at its highest ${Math.round(active.peakRssMb)} MB; ${residents} actors resident`,
        },
        {
          name: 'idle clients add',
          value: busy.rssMb - quiet.rssMb,
          unit: 'MB',
          note: `${perClientKb.toFixed(1)} KB each`,
        },
        { name: 'idle clients, CPU', value: busy.cpuPercent - quiet.cpuPercent, unit: '% of a core' },
      ],
      audit: await stage.stopAndAudit(server),
    }
  })
}

/** One transfer to every wallet, by the fleet's clients in turn, a bounded number in flight. */
async function sendToEach(fleet: Fleet): Promise<void> {
  const senders = fleet.clients.length
  let next = 0
  const more = (): void => {
    while (next < fleet.wallets.length && fleet.inFlight < AT_A_TIME) {
      const receiver = next++
      const sender = receiver % senders === receiver ? (receiver + 1) % senders : receiver % senders
      fleet.send(sender, receiver, performance.now())
    }
  }
  fleet.onReply = () => {
    if (fleet.replied % 100 === 0) more()
  }
  more()
  await fleet.settle(10_000)
}

/** Memory at the end of a while without any traffic, and CPU over it. */
async function overIdle(server: RunningServer): Promise<ProcessStats & { readonly cpuPercent: number }> {
  const before = processStats(server.pid)
  await sleep(IDLE_MS)
  const after = processStats(server.pid)
  return { ...after, cpuPercent: ((after.cpuMs - before.cpuMs) * 100) / IDLE_MS }
}
