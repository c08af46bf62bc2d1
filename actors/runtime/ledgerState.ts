// The durable part of a partition beside its actors: system accounts, watermarks, envelope numbers, undelivered outbox,
// timers. The live partition, recovery and the projector all move it by the same `apply`, so that what replay gives is
// what was there (A3, J4).

import type { PartitionId } from '../../shared/ids.ts'
import { type Balance, Balances, postSystem } from './books.ts'
import { GENESIS_HASH } from './codec.ts'
import type { OutboxRow, PartitionSnapshot, Position } from './ports.ts'
import type { BatchHeader, Envelope, Json, LogRecord } from './record.ts'

export interface PendingTimer {
  readonly actor: string
  readonly name: string
  readonly dueMs: number
  readonly body: Json
}

export class LedgerState {
  seq = 0
  epoch = 0
  /** A7: time of the last record. */
  atMs = 0
  readonly system = new Balances()
  /** Per source partition: the last envelope taken (M4: kept for ever). */
  readonly watermarks = new Map<PartitionId, number>()
  /** Per destination partition: the last number given out. */
  readonly numbered = new Map<PartitionId, number>()
  /** Per destination, in order: envelopes not known to be delivered. */
  readonly outbox = new Map<PartitionId, Envelope[]>()
  outboxSize = 0
  /** By `<actor key> <name>`. */
  readonly timers = new Map<string, PendingTimer>()

  /** Folds one record. System balances are taken from the entries' own `balanceAfter`. */
  apply(record: LogRecord): void {
    this.seq = record.seq
    this.atMs = record.atMs
    postSystem(record.entries, this.system)
    if (record.cause.kind === 'envelope') this.watermarks.set(record.cause.source, record.cause.number)
    if (record.cause.kind === 'timer') this.timers.delete(timerKey(record.actor, record.cause.name))
    for (const envelope of record.outbox) this.send(envelope)
    for (const change of record.timers) {
      const key = timerKey(record.actor, change.name)
      if (change.kind === 'cancel') this.timers.delete(key)
      else this.timers.set(key, { actor: record.actor, name: change.name, dueMs: change.dueMs, body: change.body })
    }
  }

  applyHeader(header: BatchHeader): void {
    this.epoch = header.epoch
    for (const [destination, through] of header.delivered) this.trim(destination, through)
  }

  private send(envelope: Envelope): void {
    this.numbered.set(envelope.destination, envelope.number)
    const queue = this.outbox.get(envelope.destination)
    if (queue === undefined) this.outbox.set(envelope.destination, [envelope])
    else queue.push(envelope)
    this.outboxSize++
  }

  /** Drops envelopes up to `through`; answers those dropped, in order. */
  trim(destination: PartitionId, through: number): readonly Envelope[] {
    const queue = this.outbox.get(destination)
    const first = queue?.[0]
    if (queue === undefined || first === undefined || first.number > through) return []
    // Numbers are without gaps, so the count follows from the first.
    const dropped = queue.splice(0, Math.min(queue.length, through - first.number + 1))
    this.outboxSize -= dropped.length
    return dropped
  }

  snapshot(position: Position, hash: string): PartitionSnapshot {
    return {
      seq: this.seq,
      position,
      hash,
      epoch: this.epoch,
      atMs: this.atMs,
      balances: balanceRows(this.system),
      watermarks: [...this.watermarks].sort(byFirstNumber),
      numbered: [...this.numbered].sort(byFirstNumber),
      outbox: [...this.outbox].sort(byFirstNumber).flatMap(([, queue]) => queue.map(outboxRow)),
      timers: [...this.timers.values()]
        .map((timer) => [timer.actor, timer.name, timer.dueMs, timer.body] as const)
        .sort((a, b) => compareText(timerKey(a[0], a[1]), timerKey(b[0], b[1]))),
    }
  }

  static restore(partition: PartitionId, snapshot: PartitionSnapshot): LedgerState {
    const state = new LedgerState()
    state.seq = snapshot.seq
    state.epoch = snapshot.epoch
    state.atMs = snapshot.atMs
    restoreBalances(snapshot.balances, state.system)
    for (const [source, number] of snapshot.watermarks) state.watermarks.set(source, number)
    for (const row of snapshot.outbox) state.send(outboxEnvelope(partition, row))
    for (const [destination, number] of snapshot.numbered) state.numbered.set(destination, number)
    for (const [actor, name, dueMs, body] of snapshot.timers)
      state.timers.set(timerKey(actor, name), { actor, name, dueMs, body })
    return state
  }
}

export const EMPTY_CHECKPOINT = Object.freeze({ seq: 0, position: 0, hash: GENESIS_HASH })

export function timerKey(actor: string, name: string): string {
  return `${actor} ${name}`
}

/** Rows [account, asset, balance] in canonical order. */
export function balanceRows(balances: Balances): readonly (readonly [string, string, string])[] {
  const { all } = balances
  const ordered = all.length < 2 ? all : all.toSorted(byName)
  return ordered.map(({ account, asset, minor }) => [account, asset, minor.toString()] as const)
}

export function restoreBalances(rows: readonly (readonly [string, string, string])[], into: Balances): void {
  for (const [account, asset, minor] of rows) into.set(account, asset, BigInt(minor))
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const byName = (a: Readonly<Balance>, b: Readonly<Balance>): number =>
  compareText(`${a.account}/${a.asset}`, `${b.account}/${b.asset}`)

function byFirstNumber(a: readonly [number, unknown], b: readonly [number, unknown]): number {
  return a[0] - b[0]
}

function outboxRow(envelope: Envelope): OutboxRow {
  const money =
    envelope.money === null ? null : ([envelope.money.asset, envelope.money.amountMinor.toString()] as const)
  const { destination, number, seq, atMs, from, to, name, body } = envelope
  return [destination, number, seq, atMs, from, to, name, money, body]
}

function outboxEnvelope(source: PartitionId, row: OutboxRow): Envelope {
  const [destination, number, seq, atMs, from, to, name, money, body] = row
  return {
    source,
    destination,
    number,
    seq,
    atMs,
    from,
    to,
    name,
    money: money === null ? null : { asset: money[0], amountMinor: BigInt(money[1]) },
    body,
  }
}
