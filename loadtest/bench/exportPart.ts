// (12): the whole ledger exported over HTTP beside transfers at a fixed rate: what the commands notice, by the same load
// before it and after it in the same run; how fast the export leaves; and what memory the server takes for it.

import { newStaff } from '../../test/support/staff.ts'
import { HttpClient } from '../client/httpClient.ts'
import { processStats } from '../processStats.ts'
import type { RunningServer } from '../server.ts'
import { journalFile, runCore } from './corePart.ts'
import type { Figure, PartResult } from './figures.ts'
import { type Fleet, walletFleet } from './fleet.ts'
import { anyWallet, closedLoop, type LoopResult, openLoop, percentileMs } from './loops.ts'
import { caughtUp } from './projectorWatch.ts'
import { madeBefore } from './recoveryPart.ts'
import type { Scale } from './scale.ts'
import { onStage } from './stage.ts'
import { lost } from './transfersPart.ts'

const IN_FLIGHT = 4_096
const CATCH_UP_TIMEOUT_MS = 1_200_000
const MANIFEST_BYTES = 64 * 1024

interface Taken {
  readonly bytes: number
  readonly seconds: number
}

export async function exportPart(scale: Scale): Promise<PartResult> {
  return onStage(async (stage) => {
    const guests = await madeBefore(await stage.start(), scale.clients)
    const { records } = await runCore({
      journalFile: journalFile(stage.dataDir),
      wallets: guests.map(({ walletId }) => walletId),
      warmUpMs: 0,
      measureMs: 0,
      records: scale.ledgerEntries,
      inFlight: IN_FLIGHT,
    })
    const server = await stage.start()
    // A backlog sheds what clients send (A5).
    await projected(server)
    const auditor = await newStaff({ url: server.url, dataDir: stage.dataDir }, 'auditor')
    const { fleet } = await walletFleet(server.url, scale.clients)
    await closedLoop(fleet, { inFlight: 1, warmUpMs: 2 * scale.warmUpMs, measureMs: 1, pick: anyWallet })
    await projected(server)
    const rssMb = processStats(server.pid).rssMb
    const before = await atRate(fleet, scale)
    const exports = new Exports(server, auditor.token)
    const beside = await atRate(fleet, scale)
    const taken = await exports.end()
    const after = await atRate(fleet, scale)
    const peakMb = exports.highestRssMb
    fleet.close()
    const figures = [
      ...described('before it', before),
      ...described('beside an export', beside),
      ...described('after it', after),
      ratio(before, beside, after),
      ...exportFigures(taken, scale.exportMs),
      { name: 'server memory before it', value: rssMb, unit: 'MB' },
      { name: 'server memory beside it, at most', value: peakMb, unit: 'MB', note: 'looked at ten times a second' },
    ]
    const title = `(12) ${scale.exportRate} transfers/s beside exports of ${records.toLocaleString('en-US')} records`
    return { part: 'export', title, figures, audit: await stage.stopAndAudit(server) }
  })
}

async function projected(server: RunningServer): Promise<void> {
  const watcher = new HttpClient(server.url, 1)
  await caughtUp(watcher, CATCH_UP_TIMEOUT_MS)
  watcher.close()
}

function atRate(fleet: Fleet, { exportRate: perSecond, exportMs: measureMs }: Scale): Promise<LoopResult> {
  return openLoop(fleet, { perSecond, measureMs, pick: anyWallet })
}

/** One export after the other, as long as the load lasts. */
class Exports {
  highestRssMb = 0
  private readonly stopping = new AbortController()
  private readonly watching: NodeJS.Timeout
  private readonly running: Promise<readonly Taken[]>

  constructor({ url, pid }: RunningServer, token: string) {
    this.watching = setInterval(() => {
      this.highestRssMb = Math.max(this.highestRssMb, processStats(pid).rssMb)
    }, 100)
    this.running = this.takeAll(url, token)
  }

  async end(): Promise<readonly Taken[]> {
    this.stopping.abort()
    clearInterval(this.watching)
    return this.running
  }

  private async takeAll(url: string, token: string): Promise<readonly Taken[]> {
    const taken: Taken[] = []
    while (!this.stopping.signal.aborted) taken.push(await this.take(url, token))
    return taken
  }

  /** What is under way when the load ends is left. */
  private async take(url: string, token: string): Promise<Taken> {
    const beganMs = performance.now()
    let bytes = 0
    let tail = Buffer.alloc(0)
    const seconds = (): number => (performance.now() - beganMs) / 1000
    try {
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(`${url}/admin/ledger/export`, { headers, signal: this.stopping.signal })
      if (response.status !== 200) throw new Error(`an export answers ${response.status}`)
      for await (const chunk of response.body ?? []) {
        bytes += chunk.byteLength
        tail = Buffer.concat([tail, chunk]).subarray(-MANIFEST_BYTES)
      }
    } catch (error) {
      if (this.stopping.signal.aborted) return { bytes, seconds: seconds() }
      throw error
    }
    if (!tail.includes('\n{"manifest":')) throw new Error('an export has ended without its manifest')
    return { bytes, seconds: seconds() }
  }
}

function described(when: string, loop: LoopResult): readonly Figure[] {
  const at = (percentile: number) => percentileMs(loop.replies, percentile)
  return [
    { name: `reply p50, ${when}`, value: at(50), unit: 'ms', note: lost(loop) },
    { name: `reply p95, ${when}`, value: at(95), unit: 'ms' },
    { name: `reply p99, ${when}`, value: at(99), unit: 'ms' },
  ]
}

function ratio(before: LoopResult, beside: LoopResult, after: LoopResult): Figure {
  const without = (percentileMs(before.replies, 95) + percentileMs(after.replies, 95)) / 2
  const value = percentileMs(beside.replies, 95) / without
  return { name: 'reply p95, beside / without', value, unit: '', note: 'without: the mean of before and after' }
}

function exportFigures(taken: readonly Taken[], loadMs: number): readonly Figure[] {
  const bytes = taken.reduce((sum, each) => sum + each.bytes, 0)
  const seconds = taken.reduce((sum, each) => sum + each.seconds, 0)
  const note = `${taken.length} begun in ${loadMs / 1000} s, the last one left when the load ended`
  return [{ name: 'exported', value: bytes / 2 ** 20 / seconds, unit: 'MB/s', note }]
}
