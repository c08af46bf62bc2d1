// Many processes: how a server on NATS and MongoDB compares with the embedded one under the same load in the same run, how
// partitions and streams share the disk, what a minute's load leaves the projector to do, and what a second server adds
// where all of them share this machine's cores.

import { availableParallelism } from 'node:os'
import { type Guest, signInAll } from '../../client/guests.ts'
import { HttpClient } from '../../client/httpClient.ts'
import type { RoomClient } from '../../client/roomClient.ts'
import type { RunningServer } from '../../server.ts'
import type { Figure, PartResult } from '../figures.ts'
import { Fleet, fund, joinAll, walletFleet } from '../fleet.ts'
import { anyWallet, closedLoop, type LoopResult, openLoop, percentileMs } from '../loops.ts'
import { caughtUp, ProjectorWatch, projectorLag } from '../projectorWatch.ts'
import type { Scale } from '../scale.ts'
import { onStage } from '../stage.ts'
import { durablePerSecond, lost } from '../transfersPart.ts'
import { type ClusterStage, type DataSetShape, onClusterStage } from './clusterStage.ts'

const SHAPES: readonly (readonly [partitions: number, streams: number])[] = [
  [16, 1],
  [16, 4],
  [32, 1],
  [32, 4],
  [32, 8],
  [64, 1],
  [64, 4],
  [64, 8],
  [128, 1],
  [128, 4],
  [128, 8],
]
/** About ten partitions for each process (J1), of which there are one and two here; the figures of SHAPES bear it out. */
const CHOSEN: DataSetShape = { name: 'chosen', partitions: 16, streams: 4 }
const CATCH_UP_TIMEOUT_MS = 300_000

export async function clusterPart(scale: Scale): Promise<PartResult> {
  const figures: Figure[] = []
  const embedded = await embeddedBurst(scale)
  figures.push(...burst('embedded', embedded))
  const audit = await onClusterStage(async (stage) => {
    for (const [partitions, streams] of SHAPES) {
      const shape = { name: `p${partitions}s${streams}`, partitions, streams }
      const loop = await shortBurst(stage, shape, scale)
      console.error(`  P = ${partitions}, ${streams} streams: ${Math.round(durablePerSecond(loop))}/s`)
      figures.push({
        name: `P = ${partitions}, ${streams} streams`,
        value: durablePerSecond(loop),
        unit: '/s',
        note: `reply p95 ${percentileMs(loop.replies, 95).toFixed(0)} ms`,
      })
    }
    figures.push(...(await oneServer(stage, scale, embedded)))
    figures.push(...(await storeAway(stage, scale, embedded)))
    figures.push(...(await twoServers(stage, scale)))
    return stage.audit(CHOSEN)
  })
  return {
    part: 'cluster',
    title: `Servers on NATS, MongoDB's protocol and Redis, all on this machine (${availableParallelism()} cores)`,
    figures,
    audit,
  }
}

function embeddedBurst(scale: Scale): Promise<LoopResult> {
  return onStage(async (stage) => {
    const server = await stage.start()
    const { fleet } = await walletFleet(server.url, scale.clients)
    const loop = await closed(fleet, scale, scale.minuteMs)
    fleet.close()
    await server.stop()
    return loop
  })
}

function closed(fleet: Fleet, scale: Scale, measureMs: number): Promise<LoopResult> {
  return closedLoop(fleet, { inFlight: scale.inFlight, warmUpMs: scale.warmUpMs, measureMs, pick: anyWallet })
}

async function shortBurst(stage: ClusterStage, shape: DataSetShape, scale: Scale): Promise<LoopResult> {
  const server = await stage.start(shape)
  const { fleet } = await walletFleet(server.url, scale.clients)
  const loop = await closed(fleet, scale, scale.shapeMs)
  fleet.close()
  await server.kill()
  return loop
}

