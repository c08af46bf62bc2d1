// How far the projector is behind, as the server's own /metrics say, asked twice a second while a load runs.

import type { HttpClient } from '../client/httpClient.ts'

const EVERY_MS = 500
const LAG = 'leet_projector_lag_records'

/** Durable records the store does not have yet; NaN where the server does not say. */
export async function projectorLag(http: HttpClient): Promise<number> {
  return metric(await metricsText(http), LAG)
}

export async function metricsText(http: HttpClient): Promise<string> {
  const { status, body } = await http.get('/metrics')
  if (status !== 200 || typeof body !== 'string') throw new Error(`/metrics answers ${status}`)
  return body
}

/** The sum over a metric's label combinations; NaN where it is not there. */
export function metric(text: string, name: string): number {
  let sum = Number.NaN
  for (const line of text.split('\n')) {
    if (!line.startsWith(name) || !(line[name.length] === ' ' || line[name.length] === '{')) continue
    const value = Number(line.slice(line.lastIndexOf(' ') + 1))
    sum = Number.isNaN(sum) ? value : sum + value
  }
  return sum
}

export class ProjectorWatch {
  highest = 0
  private readonly http: HttpClient
  private timer: NodeJS.Timeout | null = null
  private asking: Promise<void> = Promise.resolve()

  constructor(http: HttpClient) {
    this.http = http
    this.timer = setInterval(() => {
      this.asking = this.look()
    }, EVERY_MS)
  }

  async end(): Promise<number> {
    if (this.timer !== null) clearInterval(this.timer)
    this.timer = null
    await this.asking
    return this.highest
  }

  private async look(): Promise<void> {
    const lag = await projectorLag(this.http).catch(() => Number.NaN)
    if (Number.isNaN(lag)) this.highest = Number.NaN
    else this.highest = Math.max(this.highest, lag)
  }
}

/** Waits until nothing is left to project. Answers the milliseconds it took; infinite where it did not end in time. */
export async function caughtUp(http: HttpClient, timeoutMs: number): Promise<number> {
  const beganMs = performance.now()
  for (;;) {
    const lag = await projectorLag(http)
    const elapsedMs = performance.now() - beganMs
    if (lag === 0) return elapsedMs
    if (Number.isNaN(lag)) return Number.NaN
    if (elapsedMs > timeoutMs) return Number.POSITIVE_INFINITY
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS / 5))
  }
}
