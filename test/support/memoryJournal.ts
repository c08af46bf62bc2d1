// The Journal port as plainly as it can be kept: batches in memory, fenced by their position, always durable, always
// answered. Appends can be held back, so that a test decides what happens while one is in flight.

import type { AppendOutcome, Journal, Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'

/** What was asked of the journal, whatever became of it. */
export interface Attempt {
  readonly partition: PartitionId
  readonly expected: Position
  readonly bytes: Uint8Array
}

export class MemoryJournal implements Journal {
  readonly attempts: Attempt[] = []
  private readonly logs = new Map<PartitionId, StoredBatch[]>()
  private readonly waiting: (() => void)[] = []
  private held = false

  /** A journal that has these batches already. */
  static of(logs: readonly (readonly [PartitionId, readonly Uint8Array[]])[]): MemoryJournal {
    const journal = new MemoryJournal()
    for (const [partition, batches] of logs) {
      for (const bytes of batches) journal.land(partition, journal.head(partition), Uint8Array.from(bytes))
    }
    return journal
  }

  /** From now on appends are neither carried out nor answered. */
  hold(): void {
    this.held = true
  }

  /** Carries out and answers what waits, and no longer holds back. */
  release(): void {
    this.held = false
    this.releaseNext(this.waiting.length)
  }

  /** Carries out and answers the first of those that wait; the others go on waiting. */
  releaseNext(count = 1): void {
    for (const land of this.waiting.splice(0, count)) land()
  }

  /** What waits is never carried out and never answered, as when its process has died. */
  loseWaiting(): void {
    this.waiting.length = 0
    this.held = false
  }

  /** The append asked last comes before the others that wait. */
  letLastOvertake(): void {
    const last = this.waiting.pop()
    if (last !== undefined) this.waiting.unshift(last)
  }

  /** The append asked first comes after the others that wait. */
  letFirstFallBack(): void {
    const first = this.waiting.shift()
    if (first !== undefined) this.waiting.push(first)
  }

  get inFlight(): number {
    return this.waiting.length
  }

  append(partition: PartitionId, expectedPosition: Position, bytes: Uint8Array): Promise<AppendOutcome> {
    const copy = Uint8Array.from(bytes)
    this.attempts.push({ partition, expected: expectedPosition, bytes: copy })
    return new Promise((resolve) => {
      const land = () => resolve(this.land(partition, expectedPosition, copy))
      if (this.held) this.waiting.push(land)
      else land()
    })
  }

  async *replay(from: ReadonlyMap<PartitionId, Position>): AsyncIterable<readonly StoredBatch[]> {
    for (const [partition, position] of from) {
      const rest = this.batches(partition).filter((batch) => batch.position >= position)
      for (let start = 0; start < rest.length; start += GROUP) yield rest.slice(start, start + GROUP)
    }
  }

  /** Everything durable of a partition, in order. */
  batches(partition: PartitionId): readonly StoredBatch[] {
    return this.logs.get(partition) ?? []
  }

  head(partition: PartitionId): Position {
    return this.batches(partition).at(-1)?.position ?? 0
  }

  /** What damage to the medium would do: the batch at this index becomes these bytes. */
  overwrite(partition: PartitionId, index: number, bytes: Uint8Array): void {
    const log = this.logs.get(partition)
    const batch = log?.[index]
    if (log === undefined || batch === undefined) throw new Error(`no batch ${index} in partition ${partition}`)
    log[index] = { ...batch, bytes }
  }

  remove(partition: PartitionId, index: number): void {
    this.logs.get(partition)?.splice(index, 1)
  }

  /** The batch is there twice, as if it had been appended once more. */
  repeat(partition: PartitionId, index: number): void {
    const log = this.logs.get(partition)
    const batch = log?.[index]
    if (log !== undefined && batch !== undefined) log.splice(index, 0, { ...batch, position: batch.position - 1 })
  }

  swap(partition: PartitionId, index: number, other: number): void {
    const [one, two] = [this.batches(partition)[index], this.batches(partition)[other]]
    if (one === undefined || two === undefined) throw new Error(`no batches ${index}, ${other}`)
    this.overwrite(partition, index, two.bytes)
    this.overwrite(partition, other, one.bytes)
  }

  private land(partition: PartitionId, expected: Position, bytes: Uint8Array): AppendOutcome {
    const log = this.logs.get(partition) ?? []
    this.logs.set(partition, log)
    if (this.head(partition) === expected) {
      // Positions grow, and mean nothing else.
      log.push({ partition, position: expected + 10, bytes })
      return { kind: 'committed', position: expected + 10 }
    }
    const next = log.find((batch) => batch.position > expected)
    const same = next !== undefined && Buffer.compare(next.bytes, bytes) === 0
    return same ? { kind: 'committed', position: next.position } : { kind: 'fenced' }
  }
}

const GROUP = 3
