// (9): the HTTP side at a fixed rate over kept-alive connections, timed from the moment each request was meant to be sent.

import type { Histogram } from 'hdr-histogram-js'
import { type Guest, signInAll } from '../client/guests.ts'
import { HttpClient, type HttpReply } from '../client/httpClient.ts'
import type { Figure, PartResult } from './figures.ts'
import { fund, newHistogram } from './fleet.ts'
import { percentileMs } from './loops.ts'
import type { Scale } from './scale.ts'
import { onStage } from './stage.ts'

const CONNECTIONS = 64
const WALLETS = 200
const WARM_UP_MS = 1_500
const P95_MS = 100

type Ask = (guest: Guest, index: number) => Promise<HttpReply>

export async function httpPart(scale: Scale): Promise<PartResult> {
  return onStage(async (stage) => {
    const server = await stage.start()
    const http = new HttpClient(server.url, CONNECTIONS)
    const guests = await signInAll(http, WALLETS, CONNECTIONS)
    await fund(http, guests)
    const balance: Ask = (guest) => http.get('/wallet/balance', guest.token)
    const transfer: Ask = (guest, index) => {
      const to = guests[(index * 7 + 1) % guests.length]
      const receiver = to === undefined || to === guest ? guests[(index + 1) % guests.length] : to
      const order = { to: receiver?.walletId, currency: 'USD', amount: '0.01', idempotency_key: `http-${index}` }
      return http.post('/wallet/transfers', order, guest.token)
    }
    const figures: Figure[] = []
    let begin = 0
    for (const [name, ask] of [
      ['GET /wallet/balance', balance],
      ['POST /wallet/transfers', transfer],
    ] as const) {
      await atRate(guests, ask, scale.httpRate, WARM_UP_MS, begin)
      begin += 1_000_000
      const run = await atRate(guests, ask, scale.httpRate, scale.httpMs, begin)
      begin += 1_000_000
      figures.push(...described(name, run))
    }
    http.close()
    return {
      part: 'http',
      title: `(9) HTTP at ${scale.httpRate.toLocaleString('en-US')} requests/s, ${CONNECTIONS} kept-alive connections`,
      figures,
      audit: await stage.stopAndAudit(server),
    }
  })
}

interface Run {
  readonly histogram: Histogram
  readonly answeredPerSecond: number
  readonly failed: number
}

function atRate(guests: readonly Guest[], ask: Ask, perSecond: number, forMs: number, begin: number): Promise<Run> {
  const histogram = newHistogram()
  const total = Math.round((perSecond * forMs) / 1000)
  const beganMs = performance.now()
  let sent = 0
  let done = 0
  let failed = 0
  return new Promise((resolve) => {
    const answered = (meantAtMs: number, ok: boolean): void => {
      histogram.recordValue(Math.max(1, Math.round((performance.now() - meantAtMs) * 1000)))
      if (!ok) failed++
      if (++done < total) return
      resolve({ histogram, failed, answeredPerSecond: (total * 1000) / (performance.now() - beganMs) })
    }
    const tick = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - beganMs) * perSecond) / 1000))
      while (sent < due) {
        const index = begin + sent
        const meantAtMs = beganMs + (sent++ * 1000) / perSecond
        const guest = guests[index % guests.length]
        if (guest === undefined) continue
        ask(guest, index).then(
          ({ status }) => answered(meantAtMs, status === 200),
          () => answered(meantAtMs, false),
        )
      }
      if (sent < total) setTimeout(tick, 1)
    }
    tick()
  })
}

function described(name: string, { histogram, answeredPerSecond, failed }: Run): readonly Figure[] {
  const note = failed === 0 ? {} : { note: `${failed} not answered with 200` }
  return [
    { name: `${name}: p95`, value: percentileMs(histogram, 95), unit: 'ms', target: { most: P95_MS }, ...note },
    { name: `${name}: p50`, value: percentileMs(histogram, 50), unit: 'ms' },
    { name: `${name}: p99`, value: percentileMs(histogram, 99), unit: 'ms' },
    { name: `${name}: answered`, value: answeredPerSecond, unit: '/s' },
  ]
}
