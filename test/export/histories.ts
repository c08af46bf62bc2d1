// Random sound histories for exports and cuts: deposits and transfers over partitions whose owners' clocks differ and
// jump, so that times alone say little, batches of several records, and headers that call envelopes delivered.

import fc from 'fast-check'
import { LogBuilder, type SealedBatch, type WireRecord } from '../support/logBuilder.ts'

export const PARTITIONS = 3
const WALLETS = 6

type Step = readonly [what: number, a: number, b: number, minor: number]

export const steps = fc.array(
  fc.tuple(fc.nat(9), fc.nat(WALLETS - 1), fc.nat(WALLETS - 1), fc.integer({ min: 1, max: 400 })),
  { minLength: 5, maxLength: 80 },
)

export interface History {
  readonly batches: readonly SealedBatch[]
  readonly times: readonly number[]
}

/** Plays the steps that are possible when their turn comes. */
export function play(script: readonly Step[]): History {
  const log = new LogBuilder(PARTITIONS)
  const clocks = Array.from({ length: PARTITIONS }, () => log.nowMs)
  const lastMs = [0, 0, 0]
  const flying = new Map<string, WireRecord[]>()
  const taken = new Map<string, number>()
  const times: number[] = []
  const wallets = Array.from({ length: WALLETS }, (_, index) => log.walletIn(index % PARTITIONS, `rnd${index}`))
  /** A7: not before the partition's last record, nor before what causes this one. */
  const at = (partition: number, causeMs = 0): void => {
    log.nowMs = Math.max(clocks[partition] ?? 0, lastMs[partition] ?? 0, causeMs)
  }
  const written = (partition: number, record: WireRecord): WireRecord => {
    lastMs[partition] = record.t
    times.push(record.t)
    return record
  }
  for (let partition = 0; partition < PARTITIONS; partition++) {
    at(partition)
    written(partition, log.epoch(partition))
  }
  for (const [what, a, b, size] of script) {
    const [from, to] = [wallets[a] ?? '', wallets[b] ?? '']
    const [home, there] = [log.home(from), log.home(to)]
    const lane = `${home} ${there}`
    // A clock that was set back now and then.
    clocks[home] = (clocks[home] ?? 0) + (what === 9 ? -200 : size % 7)
    at(home)
    if (what <= 1) written(home, log.deposit(from, BigInt(size)))
    else if (what <= 4 && log.balance(from) >= BigInt(size) && a !== b) {
      const record = written(home, log.send(from, to, BigInt(size)))
      flying.set(lane, [...(flying.get(lane) ?? []), record])
    } else if (what <= 7) {
      const cause = flying.get(lane)?.shift()
      if (cause === undefined) continue
      // A4: an envelope leaves once its batch is durable.
      log.cut(home)
      at(there, cause.t)
      const record = log.receive(home, there)
      if (record !== null) written(there, record)
      taken.set(lane, (taken.get(lane) ?? 0) + 1)
      if (what === 7) {
        log.cut(there)
        log.deliver(home, there, taken.get(lane) ?? 0)
        at(home)
        written(home, log.deposit(from, 1n))
      }
    } else log.cut(home)
  }
  return { batches: log.seal(), times }
}
