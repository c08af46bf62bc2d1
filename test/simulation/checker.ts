// Asserts the invariants after every step: the auditor and the model follow every batch as it lands, and whatever leaves
// a node (answers, pushes, envelopes, acknowledgements, snapshots) is held against them in the moment it leaves.

import type { ProjectionWrite } from '../../actors/projection/ports.ts'
import type { CommitFeed, StoredBatch, Taken } from '../../actors/runtime/ports.ts'
import type { Envelope, LogRecord } from '../../actors/runtime/record.ts'
import { encodeRecord } from '../../actors/runtime/recordWriter.ts'
import { Audit } from '../../server/audit/audit.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Report } from './coverage.ts'
import { picturesDiffer } from './effects.ts'
import { matchPictureDiffers } from './effectsMatch.ts'
import { nftPictureDiffers } from './effectsNft.ts'
import type { StoreWatch } from './faultyStore.ts'
import type { WireWatch } from './faultyTransport.ts'
import { History } from './history.ts'
import { type DurableRecord, Model, type Moment } from './model.ts'
import type { Node } from './node.ts'
import { isMatchActor, isNftActor, isPlayerActor, POISON } from './simKinds.ts'
import { Writers } from './writers.ts'

export class Checker {
  readonly model: Model
  readonly history: History
  readonly audit: Audit
  readonly writers: Writers
  private readonly report: Report
  /** The latest time any clock has shown: no record may carry a later one (A7). */
  private readonly latestMs: () => number
  private landedSinceCheck = false

  constructor(partitions: number, report: Report, latestMs: () => number) {
    this.report = report
    this.latestMs = latestMs
    this.model = new Model(partitions)
    this.history = new History(this.model, report)
    this.writers = new Writers(report)
    this.audit = new Audit({ partitions, keepKeys: true })
  }

  /** A batch has become durable. */
  landed(batch: StoredBatch, writer: string): void {
    this.landedSinceCheck = true
    const violation = this.audit.take(batch.partition, batch.position, batch.bytes)
    if (violation !== null) return this.report.fail(violation.invariant, `${violation.at}: ${violation.message}`)
    const taken = this.model.take(batch)
    const records = taken.map(({ record }) => record)
    this.writers.landed(batch, taken[0]?.epoch ?? 0, records, writer)
    for (const durable of taken) this.landedRecord(durable)
  }

  private landedRecord(durable: DurableRecord): void {
    const { record, partition, after } = durable
    const at = `${partition}:${record.seq}`
    this.report.count('record')
    this.report.expect(record.atMs <= this.latestMs(), 'A7', () => `${at} is of a time that no clock has shown yet`)
    if (record.actor === '') return this.report.count('epoch')
    const id = record.actor.slice(record.actor.indexOf('/') + 1)
    const differ = pictureDiffers(record.actor, after, id)
    if (differ !== null) this.report.fail('A3', `${at}: ${record.actor}: ${differ}`)
    this.history.landed(durable)
    if (record.operation === 'refund' && record.cause.kind === 'envelope') this.report.count('returned')
    if (record.operation === 'refund' && record.cause.kind === 'command') this.report.count('withdrawalBack')
    if (record.operation === 'withdrawal' && record.entries.some(({ account }) => !account.startsWith('2')))
      this.report.count('withdrawalPaid')
    if (isNftActor(record.actor)) this.countNft(durable)
    if (record.operation === 'conversion') this.report.count('converted')
    if (record.operation === 'adjustment' && record.entries.length > 0) this.report.count('adjusted')
    for (const what of [...staffWork(record), ...matchWork(record)]) this.report.count(what)
    if (record.cause.kind === 'timer') this.report.count('timerFired')
    if (record.cause.kind === 'timer' && durable.setInEpoch < durable.epoch) this.report.count('timerFiredByLaterOwner')
    if (record.outcome.kind !== 'parked') return
    this.report.count('parked')
    const meant = record.outcome.reason.includes(POISON)
    this.report.expect(
      meant,
      'A6',
      () => `${at} is parked: ${record.outcome.kind === 'parked' ? record.outcome.reason : ''}`,
    )
  }

  private countNft({ record, before, after }: DurableRecord): void {
    const [from, to] = [before.nft?.status, after.nft?.status]
    if (record.outcome.kind === 'accepted') this.report.count(`nft_${from}_${to}`)
  }

  /** After every step. */
  afterStep(): void {
    if (!this.landedSinceCheck) return
    this.landedSinceCheck = false
    const violation = this.audit.check()
    if (violation !== null) this.report.fail(violation.invariant, `${violation.at}: ${violation.message}`)
  }

  /** A node has recovered: what it holds in memory is the fold of the log (A3, J4). */
  recovered(node: Node): void {
    this.report.count('recovered')
    this.memory(node)
  }

  /** Every resident actor whose newest record is durable equals the fold at that record. */
  memory(node: Node): void {
    for (const [id, partition] of node.runtime.partitions) {
      const { durableSeq } = partition.seqs
      this.report.expect(
        durableSeq <= this.model.head(id),
        'A4',
        () => `${node.name} calls ${id}:${durableSeq} durable`,
      )
      for (const actor of this.model.actors()) {
        const slot = partition.peek(actor)
        if (slot === undefined || slot.lastSeq > durableSeq) continue
        const wrong = this.model.disagreement(slot.snapshot())
        if (wrong !== null) this.report.fail('A3', `${node.name} in memory: ${wrong}`)
      }
    }
  }

