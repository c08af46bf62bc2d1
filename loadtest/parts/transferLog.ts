// A made-up history of wallets that send each other money, as the runtime would have written it: what the parts of the
// storage path are measured with. Deterministic, so that two runs measure the same bytes.

import { createHash } from 'node:crypto'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { move, PartitionLog } from '../../test/support/batches.ts'

export interface TransferLogOptions {
  readonly wallets: number
  readonly partitions: number
  readonly recordsPerBatch: number
  /** One transfer in so many is the first wallet's, out and in by turns; left out, it is like the others. */
  readonly busyEvery?: number
  /** One transfer in so many is followed by a hold that stays open; left out, there are none. */
  readonly holdEvery?: number
}

export interface WalletPlace {
  readonly id: string
  readonly log: PartitionLog
}

const HOLD_MS = 24 * 60 * 60 * 1000

function isTurn(turn: number, every: number | undefined): boolean {
  return every !== undefined && turn % every === 0
}

export class TransferLog {
  readonly logs: readonly PartitionLog[]
  private readonly options: TransferLogOptions
  readonly wallets: readonly WalletPlace[]
  private arriving: LogRecord[] = []
  /** By source and destination: what the source's next header says was delivered. */
  private readonly delivered = new Map<PartitionId, Map<PartitionId, number>>()
  private draw = 1
  private made = 0

  constructor(options: TransferLogOptions) {
    this.options = options
    this.logs = Array.from(
      { length: options.partitions },
      (_, partition) => new PartitionLog(partition, options.partitions),
    )
    this.wallets = Array.from({ length: options.wallets }, (_, index) => {
      const id = `w_${createHash('sha256').update(`wallet ${index}`).digest('base64url').slice(0, 22)}`
      return { id, log: this.logOf(partitionOf(`wallet/${id}`, options.partitions)) }
    })
  }

  /** Opens every wallet and puts money in. */
  *opening(): Generator<readonly StoredBatch[]> {
    for (const log of this.logs) log.epochRecord()
    for (const { id, log } of this.wallets) {
      log.add({ actor: `wallet/${id}`, cause: this.command('open'), events: [['opened', `u_${id.slice(2)}`]] })
      log.add({
        actor: `wallet/${id}`,
        cause: this.command('deposit'),
        operation: 'deposit',
        events: [['deposited', 'USD', '1000000', 'sandbox', `bench-${id}`]],
        postings: move('USD', 1_000_000n, '1002', `2001:${id}`),
        reply: { status: 'confirmed' },
      })
      yield* this.cutFull()
    }
  }

  /** Transfers until about this many records are made: a sender's and, later, a receiver's for each. */
  *transfers(records: number): Generator<readonly StoredBatch[]> {
    for (let made = 0; made < records; made += 2) {
      const { from, to } = this.pair(made / 2)
      const amountMinor = BigInt(1 + (made % 97))
      const sent = from.log.add({
        actor: `wallet/${from.id}`,
        cause: this.command('send'),
        operation: 'transfer',
        events: [['sent', 'USD', amountMinor.toString(), to.id, '']],
        postings: move('USD', amountMinor, `2001:${from.id}`, '2006'),
        outbox: [{ to: `wallet/${to.id}`, name: 'receive', money: { asset: 'USD', amountMinor } }],
        reply: { status: 'pending' },
      })
      this.arriving.push(sent)
      if (isTurn(made / 2, this.options.holdEvery)) made += this.hold(this.anyWallet())
      if (this.arriving.length >= this.options.recordsPerBatch * this.options.partitions) this.arrive()
      yield* this.cutFull()
    }
    this.arrive()
    for (const log of this.logs) if (log.pending > 0) yield [this.cut(log)]
  }

  private pair(turn: number): { readonly from: WalletPlace; readonly to: WalletPlace } {
    const [from, to] = [this.anyWallet(), this.anyWallet()]
    const busy = this.wallets[0]
    if (busy === undefined || !isTurn(turn, this.options.busyEvery)) return { from, to }
    return (turn / (this.options.busyEvery ?? 1)) % 2 === 0 ? { from: busy, to } : { from, to: busy }
  }

  /** Answers how many entries of owned accounts that was. */
  private hold({ id, log }: WalletPlace): number {
    const name = `seat-${this.made}`
    const dueMs = log.atMs + HOLD_MS
    log.add({
      actor: `wallet/${id}`,
      cause: this.command('hold'),
      operation: 'hold',
      events: [['held', name, 'USD', '5', dueMs]],
      postings: move('USD', 5n, `2001:${id}`, `2005:${id}`),
      timers: [{ kind: 'set', name: `hold:${name}`, dueMs, body: name }],
      reply: { hold: name, expires_at_ms: dueMs },
    })
    return 2
  }

  private arrive(): void {
    for (const sent of this.arriving) {
      const envelope = sent.outbox[0]
      if (envelope === undefined || envelope.money === null) continue
      const { source, destination, number, seq, to, from, money } = envelope
      const { asset, amountMinor } = money
      const through = this.delivered.get(source) ?? new Map<PartitionId, number>()
      this.delivered.set(source, through.set(destination, number))
      this.logOf(destination).add({
        actor: to,
        cause: { kind: 'envelope', source, number, seq },
        operation: 'transfer',
        events: [['received', asset, amountMinor.toString(), from, `${source}-${seq}`, '']],
        postings: move(asset, amountMinor, '2006', `2001:${to.slice('wallet/'.length)}`),
      })
    }
    this.arriving = []
  }

  private *cutFull(): Generator<readonly StoredBatch[]> {
    for (const log of this.logs) if (log.pending >= this.options.recordsPerBatch) yield [this.cut(log)]
  }

  private cut(log: PartitionLog): StoredBatch {
    const delivered = [...(this.delivered.get(log.partition) ?? [])]
    this.delivered.delete(log.partition)
    log.records.length = 0
    return log.cutAt(0, { delivered })
  }

  private command(name: string) {
    const key = createHash('sha256')
      .update(`key ${this.made++}`)
      .digest('base64url')
      .slice(0, 22)
    const hash = createHash('sha256').update(key).digest('base64url').slice(0, 22)
    return { kind: 'command', name, key, hash, requestId: `r-${this.made}` } as const
  }

  private anyWallet(): WalletPlace {
    this.draw = (Math.imul(this.draw, 1_664_525) + 1_013_904_223) >>> 0
    const wallet = this.wallets[Math.floor((this.draw / 2 ** 32) * this.wallets.length)]
    if (wallet === undefined) throw new Error('no wallets')
    return wallet
  }

  private logOf(partition: PartitionId): PartitionLog {
    const log = this.logs[partition]
    if (log === undefined) throw new Error(`no partition ${partition}`)
    return log
  }
}
