// The checker written apart from what it checks. It is fed the raw bytes of every partition's batches, in order within a
// partition, and holds only what is live: balances, timers, undelivered envelopes, a day of keys. `npm run verify`, the
// simulator and the fault tests all ask it. The first finding is final: nothing read after it can be trusted.

import { accountCode, accountSubject, CHART } from '../../shared/accounts.ts'
import { recordId } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import type { BatchTaker } from './commits.ts'
import { Flow } from './flow.ts'
import { Lane, type Sending, type Taking } from './lanes.ts'
import { Matches } from './matches.ts'
import { Names } from './names.ts'
import { PartitionLog } from './partitionLog.ts'
import type { EnvelopeLine, HeaderLine, RecordLine } from './recordLine.ts'
import { Reversals } from './reversals.ts'
import { checkShape } from './shapes.ts'
import { type AuditSummary, checkTotals, summarise } from './summary.ts'
import { broken, Finding, LEDGER_END, type Violation } from './violation.ts'

/** Follows the log beside the auditor. A Finding that it throws counts as one of the auditor's own. */
export interface AuditWatcher {
  /** The record's frame is sound; nothing of it has been booked yet. */
  before(audit: Audit, log: PartitionLog, record: RecordLine): void
  /** The record is booked. */
  after(audit: Audit, log: PartitionLog, record: RecordLine): void
  /** The last record of a batch is booked, and the chain's head has moved. */
  batch(audit: Audit, log: PartitionLog, header: HeaderLine, bytes: Uint8Array): void
  /** Everything has been read. */
  end(audit: Audit): void
}

export interface AuditOptions {
  /** P of the data set (J1). */
  readonly partitions: number
  /** Keeps every (actor, key) with its outcomes for `takenRecords`. Grows with history; for tests. */
  readonly keepKeys?: boolean
  readonly watchers?: readonly AuditWatcher[]
}

export interface TakenRecord {
  readonly recordId: string
  /** Refusal code, or null where the command was accepted. */
  readonly refused: string | null
}

export interface OwnedBalance {
  readonly account: string
  readonly asset: string
  readonly partition: number
  readonly minor: bigint
}

export class Audit {
  readonly partitions: number
  readonly logs: readonly PartitionLog[]
  records = 0
  refused = 0
  /** Parked records, and the money they leave in transit. */
  parked = 0
  readonly parkedMoney = new Flow()
  private readonly reversals = new Reversals()
  private readonly matches = new Matches()
  private first: Violation | null = null
  private readonly lanes: (Lane | null)[]
  private readonly taken: Map<string, TakenRecord[]> | null
  private readonly watchers: readonly AuditWatcher[]

  constructor(options: AuditOptions) {
    this.partitions = options.partitions
    const names = new Names()
    this.logs = Array.from({ length: options.partitions }, (_, partition) => new PartitionLog(partition, names))
    this.lanes = Array.from({ length: options.partitions ** 2 }, () => null)
    this.taken = options.keepKeys === true ? new Map() : null
    this.watchers = options.watchers ?? []
  }

  /** The first finding, or null while everything holds. */
  get violation(): Violation | null {
    return this.first
  }

  /** Takes the next batch of a partition. Answers the first finding so far, or null. */
  take(partition: number, position: number, bytes: Uint8Array): Violation | null {
    if (this.first !== null) return this.first
    const log = this.logs[partition]
    if (log === undefined)
      return this.guard(
        () => broken('J1', `no partition ${partition} among ${this.partitions}`),
        () => `${partition}:0`,
      )
    let at = log.seq + 1
    return this.guard(
      () => {
        const batch = log.open(position, bytes)
        this.claim(log, batch.header)
        for (let index = 0; index < batch.header.count; index++) {
          at = log.seq + 1
          this.record(log, log.next(batch, index))
        }
        log.close(position, bytes)
        for (const watcher of this.watchers) watcher.batch(this, log, batch.header, bytes)
      },
      () => `${partition}:${at}`,
    )
  }

  /** What must hold whenever every durable batch has been taken. Cheap: lanes and transit accounts, not all balances. */
  check(): Violation | null {
    return this.guard(
      () => {
        for (const lane of this.allLanes()) lane.checkNow()
        checkTotals(this, 'transit')
      },
      () => LEDGER_END,
    )
  }

  /** Where something was reversed: takes the whole log once more, for what that was, before `finish`; else null. */
  originals(): BatchTaker | null {
    const { reversals, logs } = this
    if (!reversals.isOpen || this.first !== null) return null
    return {
      logs,
      get isFull() {
        return !reversals.isOpen
      },
      take: (partition, _position, bytes) =>
        this.guard(
          () => reversals.read(partition, bytes),
          () => LEDGER_END,
        ),
    }
  }

  /** `check`, the trial balance over every account, and what the watchers still have to say. */
  finish(): { readonly violation: Violation | null; readonly summary: AuditSummary } {
    this.check()
    this.guard(
      () => {
        checkTotals(this, 'trial balance')
        this.reversals.finish()
        for (const watcher of this.watchers) watcher.end(this)
      },
      () => LEDGER_END,
    )
    return { violation: this.first, summary: this.summary() }
  }

  summary(): AuditSummary {
    return summarise(this)
  }

