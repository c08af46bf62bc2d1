// The core without sockets, in a process of its own: the real runtime over the real journal, asked in process, with no
// projector. Writes at least so many records, or for so long, and tells what it measured over the IPC channel.

import { randomBytes } from 'node:crypto'
import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import { startBare } from './bareRuntime.ts'

export interface CoreOrder {
  readonly journalFile: string
  readonly wallets: readonly string[]
  /** Transfers before the measurement, so that compiled code is what is measured. */
  readonly warmUpMs: number
  /** Ends after this long, 0: not by time. */
  readonly measureMs: number
  /** Ends when so many records are durable, 0: not by count. */
  readonly records: number
  readonly inFlight: number
}

export interface CoreOutcome {
  readonly seconds: number
  readonly records: number
  /** Both wallets' records durable. */
  readonly transfers: number
  readonly batches: number
  /** Of all threads. */
  readonly cpuMs: number
}

const START_MINOR = 1_000_000n

async function run(order: CoreOrder): Promise<CoreOutcome> {
  const counted = { records: 0, transfers: 0, batches: 0 }
  const bare = await startBare({
    journalFile: order.journalFile,
    committed(records) {
      counted.records += records
      counted.batches++
    },
    feed: { wants: () => true, committed() {}, delivered: () => counted.transfers++ },
  })
  const { runtime } = bare
  await openWallets(runtime, order.wallets)
  const warmUntilMs = performance.now() + order.warmUpMs
  await transferUntil(runtime, order, (nowMs) => nowMs >= warmUntilMs)
  const before = { ...counted }
  const cpuBefore = process.cpuUsage()
  const beganMs = performance.now()
  await transferUntil(runtime, order, (nowMs) => {
    const enough = order.records > 0 && counted.records - before.records >= order.records
    return enough || (order.measureMs > 0 && nowMs - beganMs >= order.measureMs)
  })
  const seconds = (performance.now() - beganMs) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  const outcome = {
    seconds,
    records: counted.records - before.records,
    transfers: counted.transfers - before.transfers,
    batches: counted.batches - before.batches,
    cpuMs: (cpu.user + cpu.system) / 1000,
  }
  await bare.stop()
  return outcome
}

async function ask(runtime: Runtime, id: string, command: WalletCommand, key: string): Promise<void> {
  const answer = await runtime.ask({ kind: 'wallet', id }, command, { key, requestId: '' })
  if (answer.kind !== 'done') throw new Error(`${command.kind} was refused: ${answer.code}`)
}

/** Wallets that are open already stay as they are. */
async function openWallets(runtime: Runtime, wallets: readonly string[]): Promise<void> {
  const reference = randomBytes(6).toString('hex')
  await Promise.all(
    wallets.map(async (id) => {
      await ask(runtime, id, { kind: 'open', userId: `u_${id.slice(2)}` as UserId }, '')
      const money = { asset: 'USD', amountMinor: START_MINOR, provider: 'sandbox', reference } as const
      await ask(runtime, id, { kind: 'deposit', ...money }, reference)
    }),
  )
}

/** Keeps `inFlight` transfers between random wallets under way. */
function transferUntil(runtime: Runtime, order: CoreOrder, isOver: (nowMs: number) => boolean): Promise<void> {
  const { wallets, inFlight } = order
  const tag = randomBytes(4).toString('hex')
  let sent = 0
  const lane = async (): Promise<void> => {
    while (!isOver(performance.now())) {
      const from = Math.floor(Math.random() * wallets.length)
      const to = (from + 1 + Math.floor(Math.random() * (wallets.length - 1))) % wallets.length
      const receiver = (wallets[to] ?? '') as WalletId // named so by whoever gave the order
      const command = { kind: 'send', to: receiver, asset: 'USD', amountMinor: 1n, memo: '' } as const
      await ask(runtime, wallets[from] ?? '', command, `${tag}-${++sent}`)
    }
  }
  return Promise.all(Array.from({ length: inFlight }, lane)).then(() => {})
}

process.once('message', (order: CoreOrder) => {
  run(order).then(
    (outcome) => process.send?.(outcome, () => process.exit(0)),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
