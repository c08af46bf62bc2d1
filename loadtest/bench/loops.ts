// The two ways to put load on a fleet. Closed: each client keeps so many commands in flight, and sends the next when one
// is answered. Open: commands are meant for fixed moments, whatever the answers do; times count from those moments, so a
// server that stalls is charged for every command it made late (no coordinated omission).

import type { Histogram } from 'hdr-histogram-js'
import type { Fleet, PickReceiver } from './fleet.ts'

const REFUSED_PAUSE_MS = 5
const OPEN_TICK_MS = 1
/** A server that stalls is not buried: what is due waits here, and is still charged from its moment. */
const MOST_IN_FLIGHT = 40_000
const QUIET_MS = 5_000

export interface LoopResult {
  /** Over the window measured. */
  readonly seconds: number
  readonly repliesPerSecond: number
  /** Whose confirmation was pushed within the window: both wallets' records durable. */
  readonly confirmedPerSecond: number
  readonly replies: Histogram
  readonly confirmations: Histogram
  readonly refused: ReadonlyMap<string, number>
  /** Answered, but never seen confirmed: the audit has the last word on them. */
  readonly unconfirmed: number
  /** Open loop: meant to be sent and not sent in the end. */
  readonly unsent: number
}

/** Any wallet but the sender's, all alike. */
export const anyWallet: PickReceiver = (sender, wallets) => {
  const other = Math.floor(Math.random() * (wallets - 1))
  return other < sender ? other : other + 1
}

/** One wallet in a hundred takes every other transfer. */
export const hotWallets: PickReceiver = (sender, wallets) => {
  const hot = Math.max(1, Math.round(wallets / 100))
  const receiver = Math.floor(Math.random() * hot)
  return Math.random() < 0.5 && receiver !== sender ? receiver : anyWallet(sender, wallets)
}

export async function closedLoop(
  fleet: Fleet,
  load: {
    readonly inFlight: number
    readonly warmUpMs: number
    readonly measureMs: number
    readonly pick: PickReceiver
  },
): Promise<LoopResult> {
  let running = true
  const next = (client: number): void => {
    if (running) fleet.send(client, load.pick(client, fleet.wallets.length), performance.now())
  }
  fleet.forgetMeasurements()
  fleet.onReply = (client, accepted) => {
    if (accepted) next(client)
    else setTimeout(next, REFUSED_PAUSE_MS, client)
  }
  for (let client = 0; client < fleet.clients.length; client++) {
    for (let each = 0; each < load.inFlight; each++) next(client)
  }
  await pause(load.warmUpMs)
  const window = openWindow(fleet)
  await pause(load.measureMs)
  const rates = window.close()
  running = false
  await fleet.settle(QUIET_MS)
  return result(fleet, rates, 0)
}

export async function openLoop(
  fleet: Fleet,
  load: { readonly perSecond: number; readonly measureMs: number; readonly pick: PickReceiver },
): Promise<LoopResult> {
  fleet.forgetMeasurements()
  fleet.onReply = () => {}
  const total = Math.round((load.perSecond * load.measureMs) / 1000)
  const beganMs = performance.now()
  fleet.measuredFromMs = beganMs
  const window = openWindow(fleet)
  let sent = 0
  const answeredBefore = fleet.replied
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const nowMs = performance.now()
      const due = Math.min(total, Math.floor(((nowMs - beganMs) * load.perSecond) / 1000))
      while (sent < due && sent - (fleet.replied - answeredBefore) < MOST_IN_FLIGHT) {
        const client = Math.floor(Math.random() * fleet.clients.length)
        fleet.send(client, load.pick(client, fleet.wallets.length), beganMs + (sent * 1000) / load.perSecond)
        sent++
      }
      if (nowMs - beganMs >= load.measureMs) resolve()
      else setTimeout(tick, OPEN_TICK_MS)
    }
    tick()
  })
  const rates = window.close()
  await fleet.settle(QUIET_MS)
  return result(fleet, rates, total - sent)
}

type Rates = Pick<LoopResult, 'seconds' | 'repliesPerSecond' | 'confirmedPerSecond'>

function openWindow(fleet: Fleet): { close(): Rates } {
  const beganMs = performance.now()
  fleet.measuredFromMs = Math.min(fleet.measuredFromMs, beganMs)
  const accepted = (): number => fleet.replied - [...fleet.refused.values()].reduce((sum, count) => sum + count, 0)
  const acceptedBefore = accepted()
  const confirmedBefore = fleet.confirmed
  return {
    close() {
      const seconds = (performance.now() - beganMs) / 1000
      return {
        seconds,
        repliesPerSecond: (accepted() - acceptedBefore) / seconds,
        confirmedPerSecond: (fleet.confirmed - confirmedBefore) / seconds,
      }
    },
  }
}

function result(fleet: Fleet, rates: Rates, unsent: number): LoopResult {
  const { replies, confirmations, refused, unconfirmed } = fleet
  return { ...rates, replies, confirmations, refused: new Map(refused), unconfirmed, unsent }
}

/** Milliseconds of a percentile of a histogram in microseconds. */
export function percentileMs(histogram: Histogram, percentile: number): number {
  return histogram.getValueAtPercentile(percentile) / 1000
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