  /** Minor units on the account's normal side; the sum over partitions where none is named. */
  balanceOf(account: string, asset: string, partition?: number): bigint {
    if (partition !== undefined) return this.logs[partition]?.accounts.balance(account, asset) ?? 0n
    const owners = CHART.get(accountCode(account))?.owners ?? []
    if (owners.length === 0) return this.logs.reduce((sum, log) => sum + log.accounts.balance(account, asset), 0n)
    const homes = new Set(owners.map((kind) => partitionOf(actorKey(kind, accountSubject(account)), this.partitions)))
    return [...homes].reduce((sum, home) => sum + this.balanceOf(account, asset, home), 0n)
  }

  *ownedBalances(): Generator<OwnedBalance> {
    for (const { partition, accounts } of this.logs) {
      for (const { account, asset, owned, minor } of accounts.all()) {
        if (owned) yield { account, asset, partition, minor }
      }
    }
  }

  /** With `keepKeys`: the records that carried out this key, oldest first; more than one only after 24 h. */
  takenRecords(actor: string, key: string): readonly TakenRecord[] {
    if (this.taken === null) throw new Error('takenRecords needs an Audit made with keepKeys')
    return this.taken.get(`${actor}\n${key}`) ?? []
  }

  lane(source: number, destination: number): Lane {
    const index = source * this.partitions + destination
    const found = this.lanes[index] ?? new Lane(source, destination)
    this.lanes[index] = found
    return found
  }

  *allLanes(): Generator<Lane> {
    for (const lane of this.lanes) if (lane !== null) yield lane
  }

  private guard(work: () => void, at: () => string): Violation | null {
    if (this.first !== null) return this.first
    try {
      work()
    } catch (error) {
      if (!(error instanceof Finding)) throw error
      this.first = error.toViolation(at())
    }
    return this.first
  }

  private claim(log: PartitionLog, header: HeaderLine): void {
    for (const [destination, through] of header.delivered) {
      if (destination >= this.partitions) broken('M4', `delivered names partition ${destination}`)
      this.lane(log.partition, destination).claim(through, `${log.partition}:${header.first}`)
    }
  }

  private record(log: PartitionLog, record: RecordLine): void {
    for (const watcher of this.watchers) watcher.before(this, log, record)
    checkShape(record, log.partition, this.partitions)
    this.records++
    if (record.refused !== null) this.refused++
    if (record.parked) this.parked++
    if (record.cause.kind === 'command') this.noteKey(log, record, record.cause.key)
    const surplus = log.accounts.post(record.entries, record.actor)
    for (const { money } of record.outbox) if (money !== null) surplus.add(money.asset, -money.amountMinor)
    this.settleCause(log, record, surplus)
    for (const envelope of record.outbox) this.send(log, record, envelope)
    log.changeTimers(record)
    this.reversals.note(log.partition, record)
    this.matches.note(record)
    for (const watcher of this.watchers) watcher.after(this, log, record)
  }

  private noteKey(log: PartitionLog, record: RecordLine, key: string): void {
    if (key === '') return // a command of our own that no client will repeat
    log.keys.note(record.actor, key, record.seq, record.atMs)
    if (this.taken === null) return
    const name = `${record.actor}\n${key}`
    const taken: TakenRecord = { recordId: recordId(log.partition, record.seq), refused: record.refused }
    const rows = this.taken.get(name)
    if (rows === undefined) this.taken.set(name, [taken])
    else rows.push(taken)
  }

  // M4: without an envelope taken, a record puts into transit exactly what its outbox carries.
  private settleCause(log: PartitionLog, record: RecordLine, surplus: Flow): void {
    const { cause } = record
    if (cause.kind === 'envelope') {
      this.takeEnvelope(log, record, cause, surplus)
      return
    }
    const off = surplus.firstNonZero()
    if (off !== null) broken('M4', `transit is off by ${off.minor} ${off.asset} against what the outbox carries`)
    if (cause.kind === 'timer') log.fire(record, cause.name, cause.dueMs)
  }

  private takeEnvelope(
    log: PartitionLog,
    record: RecordLine,
    cause: { readonly source: number; readonly number: number; readonly seq: number },
    surplus: Flow,
  ): void {
    if (cause.source >= this.partitions) broken('M4', `takes an envelope of partition ${cause.source}`)
    const taking: Taking = {
      number: cause.number,
      partition: log.partition,
      seq: record.seq,
      atMs: record.atMs,
      senderSeq: cause.seq,
      actor: record.actor,
      outcome: record.parked ? 'parked' : record.refused !== null ? 'refused' : 'accepted',
      surplus,
      outbox: record.outbox,
    }
    this.settle(this.lane(cause.source, log.partition).take(taking), taking)
  }

  private send(log: PartitionLog, record: RecordLine, envelope: EnvelopeLine): void {
    const { number, to, name, money, destination } = envelope
    const sending: Sending = { number, seq: record.seq, atMs: record.atMs, from: record.actor, to, name, money }
    this.settle(sending, this.lane(log.partition, destination).send(sending))
  }

  private settle(sending: Sending | null, taking: Taking | null): void {
    if (sending === null || taking === null) return
    if (taking.outcome === 'parked' && sending.money !== null)
      this.parkedMoney.add(sending.money.asset, sending.money.amountMinor)
  }
}
