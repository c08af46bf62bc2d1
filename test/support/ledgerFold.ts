// What a log says about the past, found the plainest way: every record of it is looked at, for every question. Shares no
// code with the answers it is compared with but the chart of accounts.

import { accountSpec, growsByDebit, isOwnedAccount } from '../../shared/accounts.ts'
import type { LogBuilder } from './logBuilder.ts'

export interface PlainLeg {
  readonly id: string
  readonly partition: number
  readonly seq: number
  readonly leg: number
  readonly atMs: number
  readonly type: string
  readonly account: string
  readonly asset: string
  readonly side: 'debit' | 'credit'
  readonly minor: bigint
  readonly after: bigint
}

/** Every entry, newest first: by time, then partition, record and place. */
export function plainLegs(log: LogBuilder): readonly PlainLeg[] {
  const legs = log.batches.flatMap(({ partition, records }) =>
    records.flatMap(({ s: seq, t: atMs, op: type = 'none', en = [] }) =>
      en.map(([account, asset, side, minor, after], leg): PlainLeg => {
        const form = { id: `${partition}:${seq}`, partition, seq, leg, atMs, type, account, asset }
        return { ...form, side: side === 'D' ? 'debit' : 'credit', minor: BigInt(minor), after: BigInt(after) }
      }),
    ),
  )
  return legs.sort((a, b) => b.atMs - a.atMs || b.partition - a.partition || b.seq - a.seq || b.leg - a.leg)
}

/** What a record caused, through `depth` envelopes, as `<depth> <record>/<leg>`, and envelopes that nobody took as `open`. */
export function plainCaused(log: LogBuilder, id: string, depth = 3, at = 0): readonly string[] {
  const records = log.batches.flatMap(({ partition, records: all }) => all.map((record) => ({ partition, record })))
  const found = records.find(({ partition, record }) => `${partition}:${record.s}` === id)
  if (found === undefined) throw new Error(`no record ${id}`)
  const { partition: source, record: sender } = found
  const own = (sender.en ?? []).map((_, leg) => `${at} ${id}/${leg}`)
  if (at === depth) return own
  const caused = (sender.out ?? []).flatMap(([destination, number]) => {
    const taker = records.find(
      ({ partition, record: { f } }) => partition === destination && f?.[0] === source && f[1] === number,
    )
    return taker === undefined ? ['open'] : plainCaused(log, `${destination}:${taker.record.s}`, depth, at + 1)
  })
  return [...own, ...caused]
}

export function change({ account, side, minor }: PlainLeg): bigint {
  const spec = accountSpec(account)
  if (spec === null) throw new Error(`no account ${account}`)
  return (side === 'debit') === growsByDebit(spec) ? minor : -minor
}

/** Sum of what ever moved on accounts that `are`, up to a moment. */
export function plainBalance(
  legs: readonly PlainLeg[],
  atMs: number,
  asset: string,
  are: (account: string) => boolean,
) {
  return legs
    .filter((leg) => leg.atMs <= atMs && leg.asset === asset && are(leg.account))
    .reduce((sum, leg) => sum + change(leg), 0n)
}

/** [asset, code, debit, credit] of every code that has something, in order. */
export function plainTrial(
  legs: readonly PlainLeg[],
  atMs: number,
): readonly (readonly [string, string, bigint, bigint])[] {
  const names = new Set(
    legs.filter((leg) => leg.atMs <= atMs).map(({ asset, account }) => `${asset} ${account.slice(0, 4)}`),
  )
  return [...names].sort().flatMap((name) => {
    const [asset = '', code = ''] = name.split(' ')
    const minor = plainBalance(legs, atMs, asset, (account) => account.startsWith(code))
    const spec = accountSpec(code)
    if (minor === 0n || spec === null) return []
    const onDebit = growsByDebit(spec) === minor > 0n
    const size = minor < 0n ? -minor : minor
    return [[asset, code, onDebit ? size : 0n, onDebit ? 0n : size] as const]
  })
}

export function ownedAccounts(legs: readonly PlainLeg[]): readonly string[] {
  return [...new Set(legs.map(({ account }) => account).filter(isOwnedAccount))]
}
