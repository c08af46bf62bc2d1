// What connects nodes with each other and with the lease bucket: every message is delayed, and may be dropped or doubled.
// A node that is cut off hears nothing and is not heard; what was on its way is lost, or arrives when the cut heals, as
// from a socket's buffer. A node that has crashed may be taken for connected for a while.

import type { Report } from './coverage.ts'
import type { Prng } from './prng.ts'
import type { SimLoop } from './simScheduler.ts'

export interface Weather {
  readonly dropped: number
  readonly twice: number
  readonly delayMs: number
  /** Share of messages that take up to `slowMs`. */
  readonly slow: number
  readonly slowMs: number
  /** Chance that a message from or to a node that is cut off arrives after all, when the cut heals. */
  readonly kept: number
}

const CALM_WEATHER: Weather = Object.freeze({ dropped: 0, twice: 0, delayMs: 3, slow: 0, slowMs: 0, kept: 0 })

export function drawWeather(prng: Prng, ttlMs: number): Weather {
  return {
    dropped: prng.pick([0, 0, 0.03]),
    twice: prng.pick([0, 0.1]),
    delayMs: prng.pick([1, 5, 25]),
    slow: prng.pick([0, 0.01, 0.03]),
    slowMs: ttlMs * prng.pick([0.2, 0.8, 1.5]),
    kept: prng.pick([0, 0.5, 1]),
  }
}

interface Link {
  state: 'up' | 'cut' | 'gone'
  /** Whether the network takes it for connected: it finds out late that a node is gone or cut off. */
  known: boolean
  readonly kept: (() => void)[]
}

export class SimNetwork {
  private readonly loop: SimLoop
  private readonly prng: Prng
  private readonly report: Report
  private readonly links = new Map<string, Link>()
  private weather: Weather

  constructor(loop: SimLoop, prng: Prng, report: Report, weather: Weather) {
    this.loop = loop
    this.prng = prng
    this.report = report
    this.weather = weather
  }

  join(name: string): void {
    this.links.set(name, { state: 'up', known: true, kept: [] })
  }

  /** No more faults: messages arrive once and soon, and nobody is cut off. */
  calm(): void {
    this.weather = CALM_WEATHER
    for (const name of this.links.keys()) this.heal(name)
  }

  isCut(name: string): boolean {
    return this.links.get(name)?.state !== 'up'
  }

  /** What the network's directory says. */
  isKnown(name: string): boolean {
    return this.links.get(name)?.known === true
  }

  cut(name: string): void {
    const link = this.links.get(name)
    if (link?.state !== 'up') return
    link.state = 'cut'
    this.forgetLater(link)
  }

  heal(name: string): void {
    const link = this.links.get(name)
    if (link?.state !== 'cut') return
    link.state = 'up'
    link.known = true
    for (const send of link.kept.splice(0)) send()
  }

  /** The node is no more. */
  leave(name: string): void {
    const link = this.links.get(name)
    if (link === undefined) return
    link.state = 'gone'
    link.kept.length = 0
    this.forgetLater(link)
  }

  /** One message: `run` happens as a task of its receiver, once, twice or never. */
  carry(from: string, to: string, label: string, run: () => void): void {
    const { dropped, twice } = this.weather
    if (this.prng.chance(dropped)) return this.report.count('wireDropped')
    this.carryOnce(from, to, label, run)
    if (!this.prng.chance(twice)) return
    this.report.count('wireTwice')
    this.carryOnce(from, to, label, run)
  }

  /** Over one connection: once, or never. */
  carryOnce(from: string, to: string, label: string, run: () => void): void {
    if (this.stopped(from, () => this.carryOnce(from, to, label, run))) return
    this.loop.add('network', label, this.delayMs(), () => this.arrive(to, label, run))
  }

  private arrive(to: string, label: string, run: () => void): void {
    if (this.stopped(to, () => this.arrive(to, label, run))) return
    // A node that is paused hears it when it wakes.
    this.loop.add(to, label, 0, run)
  }

  private stopped(name: string, again: () => void): boolean {
    const link = this.links.get(name)
    if (link?.state === 'up') return false
    if (link?.state === 'cut' && this.prng.chance(this.weather.kept)) link.kept.push(again)
    return true
  }

  private forgetLater(link: Link): void {
    const { state } = link
    this.loop.add('network', 'forget', this.prng.pick([0, 50, 2_000]), () => {
      if (link.state === state) link.known = false
    })
  }

  private delayMs(): number {
    const { delayMs, slow, slowMs } = this.weather
    return this.prng.between(0, this.prng.chance(slow) ? Math.floor(slowMs) : delayMs)
  }
}
