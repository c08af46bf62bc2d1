// (5) and (8): the server over 1,000,000 records that no snapshot covers, written by the core with no projector running:
// how long from the spawn until every wallet has answered, and at what rate the projector then works them off. After
// that the same data with the snapshots that fell, after a kill under load.

import { bounded, type Guest, signInAll } from '../client/guests.ts'
import { HttpClient } from '../client/httpClient.ts'
import type { RunningServer } from '../server.ts'
import { journalFile, runCore } from './corePart.ts'
import type { Figure, PartResult } from './figures.ts'
import { Fleet, fund, joinAll } from './fleet.ts'
import { anyWallet, closedLoop } from './loops.ts'
import { caughtUp, projectorLag } from './projectorWatch.ts'
import type { Scale } from './scale.ts'
import { onStage } from './stage.ts'

const CONNECTIONS = 64
const IN_FLIGHT = 4_096
const CATCH_UP_TIMEOUT_MS = 300_000
/** Load before the kill. */
const TRAFFIC_MS = 2_000

export async function recoveryPart(scale: Scale): Promise<PartResult> {
  return onStage(async (stage) => {
    const guests = await madeBefore(await stage.start(), scale.recoveryWallets)
    const written = await runCore({
      journalFile: journalFile(stage.dataDir),
      wallets: guests.map(({ walletId }) => walletId),
      warmUpMs: 0,
      measureMs: 0,
      records: scale.recoveryRecords,
      inFlight: IN_FLIGHT,
    })
    const server = await stage.start()
    const figures: Figure[] = [...(await recovered(server, guests, 'no snapshots', 10))]
    const projected = await projectorFigures(server, written.records)
    const killed = await killedUnderLoad(server, guests.slice(0, scale.clients), scale.inFlight)
    const again = await stage.start()
    figures.push(...(await recovered(again, guests, 'snapshots as they fell', null)), killed, ...projected)
    return {
      part: 'recovery',
      title: `(5) (8) Recovery of ${written.records.toLocaleString('en-US')} records, ${guests.length} wallets`,
      figures,
      audit: await stage.stopAndAudit(again),
    }
  })
}

/** Stops the server again. */
export async function madeBefore(server: RunningServer, count: number): Promise<readonly Guest[]> {
  const http = new HttpClient(server.url, CONNECTIONS)
  const guests = await signInAll(http, count, CONNECTIONS)
  http.close()
  await server.stop()
  return guests
}

async function recovered(
  server: RunningServer,
  guests: readonly Guest[],
  what: string,
  mostSeconds: number | null,
): Promise<readonly Figure[]> {
  const http = new HttpClient(server.url, CONNECTIONS)
  await bounded(guests.length, CONNECTIONS, async (index) => {
    await http.expect('GET', '/wallet/balance', guests[index]?.token ?? '')
  })
  const seconds = (performance.now() - server.spawnedAtMs) / 1000
  http.close()
  const target = mostSeconds === null ? {} : { target: { most: mostSeconds } }
  return [
    {
      name: `every wallet answers, ${what}`,
      value: seconds,
      unit: 's',
      ...target,
      note: 'from the spawn of the process',
    },
    { name: `ready, ${what}`, value: server.readyAfterMs / 1000, unit: 's' },
  ]
}

/** What the projector does when it has nothing but a backlog: from the moment the server is ready until it is even. */
async function projectorFigures(server: RunningServer, records: number): Promise<readonly Figure[]> {
  const http = new HttpClient(server.url, 2)
  const backlog = await projectorLag(http)
  const beganMs = performance.now()
  await caughtUp(http, CATCH_UP_TIMEOUT_MS)
  const nowMs = performance.now()
  http.close()
  return [
    {
      name: 'projector, sustained',
      value: (backlog * 1000) / (nowMs - beganMs),
      unit: 'records/s',
      note: `over the ${backlog.toLocaleString('en-US')} records left when every wallet had answered`,
    },
    {
      name: 'projector, recovery beside it',
      value: (records * 1000) / (nowMs - server.spawnedAtMs),
      unit: 'records/s',
      note: 'from the spawn of the process, the whole log',
    },
  ]
}

/** Plays transfers, and kills the server in their midst. */
async function killedUnderLoad(server: RunningServer, guests: readonly Guest[], inFlight: number): Promise<Figure> {
  const http = new HttpClient(server.url, CONNECTIONS)
  await fund(http, guests)
  const fleet = new Fleet(
    http,
    await joinAll(http, guests),
    guests.map(({ walletId }) => walletId),
  )
  const killing = new Promise<void>((resolve, reject) => {
    setTimeout(() => server.kill().then(resolve, reject), TRAFFIC_MS)
  })
  await closedLoop(fleet, { inFlight, warmUpMs: TRAFFIC_MS, measureMs: 1, pick: anyWallet })
  await killing
  fleet.close()
  return { name: 'records at the kill', value: 2 * fleet.confirmed, unit: '', note: 'of the load alone, about' }
}
