// One run of players against a cluster while something is done to it, and the reckoning at the end: the journal audited,
// every command and every read of the history held against it.

import { CLUSTER_PARTITIONS, type ClusterOptions, startCluster, type TestCluster } from './cluster.ts'
import { type Ledger, ledgerOf } from './ledgerOf.ts'
import { Players } from './players.ts'

export const LONG = process.env.LONG === '1'

export interface FaultRun extends ClusterOptions {
  readonly title: string
  readonly players?: number
  /** What is done while they play; they play on until it is over. */
  readonly act: (cluster: TestCluster, players: Players) => Promise<void>
}

export interface Outcome {
  readonly ledger: Ledger
  readonly players: Players
}

/** Runs it and checks everything. Answers for what else a test wants to see. */
export async function runFault(run: FaultRun): Promise<Outcome> {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
  const cluster = await startCluster(run)
  try {
    const players = await Players.join(run.players ?? 20, cluster.servers, seed)
    const beganMs = performance.now()
    await players.playUntil(run.act(cluster, players))
    const seconds = (performance.now() - beganMs) / 1_000
    await players.leave()
    const urls = cluster.nats.map(({ url }) => url)
    const partitions = run.partitions ?? CLUSTER_PARTITIONS
    const ledger = await ledgerOf(urls, 'leet', partitions, run.threeNats === true ? 3 : 1)
    players.check(ledger)
    tell(run.title, players, ledger, seconds, seed)
    return { ledger, players }
  } catch (error) {
    for (const [index, server] of cluster.servers.entries()) console.log(`server ${index}:\n${server.output}`)
    throw error
  } finally {
    await cluster.stop()
  }
}

function tell(title: string, players: Players, ledger: Ledger, seconds: number, seed: number): void {
  const sorted = players.latencies()
  const at = (share: number): string => `${Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)} ms`
  console.log(
    `      ${title}: seed ${seed}, ${seconds.toFixed(1)} s, ${players.acknowledged} acknowledged, ` +
      `${players.sentAgain} sent again, 0 lost, 0 doubled; p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(0.9999)}; ` +
      `${ledger.records} records, ${ledger.epochs} epochs`,
  )
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
