// One node's way to the disk. Each append meets one of the fates of J2: it lands and is heard; it is lost; it lands
// unheard; it lands after `uncertain` was answered, perhaps after a crash; it is delivered twice. Also checks what the
// port demands of its caller: one append in flight per partition, and the same bytes again after `uncertain`.

import type { AppendOutcome, Journal, Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Report } from './coverage.ts'
import type { Disk } from './disk.ts'
import type { Faults } from './faults.ts'
import type { Prng } from './prng.ts'
import type { SimLoop } from './simScheduler.ts'

interface Append {
  readonly partition: PartitionId
  readonly expected: Position
  readonly bytes: Uint8Array
}

const UNCERTAIN: AppendOutcome = Object.freeze({ kind: 'uncertain' })

export class FaultyJournal implements Journal {
  private readonly loop: SimLoop
  private readonly disk: Disk
  private readonly node: string
  private readonly prng: Prng
  private readonly faults: () => Faults
  private readonly report: Report
  private readonly inFlight = new Set<PartitionId>()
  private readonly unsettled = new Map<PartitionId, Append>()
  /** Grows when a partition is read anew: appends of before are nobody's any more. */
  private readonly readings = new Map<PartitionId, number>()

  constructor(loop: SimLoop, disk: Disk, node: string, prng: Prng, faults: () => Faults, report: Report) {
    this.loop = loop
    this.disk = disk
    this.node = node
    this.prng = prng
    this.faults = faults
    this.report = report
  }

  /** Writes on their way to the disk; a crash loses some of them, the rest land as if nothing had happened. */
  private get wire(): string {
    return `${this.node}-wire`
  }

  get appendsInFlight(): number {
    return this.inFlight.size
  }

  append(partition: PartitionId, expectedPosition: Position, bytes: Uint8Array): Promise<AppendOutcome> {
    const append = { partition, expected: expectedPosition, bytes: Uint8Array.from(bytes) }
    this.checkCaller(append)
    this.inFlight.add(partition)
    const reading = this.readings.get(partition)
    return new Promise((resolve) => {
      const answer = (outcome: AppendOutcome): void => {
        if (this.readings.get(partition) !== reading) return resolve(outcome)
        this.inFlight.delete(partition)
        this.settle(append, outcome)
        resolve(outcome)
      }
      this.meetFate(append, answer)
    })
  }

  private meetFate(append: Append, answer: (outcome: AppendOutcome) => void): void {
    const { appendLost, appendUnheard, appendLate, appendTwice } = this.faults()
    const lateness = this.delay()
    const timeoutMs = lateness + this.delay() + 1
    const draw = this.prng.unit()
    const hear = (delayMs: number, outcome: AppendOutcome): void => {
      this.loop.add(this.node, `append ${append.partition} ${outcome.kind}`, delayMs, () => answer(outcome))
    }
    if (draw < appendLost) {
      this.report.count('appendLost')
      hear(timeoutMs, UNCERTAIN)
    } else if (draw < appendLost + appendUnheard) {
      this.land(append, lateness, () => {})
      hear(timeoutMs, UNCERTAIN)
    } else if (draw < appendLost + appendUnheard + appendLate) {
      hear(lateness, UNCERTAIN)
      this.land(append, timeoutMs + this.delay() * this.prng.between(1, 20), () => {})
    } else {
      this.land(append, lateness, (outcome) => hear(this.delay(), outcome))
      if (this.prng.chance(appendTwice)) this.land(append, timeoutMs + this.delay() * 4, () => {})
    }
  }

  private land(append: Append, delayMs: number, then: (outcome: AppendOutcome) => void): void {
    this.loop.add(this.wire, `land ${append.partition}`, delayMs, () => {
      const before = this.disk.head(append.partition)
      const outcome = this.disk.write(append.partition, append.expected, append.bytes, this.node)
      if (outcome.kind === 'fenced') this.report.count('writeFenced')
      else if (this.disk.head(append.partition) === before) this.report.count('landedTwice')
      else if (this.unsettled.get(append.partition)?.expected === append.expected)
        this.report.count('landedAfterUncertain')
      then(outcome)
    })
  }

  /** A crash: the writes still on the wire are lost, except those already out of reach. */
  crash(): void {
    if (this.inFlight.size > 0) this.report.count('crashDuringAppend')
    if (this.unsettled.size > 0) this.report.count('crashWhileUncertain')
    this.loop.drop(this.wire, () => this.prng.chance(0.5))
  }

  async *replay(from: ReadonlyMap<PartitionId, Position>): AsyncIterable<readonly StoredBatch[]> {
    for (const partition of from.keys()) this.abandon(partition)
    // The disk's positions are whole numbers: after the one before is from this one on.
    const positions = new Map([...from].map(([partition, position]) => [partition, position - 1]))
    for (;;) {
      await this.loop.wait(this.node, 'replay', this.delay())
      if (this.prng.chance(this.faults().replayFails)) {
        this.report.count('replayFailed')
        throw new Error('simulated: journal cannot be read')
      }
      const group = this.nextGroup(positions)
      if (group.length === 0) return
      for (const batch of group) positions.set(batch.partition, batch.position)
      yield group
    }
  }

  /** Whoever reads a log anew has given up what it had under way. */
  private abandon(partition: PartitionId): void {
    this.readings.set(partition, (this.readings.get(partition) ?? 0) + 1)
    this.inFlight.delete(partition)
    this.unsettled.delete(partition)
  }

  /** Some of what is durable at this moment: in order within each partition, the partitions mixed. */
  private nextGroup(positions: ReadonlyMap<PartitionId, Position>): readonly StoredBatch[] {
    const rest = [...positions].flatMap(([partition, position]) => this.disk.after(partition, position))
    return rest.sort((a, b) => a.position - b.position).slice(0, this.prng.between(1, 40))
  }

  private settle(append: Append, outcome: AppendOutcome): void {
    if (outcome.kind === 'uncertain') {
      this.report.count('uncertain')
      this.unsettled.set(append.partition, append)
      return
    }
    if (this.unsettled.delete(append.partition)) this.report.count(`uncertainThen_${outcome.kind}`)
    if (outcome.kind === 'fenced') this.report.count('ownerFenced')
  }

  private checkCaller(append: Append): void {
    const { partition } = append
    if (this.inFlight.has(partition)) this.report.fail('J2', `two appends in flight for partition ${partition}`)
    const unsettled = this.unsettled.get(partition)
    if (unsettled === undefined) return
    const same = unsettled.expected === append.expected && Buffer.compare(unsettled.bytes, append.bytes) === 0
    if (!same) this.report.fail('J2', `partition ${partition}: other bytes than those that are uncertain`)
    const landed = this.disk.head(partition) !== append.expected
    this.report.count(landed ? 'uncertainFoundLanded' : 'uncertainFoundNotLanded')
  }

  private delay(): number {
    return this.prng.between(0, this.faults().appendMs)
  }
}
