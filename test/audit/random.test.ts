// Random sound logs pass, as they grow and in any order of partitions; any one byte of them changed does not.

import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { Audit } from '../../server/audit/audit.ts'
import { LogBuilder, type SealedBatch } from '../support/logBuilder.ts'

const PARTITIONS = 3
const WALLETS = 5

type Step = readonly [what: number, a: number, b: number, minor: number]
const steps = fc.array(
  fc.tuple(fc.nat(9), fc.nat(WALLETS - 1), fc.nat(WALLETS - 1), fc.integer({ min: 1, max: 5_000 })),
  {
    maxLength: 60,
  },
)

/** Plays the steps that are possible when their turn comes. */
function play(script: readonly Step[]): LogBuilder {
  const log = new LogBuilder(PARTITIONS)
  const wallets = Array.from({ length: WALLETS }, (_, index) => log.walletIn(index % PARTITIONS, `rnd${index}`))
  for (let partition = 0; partition < PARTITIONS; partition++) log.epoch(partition)
  const holds: { wallet: string; name: string; minor: bigint; dueMs: number }[] = []
  for (const [what, a, b, size] of script) {
    const [from, to] = [wallets[a] ?? '', wallets[b] ?? '']
    const minor = BigInt(size)
    const affordable = log.balance(from) >= minor
    if (what === 0) log.deposit(from, minor)
    else if (what === 1 && affordable && a !== b) log.send(from, to, minor)
    else if (what === 2 || (what === 3 && size % 3 > 0)) log.receive(log.home(from), log.home(to))
    else if (what === 3) log.relay(log.home(from), log.home(to), to)
    else if (what === 4) refuseOrTake(log, log.home(from), log.home(to))
    else if (what === 5 && size % 4 === 0) log.park(log.home(from), log.home(to))
    else if (what === 6 && affordable) {
      const hold = { wallet: from, name: `h${holds.length}-${log.nowMs}`, minor, dueMs: log.nowMs + size }
      holds.push(hold)
      log.hold(hold.wallet, hold.minor, hold.name, hold.dueMs)
    } else if (what === 7) endHold(log, holds.shift(), size % 2 === 0)
    else if (what === 8) log.cut(log.home(from))
    else if (what === 9) log.epoch(log.home(from))
  }
  return log
}

function refuseOrTake(log: LogBuilder, source: number, destination: number): void {
  if (log.next(source, destination) === 'returned') log.receive(source, destination)
  else log.refuse(source, destination)
}

function endHold(
  log: LogBuilder,
  hold: { wallet: string; name: string; minor: bigint; dueMs: number } | undefined,
  early: boolean,
): void {
  if (hold === undefined) return
  if (early) log.release(hold.wallet, hold.minor, hold.name)
  else {
    log.nowMs = Math.max(log.nowMs, hold.dueMs)
    log.expire(hold.wallet, hold.minor, hold.name, hold.dueMs)
  }
}

function audited(batches: readonly SealedBatch[]): Audit {
  const audit = new Audit({ partitions: PARTITIONS })
  for (const { partition, position, bytes } of batches) audit.take(partition, position, bytes)
  audit.finish()
  return audit
}

const heads = (audit: Audit): string => audit.logs.map((log) => log.head).join(' ')

describe('audit: random logs', () => {
  it('sound ones pass, in either order of reading', () => {
    fc.assert(
      fc.property(steps, fc.nat(PARTITIONS - 1), (script, first) => {
        const batches = play(script).seal()
        expect(audited(batches).violation).to.equal(null)
        const turn = (partition: number): number => (partition - first + PARTITIONS) % PARTITIONS
        const reordered = [...batches].sort((a, b) => turn(a.partition) - turn(b.partition))
        expect(audited(reordered).violation).to.equal(null)
      }),
      { numRuns: 300 },
    )
  })

  it('one changed byte is a finding, or changes the head of the chain that a checkpoint holds', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (script, which, where, mask) => {
        const batches = play(script).seal()
        const sound = heads(audited(batches))
        const damaged = batches[which % batches.length]
        if (damaged === undefined) return
        const at = where % damaged.bytes.length
        damaged.bytes[at] = (damaged.bytes[at] ?? 0) ^ mask
        const audit = audited(batches)
        const followed = batches
          .slice((which % batches.length) + 1)
          .some((batch) => batch.partition === damaged.partition)
        // The last link has no successor to give it away: whoever holds the head's hash (the store's checkpoint) does.
        if (followed) expect(audit.violation).to.not.equal(null)
        else expect(audit.violation !== null || heads(audit) !== sound).to.equal(true)
      }),
      { numRuns: 500 },
    )
  })

  it('one lost batch is a finding, unless it was the last of its partition', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (script, which) => {
        const batches = play(script).seal()
        const [lost] = batches.splice(which % batches.length, 1)
        const followed = batches
          .slice(which % (batches.length + 1))
          .some((batch) => batch.partition === lost?.partition)
        if (followed) expect(audited(batches).violation?.invariant).to.equal('J3')
      }),
      { numRuns: 200 },
    )
  })

  it('hashes bytes, not what they decode to', () => {
    const log = new LogBuilder(1)
    log.epoch(0)
    log.epoch(0)
    const [first] = log.seal()
    const audit = new Audit({ partitions: 1 })
    audit.take(0, 1, first?.bytes ?? Buffer.alloc(0))
    expect(audit.logs[0]?.head).to.equal(
      createHash('sha256')
        .update(first?.bytes ?? '')
        .digest('hex'),
    )
  })
})
