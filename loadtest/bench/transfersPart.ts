// (1) and (2): durable transfers between random wallets in a closed loop, with the bare echo under the same load before
// and after it. (7): the same with a few wallets taking half of them.

import { startEcho } from '../echo/echoProcess.ts'
import { processStats } from '../processStats.ts'
import type { PartResult } from './figures.ts'
import { echoFleet, type PickReceiver, walletFleet } from './fleet.ts'
import { anyWallet, closedLoop, hotWallets, type LoopResult, percentileMs } from './loops.ts'
import type { Scale } from './scale.ts'
import { onStage } from './stage.ts'

export async function transfersPart(scale: Scale): Promise<PartResult> {
  const before = await echo(scale)
  const { loop, audit, serverCpuUs } = await transfers(scale, anyWallet, scale.closedMs)
  const after = await echo(scale)
  const echoRate = (before.repliesPerSecond + after.repliesPerSecond) / 2
  const rate = durablePerSecond(loop)
  const load = `${scale.clients} clients with ${scale.inFlight} in flight`
  return {
    part: 'transfers',
    title: `(1) (2) Closed loop, ${load}: a bare echo room, and durable transfers between random wallets`,
    figures: [
      {
        name: 'echo round trips',
        value: echoRate,
        unit: '/s',
        note: `before ${Math.round(before.repliesPerSecond)}, after ${Math.round(after.repliesPerSecond)}`,
      },
      { name: 'echo p95', value: percentileMs(after.replies, 95), unit: 'ms' },
      { name: 'durable transfers', value: rate, unit: '/s', target: { least: 15_000, aim: 25_000 }, note: lost(loop) },
      { name: 'transfers / echo', value: rate / echoRate, unit: '', target: { least: 0.3, aim: 0.5 } },
      { name: 'reply p50', value: percentileMs(loop.replies, 50), unit: 'ms' },
      { name: 'reply p95', value: percentileMs(loop.replies, 95), unit: 'ms' },
      { name: 'reply p99', value: percentileMs(loop.replies, 99), unit: 'ms' },
      { name: 'receiver durable p95', value: percentileMs(loop.confirmations, 95), unit: 'ms', note: PUSHED },
      { name: 'server CPU per transfer', value: serverCpuUs, unit: 'µs', note: 'all threads, projector included' },
    ],
    audit,
  }
}

export async function hotPart(scale: Scale): Promise<PartResult> {
  const { loop, audit } = await transfers(scale, hotWallets, scale.hotMs)
  return {
    part: 'hot',
    title: '(7) Closed loop, 1 % of the wallets taking 50 % of the transfers',
    figures: [
      { name: 'durable transfers, hot', value: durablePerSecond(loop), unit: '/s', note: lost(loop) },
      { name: 'reply p50', value: percentileMs(loop.replies, 50), unit: 'ms' },
      { name: 'reply p95', value: percentileMs(loop.replies, 95), unit: 'ms' },
      { name: 'reply p99', value: percentileMs(loop.replies, 99), unit: 'ms' },
    ],
    audit,
  }
}

export const PUSHED = 'as pushed to the sender: up to one push interval (50 ms) is in it'

/** Transfers with both records durable: what was answered, and no more than was confirmed. */
export function durablePerSecond({ repliesPerSecond, confirmedPerSecond }: LoopResult): number {
  return Math.min(repliesPerSecond, confirmedPerSecond)
}

/** What did not go the usual way, in words. */
export function lost({ refused, unconfirmed, unsent }: LoopResult): string {
  const parts = [...refused].map(([code, count]) => `${count} refused ${code}`)
  if (unconfirmed > 0) parts.push(`${unconfirmed} confirmations not seen (pushes are bounded; the audit counts)`)
  if (unsent > 0) parts.push(`${unsent} not sent`)
  return parts.join(', ')
}

async function echo(scale: Scale): Promise<LoopResult> {
  const server = await startEcho()
  const fleet = await echoFleet(server.url, scale.clients)
  try {
    const { inFlight } = scale
    return await closedLoop(fleet, { inFlight, warmUpMs: scale.warmUpMs, measureMs: scale.echoMs, pick: anyWallet })
  } finally {
    fleet.close()
    await server.stop()
  }
}

function transfers(scale: Scale, pick: PickReceiver, measureMs: number) {
  return onStage(async (stage) => {
    const server = await stage.start()
    const { fleet } = await walletFleet(server.url, scale.clients)
    const { inFlight, warmUpMs } = scale
    const cpuBefore = processStats(server.pid).cpuMs
    const loop = await closedLoop(fleet, { inFlight, warmUpMs, measureMs, pick })
    const serverCpuUs = ((processStats(server.pid).cpuMs - cpuBefore) * 1000) / Math.max(1, fleet.confirmed)
    fleet.close()
    return { loop, serverCpuUs, audit: await stage.stopAndAudit(server) }
  })
}
