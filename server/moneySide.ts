// Everything that money passes through in this process: journal, store and projector, the runtime over them, and the
// desk that both wires talk to.

import { join } from 'node:path'
import { KINDS } from '../actors/kinds.ts'
import { LocalTransport, Runtime } from '../actors/runtime/runtime.ts'
import type { WalletService } from '../actors/wallet/service.ts'
import { WalletFeed } from '../rooms/walletFeed.ts'
import type { Config } from './config.ts'
import { openSqliteJournal } from './journal/openJournal.ts'
import type { Log } from './log.ts'
import { createObserver, type Metrics } from './metrics.ts'
import { randomIds, systemClock, systemScheduler } from './system.ts'
import { WalletDesk } from './walletDesk.ts'
import { StoreHistory } from './walletHistory.ts'

export interface MoneySide {
  readonly wallets: WalletService
  readonly feed: WalletFeed
  /** `ok`, or what is wrong, of each part. */
  checks(): Readonly<Record<string, string>>
  /** Answers whether nothing was left over. */
  drain(deadlineMs: number): Promise<boolean>
  close(): Promise<void>
}

export async function openMoneySide(config: Config, metrics: Metrics, log: Log): Promise<MoneySide> {
  const observer = createObserver(metrics, log)
  const journal = await openSqliteJournal({
    file: join(config.dataDir, 'journal.db'),
    partitions: config.partitions,
    minCommitIntervalMs: config.commitIntervalMs,
    onAlarm: (event, detail) => observer.alarm(event, detail),
  })
  const store = {
    partitionSnapshot: async () => null,
    actorSnapshots: async () => [],
    recentKeys: async () => new Map(),
    findKey: async () => null,
  }
  const feed = new WalletFeed(config.pushIntervalMs)
  const transport = new LocalTransport()
  const runtime = new Runtime({
    partitions: config.partitions,
    kinds: KINDS,
    journal,
    store,
    transport,
    clock: systemClock,
    scheduler: systemScheduler,
    ids: randomIds,
    observer,
    feed,
  })
  transport.attach(runtime)
  await runtime.start([...Array(config.partitions).keys()])
  const wallets = new WalletDesk({
    runtime,
    history: new StoreHistory(),
    nowMs: () => systemClock.nowMs(),
    sandbox: !config.production,
    answered: (command, outcome, elapsedMs) => observer.answered('wallet', command, outcome, elapsedMs),
  })
  return {
    wallets,
    feed,
    checks: () => ({ runtime: runtime.serving ? 'ok' : 'not serving' }),
    drain: (deadlineMs) => runtime.drain(deadlineMs),
    async close() {
      feed.close()
      runtime.stop()
      await journal.close()
    },
  }
}
