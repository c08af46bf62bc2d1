// (3) and (8): transfers at a fixed rate, whatever the answers do: percentiles of the reply and of the receiver's durable
// record, each from the moment the command was meant to be sent; how far the projector falls behind meanwhile, and how
// long it takes to catch up.

import { HttpClient } from '../client/httpClient.ts'
import type { Figure, PartResult } from './figures.ts'
import { type Fleet, walletFleet } from './fleet.ts'
import { anyWallet, closedLoop, type LoopResult, openLoop, percentileMs } from './loops.ts'
import { caughtUp, ProjectorWatch } from './projectorWatch.ts'
import type { Scale } from './scale.ts'
import { onStage } from './stage.ts'
import { lost, PUSHED } from './transfersPart.ts'

const CATCH_UP_TIMEOUT_MS = 180_000
const REPLY_P95_MS = 45
/** Of what was offered, at least this much has to be answered for a rate to count as held. */
const HELD = 0.98
/** Short, so that what is measured is the receiver's record and not the wait for a push. */
const FINE_PUSH_INTERVAL_MS = 5

export async function openPart(scale: Scale): Promise<PartResult> {
  return onStage(async (stage) => {
    const server = await stage.start()
    const { fleet } = await walletFleet(server.url, scale.clients)
    const watcher = new HttpClient(server.url, 2)
    // As warm as a server that has been up for a while: a cold one is slower than the rate asked for.
    await closedLoop(fleet, { inFlight: scale.inFlight, warmUpMs: 2 * scale.warmUpMs, measureMs: 1, pick: anyWallet })
    await caughtUp(watcher, CATCH_UP_TIMEOUT_MS)
    const figures: Figure[] = []
    const main = await atRate(fleet, watcher, scale.openRate, scale.openMs)
    figures.push(...described(main, scale.openRate, true))
    figures.push(...projectorFigures(main))
    for (const rate of scale.lowerRates) {
      if (isHeld(main.loop, scale.openRate)) break
      const lower = await atRate(fleet, watcher, rate, scale.lowerMs)
      figures.push(...described(lower, rate, false))
      if (isHeld(lower.loop, rate)) break
    }
    fleet.close()
    watcher.close()
    await server.stop()
    const { figures: fine, audit } = await finely(scale, stage)
    return {
      part: 'open',
      title: `(3) (8) Open loop, ${scale.openRate.toLocaleString('en-US')} transfers/s for ${scale.openMs / 1000} s`,
      figures: [...figures, ...fine],
      audit,
    }
  })
}

interface AtRate {
  readonly loop: LoopResult
  readonly highestLag: number
  readonly catchUpMs: number
}

async function atRate(fleet: Fleet, watcher: HttpClient, perSecond: number, measureMs: number): Promise<AtRate> {
  const watch = new ProjectorWatch(watcher)
  const began = performance.now()
  const loop = await openLoop(fleet, { perSecond, measureMs, pick: anyWallet })
  const settledMs = performance.now() - began - measureMs
  const highestLag = await watch.end()
  return { loop, highestLag, catchUpMs: settledMs + (await caughtUp(watcher, CATCH_UP_TIMEOUT_MS)) }
}

function isHeld(loop: LoopResult, perSecond: number): boolean {
  return loop.repliesPerSecond >= perSecond * HELD && percentileMs(loop.replies, 95) < REPLY_P95_MS
}

function described({ loop }: AtRate, perSecond: number, isMain: boolean): readonly Figure[] {
  const at = `at ${perSecond / 1000}k/s: `
  const target = isMain ? { target: { most: REPLY_P95_MS } } : {}
  const least = isMain ? { target: { least: perSecond * HELD } } : {}
  return [
    { name: `${at}answered`, value: loop.repliesPerSecond, unit: '/s', ...least, note: lost(loop) },
    { name: `${at}reply p50`, value: percentileMs(loop.replies, 50), unit: 'ms' },
    { name: `${at}reply p95`, value: percentileMs(loop.replies, 95), unit: 'ms', ...target },
    { name: `${at}reply p99`, value: percentileMs(loop.replies, 99), unit: 'ms' },
    { name: `${at}receiver durable p50`, value: percentileMs(loop.confirmations, 50), unit: 'ms', note: PUSHED },
    { name: `${at}receiver durable p95`, value: percentileMs(loop.confirmations, 95), unit: 'ms' },
    { name: `${at}receiver durable p99`, value: percentileMs(loop.confirmations, 99), unit: 'ms' },
  ]
}

function projectorFigures({ highestLag, catchUpMs }: AtRate): readonly Figure[] {
  return [
    { name: 'projector lag, highest', value: highestLag, unit: 'records' },
    { name: 'projector caught up after', value: catchUpMs / 1000, unit: 's', target: { most: 60 } },
  ]
}

/** The same data, a server that pushes at once: the receiver's record with hardly any wait for the push in it. */
async function finely(scale: Scale, stage: Parameters<Parameters<typeof onStage>[0]>[0]) {
  const rate = scale.lowerRates[0] ?? scale.openRate
  const server = await stage.start({ PUSH_INTERVAL_MS: String(FINE_PUSH_INTERVAL_MS) })
  const { fleet } = await walletFleet(server.url, scale.clients)
  await closedLoop(fleet, { inFlight: scale.inFlight, warmUpMs: 2 * scale.warmUpMs, measureMs: 1, pick: anyWallet })
  const loop = await openLoop(fleet, { perSecond: rate, measureMs: scale.fineMs, pick: anyWallet })
  fleet.close()
  const at = `at ${rate / 1000}k/s, pushed every ${FINE_PUSH_INTERVAL_MS} ms: `
  const figures: Figure[] = [
    { name: `${at}reply p95`, value: percentileMs(loop.replies, 95), unit: 'ms', note: lost(loop) },
    { name: `${at}receiver durable p50`, value: percentileMs(loop.confirmations, 50), unit: 'ms' },
    { name: `${at}receiver durable p95`, value: percentileMs(loop.confirmations, 95), unit: 'ms' },
    { name: `${at}receiver durable p99`, value: percentileMs(loop.confirmations, 99), unit: 'ms' },
  ]
  return { figures, audit: await stage.stopAndAudit(server) }
}
