// The store as a runtime reads it, filled on request from a journal by folding it from its beginning: a projector that
// has just caught up. Reads can be made to fail, or to wait.

import type { AnyKind } from '../../actors/runtime/actor.ts'
import { decodeBatch, hashBatch } from '../../actors/runtime/codec.ts'
import { LedgerState } from '../../actors/runtime/ledgerState.ts'
import type {
  ActorSnapshot,
  KeyOutcome,
  PartitionSnapshot,
  Progress,
  RecoveryStore,
} from '../../actors/runtime/ports.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import { Slot } from '../../actors/runtime/slot.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { MemoryJournal } from './memoryJournal.ts'

type Read = keyof RecoveryStore

export class TestRecoveryStore implements RecoveryStore {
  readonly reads: { readonly read: Read; readonly actors: readonly string[] }[] = []
  /** While set, every read rejects. */
  failing = false
  private gate: Promise<void> | null = null
  private readonly partitions = new Map<PartitionId, PartitionSnapshot>()
  private readonly actors = new Map<string, ActorSnapshot>()
  private readonly keys = new Map<string, KeyOutcome[]>()
  private readonly kinds: ReadonlyMap<string, AnyKind>

  constructor(kinds: ReadonlyMap<string, AnyKind>) {
    this.kinds = kinds
  }

  /** Reads from now on wait until the answer of this is called; those before it go on waiting for theirs. */
  hold(): () => void {
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    this.gate = gate
    return () => {
      if (this.gate === gate) this.gate = null
      open()
    }
  }

  /** Takes over what the journal has of these partitions: keys, and snapshots where they are wanted. */
  project(journal: MemoryJournal, partitions: readonly PartitionId[], snapshots = true): readonly Progress[] {
    return partitions.map((partition) => {
      const fold = foldPartition(journal, partition, this.kinds)
      this.noteKeys(partition, fold.records)
      if (snapshots) this.noteSnapshots(partition, fold)
      const { seq } = fold.ledger
      return { partition, projectedSeq: seq, snapshotSeq: snapshots ? seq : 0 }
    })
  }

  /** Emptied, to be made anew. */
  clear(): void {
    this.partitions.clear()
    this.actors.clear()
    this.keys.clear()
  }

  /** Puts an actor's snapshot in place by hand: one from a later round than the partition's, or a strange one. */
  putActor(partition: PartitionId, snapshot: ActorSnapshot): void {
    this.actors.set(row(partition, snapshot.actor), snapshot)
  }

  async partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null> {
    await this.reading('partitionSnapshot', [])
    return this.partitions.get(partition) ?? null
  }

  async actorSnapshots(partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    await this.reading('actorSnapshots', actors)
    return actors.flatMap((actor) => this.actors.get(row(partition, actor)) ?? [])
  }

  async recentKeys(
    partition: PartitionId,
    actors: readonly string[],
    sinceMs: number,
  ): Promise<ReadonlyMap<string, readonly KeyOutcome[]>> {
    await this.reading('recentKeys', actors)
    const rows = actors.map((actor) => {
      const outcomes = this.keys.get(row(partition, actor)) ?? []
      return [actor, outcomes.filter((outcome) => outcome.atMs >= sinceMs)] as const
    })
    return new Map(rows.filter(([, outcomes]) => outcomes.length > 0))
  }

  async findKey(partition: PartitionId, actor: string, key: string): Promise<KeyOutcome | null> {
    const found = this.keys.get(row(partition, actor))?.find((outcome) => outcome.key === key) ?? null
    await this.reading('findKey', [actor])
    return found
  }

  private async reading(read: Read, actors: readonly string[]): Promise<void> {
    this.reads.push({ read, actors })
    if (this.gate !== null) await this.gate
    if (this.failing) throw new Error('the store cannot answer')
  }

  private noteKeys(partition: PartitionId, records: readonly LogRecord[]): void {
    for (const { cause, actor, seq, atMs, outcome, reply } of records) {
      if (cause.kind !== 'command' || cause.key === '') continue
      const outcomes = this.keys.get(row(partition, actor)) ?? []
      this.keys.set(row(partition, actor), outcomes)
      if (outcomes.some((known) => known.seq === seq)) continue
      const refused = outcome.kind === 'refused' ? outcome.code : null
      outcomes.push({ key: cause.key, hash: cause.hash, seq, atMs, refused, reply })
    }
  }

  private noteSnapshots(partition: PartitionId, fold: PartitionFold): void {
    for (const slot of fold.slots.values()) this.actors.set(row(partition, slot.actor), slot.snapshot())
    this.partitions.set(partition, fold.ledger.snapshot(fold.position, fold.hash))
  }
}

export interface PartitionFold {
  readonly ledger: LedgerState
  readonly slots: ReadonlyMap<string, Slot>
  readonly records: readonly LogRecord[]
  readonly position: number
  readonly hash: string
}

/** A partition's state as replay from genesis gives it (J4). */
export function foldPartition(
  journal: Pick<MemoryJournal, 'batches'>,
  partition: PartitionId,
  kinds: ReadonlyMap<string, AnyKind>,
): PartitionFold {
  const ledger = new LedgerState()
  const slots = new Map<string, Slot>()
  const records: LogRecord[] = []
  let [position, hash] = [0, '']
  for (const stored of journal.batches(partition)) {
    const batch = decodeBatch(stored.bytes)
    position = stored.position
    hash = hashBatch(stored.bytes)
    ledger.applyHeader(batch.header)
    for (const record of batch.records) {
      records.push(record)
      ledger.apply(record)
      if (record.actor !== '') slotOf(slots, record.actor, kinds).replay(record)
    }
  }
  return { ledger, slots, records, position, hash }
}

function slotOf(slots: Map<string, Slot>, actor: string, kinds: ReadonlyMap<string, AnyKind>): Slot {
  const known = slots.get(actor)
  if (known !== undefined) return known
  const kind = kinds.get(actor.slice(0, actor.indexOf('/')))
  if (kind === undefined) throw new Error(`no kind for ${actor}`)
  const slot = new Slot(actor, kind, undefined)
  slots.set(actor, slot)
  return slot
}

function row(partition: PartitionId, actor: string): string {
  return `${partition} ${actor}`
}
