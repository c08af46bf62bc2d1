// What recovery asks of the store (J4, M6), over one connection. Each answer is of one moment: the caller wraps it in a
// read transaction.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { EMPTY_CHECKPOINT } from '../../actors/runtime/ledgerState.ts'
import type { ActorSnapshot, Checkpoint, KeyOutcome, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { Json } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'

export class StoreReads {
  private readonly findCheckpoint: StatementSync
  private readonly findPartition: StatementSync
  private readonly findActor: StatementSync
  private readonly lastKey: StatementSync
  private readonly keyAt: StatementSync

  constructor(db: DatabaseSync) {
    this.findCheckpoint = db.prepare('SELECT seq, position, hash FROM checkpoints WHERE partition = ?')
    this.findPartition = db.prepare('SELECT snapshot FROM partition_snapshots WHERE partition = ?')
    this.findActor = db.prepare(`
      SELECT s.seq, s.state, s.balances FROM actors a JOIN actor_snapshots s ON s.actor = a.id WHERE a.name = ?`)
    this.lastKey = db.prepare(`
      SELECT k.last_key AS id FROM actors a JOIN key_heads k ON k.actor = a.id WHERE a.name = ?`)
    this.keyAt = db.prepare('SELECT previous, seq, at_ms, key, hash, refused, reply FROM keys WHERE id = ?')
  }

  checkpoint(partition: PartitionId): Checkpoint {
    const row = this.findCheckpoint.get(partition)
    if (row === undefined) return EMPTY_CHECKPOINT
    return { seq: Number(row.seq), position: Number(row.position), hash: String(row.hash) }
  }

  // The casts below name what storeWriter.ts wrote into these columns.
  partitionSnapshot(partition: PartitionId): PartitionSnapshot | null {
    const row = this.findPartition.get(partition)
    return row === undefined ? null : (JSON.parse(String(row.snapshot)) as PartitionSnapshot)
  }

  actorSnapshots(actors: readonly string[]): readonly ActorSnapshot[] {
    const snapshots: ActorSnapshot[] = []
    for (const actor of actors) {
      const row = this.findActor.get(actor)
      if (row === undefined) continue
      snapshots.push({
        actor,
        seq: Number(row.seq),
        state: JSON.parse(String(row.state)) as Json,
        balances: JSON.parse(String(row.balances)) as ActorSnapshot['balances'],
      })
    }
    return snapshots
  }

  /** Oldest first. */
  recentKeys(actors: readonly string[], sinceMs: number): ReadonlyMap<string, readonly KeyOutcome[]> {
    const found = new Map<string, readonly KeyOutcome[]>()
    for (const actor of actors) {
      const recent: KeyOutcome[] = []
      // A7: time never goes back in a partition, so the first older one ends the search.
      for (const row of this.keysOf(actor)) {
        if (Number(row.at_ms) < sinceMs) break
        recent.push(outcomeOf(row))
      }
      if (recent.length > 0) found.set(actor, recent.reverse())
    }
    return found
  }

  /** The newest outcome under this key. */
  findKey(actor: string, key: string): KeyOutcome | null {
    for (const row of this.keysOf(actor)) if (row.key === key) return outcomeOf(row)
    return null
  }

  /** Newest first. */
  private *keysOf(actor: string): Generator<Row> {
    let id = Number(this.lastKey.get(actor)?.id ?? 0)
    while (id > 0) {
      const row = this.keyAt.get(id)
      if (row === undefined) throw new Error(`key ${id} is missing`)
      yield row
      id = Number(row.previous)
    }
  }
}

type Row = Readonly<Record<string, unknown>>

function outcomeOf(row: Row): KeyOutcome {
  return {
    key: String(row.key),
    hash: String(row.hash),
    seq: Number(row.seq),
    atMs: Number(row.at_ms),
    refused: row.refused === null ? null : String(row.refused),
    reply: JSON.parse(String(row.reply)) as Json,
  }
}