async function oneServer(stage: ClusterStage, scale: Scale, embedded: LoopResult): Promise<readonly Figure[]> {
  const server = await stage.start(CHOSEN)
  const { fleet } = await walletFleet(server.url, scale.clients)
  const watcher = new HttpClient(server.url, 2)
  const watch = new ProjectorWatch(watcher)
  const loop = await closed(fleet, scale, scale.minuteMs)
  const behind = await projectorLag(watcher)
  const highest = await watch.end()
  const catchUpMs = await caughtUp(watcher, CATCH_UP_TIMEOUT_MS)
  const atRate = await openLoop(fleet, { perSecond: scale.clusterRate, measureMs: scale.closedMs, pick: anyWallet })
  await caughtUp(watcher, CATCH_UP_TIMEOUT_MS)
  fleet.close()
  watcher.close()
  await stage.stop(server)
  return [
    ...burst(`NATS + store for ${scale.minuteMs / 1000} s`, loop),
    {
      name: 'NATS + store / embedded',
      value: durablePerSecond(loop) / durablePerSecond(embedded),
      unit: '',
      target: { least: 0.7 },
      note: 'NATS, the store and its projection on the same cores',
    },
    {
      name: 'projector behind, at most',
      value: highest,
      unit: 'records',
      note: 'new commands are shed from 250,000 on (C2)',
    },
    { name: 'caught up after', value: catchUpMs / 1000, unit: 's' },
    {
      name: 'projector, catching up',
      value: behind / (catchUpMs / 1000),
      unit: 'records/s',
      target: { least: 5_000 },
      note: 'nothing else to do',
    },
    {
      name: `open loop at ${scale.clusterRate}/s, answered`,
      value: atRate.repliesPerSecond,
      unit: '/s',
      note: lost(atRate),
    },
    { name: 'reply p95 meanwhile', value: percentileMs(atRate.replies, 95), unit: 'ms' },
  ]
}

/** What the journal alone costs: the store stands still, and what is to be projected waits. */
async function storeAway(stage: ClusterStage, scale: Scale, embedded: LoopResult): Promise<readonly Figure[]> {
  const server = await stage.start(CHOSEN)
  const { fleet } = await walletFleet(server.url, scale.clients)
  const loop = await stage.withoutStore(() => closed(fleet, scale, scale.shapeMs))
  fleet.close()
  await server.kill()
  return [
    ...burst('NATS, the store standing still', loop),
    {
      name: 'NATS without the store / embedded',
      value: durablePerSecond(loop) / durablePerSecond(embedded),
      unit: '',
      note: 'the embedded one with its projector',
    },
  ]
}

/** The same load on one server and on two, one after the other on the same data set. */
async function twoServers(stage: ClusterStage, scale: Scale): Promise<readonly Figure[]> {
  const first = await stage.start(CHOSEN)
  const alone = await onServers([first], scale)
  const second = await stage.start(CHOSEN)
  const both = await onServers([first, second], scale)
  // A hand-over is short where the store is near.
  for (const { url } of [first, second]) {
    const door = new HttpClient(url, 1)
    await caughtUp(door, CATCH_UP_TIMEOUT_MS)
    door.close()
  }
  await stage.stop(second)
  await stage.stop(first)
  return [
    ...burst('one server', alone),
    ...burst('two servers', both),
    {
      name: 'two servers / one',
      value: durablePerSecond(both) / durablePerSecond(alone),
      unit: '',
      note: `${availableParallelism()} cores for both, NATS, the store and the load`,
    },
  ]
}

async function onServers(servers: readonly RunningServer[], scale: Scale): Promise<LoopResult> {
  const doors = servers.map(({ url }) => new HttpClient(url, 16))
  const guests: Guest[] = []
  const clients: RoomClient[] = []
  for (const door of doors) {
    const some = await signInAll(door, Math.floor(scale.clients / doors.length), 16)
    await fund(door, some)
    clients.push(...(await joinAll(door, some)))
    guests.push(...some)
  }
  const [door] = doors
  if (door === undefined) throw new Error('no server')
  const fleet = new Fleet(
    door,
    clients,
    guests.map(({ walletId }) => walletId),
  )
  const loop = await closed(fleet, scale, scale.shapeMs)
  fleet.close()
  for (const other of doors) other.close()
  return loop
}

function burst(name: string, loop: LoopResult): readonly Figure[] {
  return [
    { name: `${name}, durable transfers`, value: durablePerSecond(loop), unit: '/s', note: lost(loop) },
    { name: `${name}, reply p95`, value: percentileMs(loop.replies, 95), unit: 'ms' },
  ]
}
