// The rest of a partition as replay gives it (J4): system accounts, watermarks, envelope numbers, undelivered outbox and
// timers, compared with the stored snapshot at its seq. What counts as undelivered here is what the batch headers have not
// called delivered, as the snapshot's writer cannot know more.

import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { EnvelopeLine, HeaderLine, RecordLine } from './recordLine.ts'
import { differenceOf } from './replayedActors.ts'
import { storeDiffers } from './violation.ts'

export interface StoredPartitions {
  /** JSON text by partition. */
  partitionSnapshots(): ReadonlyMap<number, { readonly seq: number; readonly text: string }>
}

interface Sent {
  readonly seq: number
  readonly atMs: number
  readonly from: string
  readonly envelope: EnvelopeLine
}

interface Pending {
  readonly seq: number
  readonly text: string
  /** By destination, oldest first. */
  readonly outbox: Map<number, Sent[]>
}

export class ReplayedPartitions implements AuditWatcher {
  private readonly pending = new Map<number, Pending>()
  compared = 0

  constructor(store: StoredPartitions) {
    for (const [partition, { seq, text }] of store.partitionSnapshots()) {
      this.pending.set(partition, { seq, text, outbox: new Map() })
    }
  }

  before(): void {}

  after(_audit: Audit, log: PartitionLog, record: RecordLine): void {
    const pending = this.pending.get(log.partition)
    if (pending === undefined) return
    for (const envelope of record.outbox) {
      const queue = pending.outbox.get(envelope.destination) ?? []
      queue.push({ seq: record.seq, atMs: record.atMs, from: record.actor, envelope })
      pending.outbox.set(envelope.destination, queue)
    }
  }

  batch(audit: Audit, log: PartitionLog, header: HeaderLine): void {
    const pending = this.pending.get(log.partition)
    if (pending === undefined) return
    for (const [destination, through] of header.delivered) {
      const queue = pending.outbox.get(destination) ?? []
      const left = queue.findIndex(({ envelope }) => envelope.number > through)
      queue.splice(0, left === -1 ? queue.length : left)
    }
    if (log.seq < pending.seq) return
    this.pending.delete(log.partition)
    const at = `${log.partition}:${pending.seq}`
    if (log.seq > pending.seq) storeDiffers('J4', 'partition snapshot in the midst of a batch', at)
    this.compare(audit, log, pending, at)
  }

  end(audit: Audit): void {
    for (const [partition, { seq }] of this.pending) {
      const last = audit.logs[partition]?.seq ?? 0
      const trouble = `partition snapshot is ahead of the journal, which ends at seq ${last}`
      storeDiffers('J4', trouble, `${partition}:${seq}`)
    }
  }

  private compare(audit: Audit, log: PartitionLog, pending: Pending, at: string): void {
    const stored = fieldsOf(pending.text, at)
    for (const [name, value] of Object.entries(snapshotOf(audit, log, pending))) {
      const [has, gives] = [JSON.stringify(stored.get(name)) ?? 'nothing', JSON.stringify(value)]
      if (has !== gives) {
        storeDiffers(
          'J4',
          `${name} of the partition snapshot are not what replay gives: ${differenceOf(has, gives)}`,
          at,
        )
      }
    }
    this.compared++
  }
}

function fieldsOf(text: string, at: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  } catch {
    return storeDiffers('J4', 'partition snapshot is no JSON', at)
  }
}

function snapshotOf(audit: Audit, log: PartitionLog, { outbox }: Pending): Readonly<Record<string, unknown>> {
  const { partition, seq, position, head: hash, epoch, atMs } = log
  const lanes = [...audit.allLanes()] // by source, then destination: in order of numbers
  return {
    seq,
    position,
    hash,
    epoch,
    atMs,
    balances: systemBalances(log),
    watermarks: lanes
      .filter((lane) => lane.destination === partition && lane.taken > 0)
      .map((lane) => [lane.source, lane.taken]),
    numbered: lanes
      .filter((lane) => lane.source === partition && lane.numbered > 0)
      .map((lane) => [lane.destination, lane.numbered]),
    outbox: [...outbox].sort((a, b) => a[0] - b[0]).flatMap(([, queue]) => queue.map(outboxRow)),
    timers: [...log.timers]
      .sort((a, b) => compareText(a[0], b[0]))
      .map(([, { actor, name, dueMs, body }]) => [actor, name, dueMs, JSON.parse(body)]),
  }
}

function systemBalances(log: PartitionLog): readonly (readonly string[])[] {
  const rows = [...log.accounts.all()].filter((row) => !row.owned)
  rows.sort((a, b) => compareText(`${a.account}/${a.asset}`, `${b.account}/${b.asset}`))
  return rows.map(({ account, asset, minor }) => [account, asset, minor.toString()])
}

function outboxRow({ seq, atMs, from, envelope }: Sent): readonly unknown[] {
  const { destination, number, to, name, money, body } = envelope
  const carried = money === null ? null : [money.asset, money.amountMinor.toString()]
  return [destination, number, seq, atMs, from, to, name, carried, JSON.parse(body.text())]
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