  /** A4: what is pushed is durable, is what the log has, and comes in order. */
  feedOf(node: string): CommitFeed {
    const last = new Map<PartitionId, number>()
    return {
      wants: () => true,
      committed: (partition, record) => {
        this.expectDurable(partition, record, `push of ${node}`)
        const before = last.get(partition) ?? 0
        this.report.expect(record.seq > before, 'A4', () => `${node} pushes ${partition}:${record.seq} after ${before}`)
        last.set(partition, record.seq)
        this.history.seen(record.actor, record.seq)
      },
      delivered: (envelope) => {
        const taken = this.model.taker(envelope.source, envelope.destination, envelope.number)
        const kept = taken?.record.outcome.kind === 'accepted'
        this.report.expect(kept, 'A4', () => `${node} calls delivered ${lane(envelope)}, which nobody has kept`)
        this.report.count('confirmed')
        if (taken !== null) this.history.seen(envelope.to, taken.record.seq)
      },
    }
  }

  wireWatch(): WireWatch {
    return {
      delivering: (_source, _destination, envelopes) => {
        for (const envelope of envelopes) this.expectLogged(envelope)
      },
      acknowledging: (source, destination, through, taken) => this.expectTaken(source, destination, through, taken),
    }
  }

  /** S1, J4: snapshots and checkpoints speak of durable records only, and snapshots equal the fold. */
  storeWatch(serves: (partition: PartitionId) => boolean): StoreWatch {
    return {
      writing: (write) => this.writing(write),
      loading: (partition, snapshots) => {
        if (serves(partition) && snapshots.length > 0) this.report.count('reactivated')
      },
    }
  }

  private writing(write: ProjectionWrite): void {
    for (const { snapshot } of write.actors) {
      const wrong = this.model.disagreement(snapshot)
      if (wrong !== null) this.report.fail('J4', `snapshot: ${wrong}`)
    }
    for (const { partition, snapshot } of write.partitions) {
      const wrong = this.model.lanes.disagreement(partition, snapshot)
      if (wrong !== null) this.report.fail('J4', wrong)
    }
    for (const { partition, checkpoint } of write.checkpoints) {
      const head = this.model.head(partition)
      this.report.expect(checkpoint.seq <= head, 'S1', () => `checkpoint ${partition}:${checkpoint.seq} of ${head}`)
    }
  }

  private expectLogged(envelope: Envelope): void {
    const logged = this.model.record(envelope.source, envelope.seq)?.record.outbox ?? []
    const same = logged.find(
      ({ destination, number }) => destination === envelope.destination && number === envelope.number,
    )
    const equal = same !== undefined && text(same) === text(envelope)
    this.report.expect(equal, 'A4', () => `${lane(envelope)} leaves, but the log does not have it`)
  }

  private expectTaken(source: PartitionId, destination: PartitionId, through: number, taken: Taken): void {
    const durable = this.model.lanes.watermark(destination, source)
    this.report.expect(
      through <= durable,
      'A4',
      () => `${destination} acknowledges ${through} of ${source}, took ${durable}`,
    )
    for (let number = taken.from; number <= through; number++) {
      const kept = this.model.taker(source, destination, number)?.record.outcome.kind === 'accepted'
      const said = !taken.refused.includes(number)
      this.report.expect(
        kept === said,
        'M4',
        () => `${destination} says ${number} of ${source} was ${said ? 'kept' : 'refused'}`,
      )
    }
  }

  private expectDurable(partition: PartitionId, record: LogRecord, what: string): void {
    const logged = this.model.record(partition, record.seq)?.record
    const same = logged !== undefined && encodeRecord(logged) === encodeRecord(record)
    this.report.expect(same, 'A4', () => `${what} shows ${partition}:${record.seq}, which is not in the log so`)
  }
}

function pictureDiffers(actor: string, after: Moment, id: string): string | null {
  if (isNftActor(actor)) return nftPictureDiffers(after, id)
  if (isMatchActor(actor)) return matchPictureDiffers(after, id)
  return isPlayerActor(actor) ? null : picturesDiffer(after, id)
}

/** What became of matches and stakes, in words of the coverage. */
function matchWork({ actor, events }: LogRecord): readonly string[] {
  return events.flatMap((event) => {
    const [tag, , , , , from] = Array.isArray(event) ? event : []
    if (isMatchActor(actor)) return [`match_${tag}`]
    return tag === 'returned' && String(from).startsWith('match/') ? ['stakeReturned'] : []
  })
}

/** What is reversed or owed, in words of the coverage. */
function staffWork({ events, entries }: LogRecord): readonly string[] {
  const found: string[] = []
  for (const event of events) {
    const [tag, , , , what] = Array.isArray(event) ? event : []
    if (tag === 'reversed') found.push(`reversed_${what}`)
    if (tag === 'repaid') found.push('repaid')
  }
  const owes = entries.some(({ account, side }) => account === '1004' && side === 'debit')
  return owes && found.length > 0 ? [...found, 'reversedOwed'] : found
}

function lane(envelope: Envelope): string {
  return `envelope ${envelope.number} of ${envelope.source} to ${envelope.destination}`
}

function text(envelope: Envelope): string {
  return JSON.stringify(envelope, (_key, value) => (typeof value === 'bigint' ? value.toString() : value))
}
