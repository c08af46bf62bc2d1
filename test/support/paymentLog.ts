// A log in which an actor of a kind that owns no accounts pays into a wallet, by commands under keys: as something from
// outside would (M6). The kind is a probe under another name.

import { KINDS } from '../../actors/kinds.ts'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { partitionOf } from '../../shared/partition.ts'
import { command, move, PartitionLog } from './batches.ts'
import { probeKind } from './probeKind.ts'

const payment: AnyKind = { ...probeKind, kind: 'payment' }

export class PaymentLog {
  readonly kinds: ReadonlyMap<string, AnyKind> = new Map([...KINDS, [payment.kind, payment]])
  readonly actor = 'payment/p_1'
  private readonly wallet = 'w_payee'
  private readonly logs: readonly PartitionLog[]
  private readonly received: string[] = []

  constructor(partitions: number) {
    this.logs = Array.from({ length: partitions }, (_, partition) => new PartitionLog(partition, partitions))
    const actor = `wallet/${this.wallet}`
    this.of(actor).add({ actor, cause: command('open', 'open'), events: [['opened', 'u_payee']] })
  }

  get account(): string {
    return `2001:${this.wallet}`
  }

  /** What the wallet got, newest first, as `<depth> <record>/<leg>`. */
  get credits(): readonly string[] {
    return this.received.toReversed()
  }

  pay(amountMinor: bigint): void {
    const to = `wallet/${this.wallet}`
    const { outbox } = this.of(this.actor).add({
      actor: this.actor,
      cause: command('pay', `pay-${amountMinor}`),
      operation: 'deposit',
      postings: move('USD', amountMinor, '1002', '2006'),
      outbox: [{ to, name: 'receive', money: { asset: 'USD', amountMinor } }],
    })
    for (const { source, destination, number, seq } of outbox) {
      const taker = this.of(to).add({
        actor: to,
        cause: { kind: 'envelope', source, number, seq },
        operation: 'deposit',
        events: [['received', 'USD', `${amountMinor}`, this.actor, `${source}-${seq}`, '']],
        postings: move('USD', amountMinor, '2006', this.account),
      })
      this.received.push(`1 ${destination}:${taker.seq}/1`)
    }
  }

  seal(): readonly StoredBatch[] {
    return this.logs.filter(({ pending }) => pending > 0).map((log, index) => log.cutAt(index + 1))
  }

  private of(actor: string): PartitionLog {
    const log = this.logs[partitionOf(actor, this.logs.length)]
    if (log === undefined) throw new Error('no such partition')
    return log
  }
}
