// Actors as replay from the first record gives them (A3, J4). Folding shares `evolve` and the encodings with the program,
// never `decide`. Each stored snapshot is compared with the fold at its seq, and in the end an actor's own idea of its
// money with what its accounts hold.

import type { AnyKind } from '../../actors/runtime/actor.ts'
import type { Json } from '../../actors/runtime/record.ts'
import { CHART } from '../../shared/accounts.ts'
import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { RecordLine } from './recordLine.ts'
import { statementOf } from './statements.ts'
import { broken, storeDiffers } from './violation.ts'

/** What the store has of actors and rounds. */
export interface StoredActors {
  partitionSnapshots(): ReadonlyMap<number, { readonly seq: number }>
  actorSnapshots(): Iterable<{ readonly actor: string; readonly partition: number; readonly seq: number }>
  /** JSON texts. */
  actorSnapshot(actor: string): { readonly state: string; readonly balances: string } | null
}

interface Replayed {
  readonly kind: AnyKind
  readonly partition: number
  /** Known only to the kind. */
  readonly state: unknown
  /** Seq of the last record that changed it, and of the last one that the partition's round has to cover. */
  lastSeq: number
  coverSeq: number
  /** Seq of its snapshot, or -1. */
  readonly snapshotSeq: number
  compared: boolean
}

export class ReplayedActors implements AuditWatcher {
  private readonly kinds: ReadonlyMap<string, AnyKind>
  private readonly store: StoredActors | null
  private readonly actors = new Map<string, Replayed>()
  /** Of actors the log has not come to yet. */
  private readonly snapshots = new Map<string, { readonly partition: number; readonly seq: number }>()
  private readonly rounds = new Map<number, number>()
  /** Snapshots found equal to replay. */
  compared = 0

  constructor(kinds: ReadonlyMap<string, AnyKind>, store: StoredActors | null) {
    this.kinds = kinds
    this.store = store
    if (store === null) return
    for (const { actor, partition, seq } of store.actorSnapshots()) this.snapshots.set(actor, { partition, seq })
    for (const [partition, { seq }] of store.partitionSnapshots()) this.rounds.set(partition, seq)
  }

  before(_audit: Audit, log: PartitionLog, record: RecordLine): void {
    const replayed = this.actors.get(record.actor)
    if (replayed !== undefined && record.seq > replayed.snapshotSeq) this.compare(log, record.actor, replayed)
  }

  after(_audit: Audit, log: PartitionLog, record: RecordLine): void {
    if (record.events.isEmpty && record.entries.length === 0) return // A3: nothing else changes an actor
    const replayed = this.actors.get(record.actor) ?? this.begin(log, record.actor)
    replayed.lastSeq = record.seq
    if (record.seq <= (this.rounds.get(log.partition) ?? 0)) replayed.coverSeq = record.seq
    if (record.events.isEmpty) return
    try {
      // The auditor's reader has checked that it is a list.
      for (const event of JSON.parse(record.events.text()) as Json[]) {
        replayed.kind.evolve(replayed.state, replayed.kind.decodeEvent(event), record.atMs)
      }
    } catch (error) {
      broken('A3', `events of ${record.actor} do not fold: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  batch(): void {}

  end(audit: Audit): void {
    for (const [actor, replayed] of this.actors) {
      const log = audit.logs[replayed.partition]
      if (log === undefined) continue
      if (replayed.snapshotSeq > log.seq) {
        const where = `${replayed.partition}:${replayed.snapshotSeq}`
        storeDiffers('J4', `snapshot of ${actor} is ahead of the journal, which ends at seq ${log.seq}`, where)
      }
      this.compare(log, actor, replayed)
      checkCovered(actor, replayed)
      checkStatement(log, actor, replayed)
    }
    for (const [actor, { partition, seq }] of this.snapshots) {
      storeDiffers('J4', `snapshot of ${actor}, which the journal never changed`, `${partition}:${seq}`)
    }
  }

  private begin(log: PartitionLog, actor: string): Replayed {
    const slash = actor.indexOf('/')
    const kind = this.kinds.get(actor.slice(0, slash))
    if (kind === undefined) return broken('A3', `${actor} is of no kind this program knows`)
    const snapshotSeq = this.snapshots.get(actor)?.seq ?? -1
    this.snapshots.delete(actor)
    const replayed: Replayed = {
      kind,
      partition: log.partition,
      state: kind.initial(actor.slice(slash + 1)),
      lastSeq: 0,
      coverSeq: 0,
      snapshotSeq,
      compared: false,
    }
    this.actors.set(actor, replayed)
    return replayed
  }

  // J4: snapshot = replay.
  private compare(log: PartitionLog, actor: string, replayed: Replayed): void {
    if (replayed.compared || replayed.snapshotSeq === -1) return
    replayed.compared = true
    const at = `${replayed.partition}:${replayed.snapshotSeq}`
    const stored = this.store?.actorSnapshot(actor) ?? null
    if (stored === null) return
    if (replayed.lastSeq === 0) storeDiffers('J4', `snapshot of ${actor} is older than its first record`, at)
    const state = JSON.stringify(replayed.kind.encodeState(replayed.state))
    if (state !== stored.state) {
      storeDiffers('J4', `snapshot of ${actor} is not what replay gives: ${differenceOf(stored.state, state)}`, at)
    }
    const wrong = differingBalance(log, actor, replayed.kind.kind, stored.balances)
    if (wrong !== null) storeDiffers('J4', `snapshot of ${actor} is not what replay gives: ${wrong}`, at)
    this.compared++
  }
}

// J4: recovery replays only what follows the round, so each actor changed before it needs a snapshot that covers that.
function checkCovered(actor: string, { partition, coverSeq, snapshotSeq }: Replayed): void {
  if (coverSeq <= snapshotSeq || coverSeq === 0) return
  const has = snapshotSeq === -1 ? 'none' : `one of seq ${snapshotSeq}`
  storeDiffers(
    'J4',
    `no snapshot covers the last change of ${actor} before the round; the store has ${has}`,
    `${partition}:${coverSeq}`,
  )
}

// A3: entries and events of a record are two accounts of the same thing.
function checkStatement(log: PartitionLog, actor: string, { kind, state, partition, lastSeq }: Replayed): void {
  const id = actor.slice(kind.kind.length + 1)
  for (const { code, asset, minor } of statementOf(kind, state)) {
    const account = `${code}:${id}`
    const held = log.accounts.balance(account, asset)
    if (held !== minor)
      broken('A3', `${actor} believes in ${minor} ${asset}, ${account} holds ${held}`, `${partition}:${lastSeq}`)
  }
}

function differingBalance(log: PartitionLog, actor: string, kind: string, text: string): string | null {
  const expected = new Map<string, string>()
  const id = actor.slice(kind.length + 1)
  for (const spec of CHART.values()) {
    if (!spec.owners.includes(kind)) continue
    const account = `${spec.code}:${id}`
    for (const [asset, minor] of log.accounts.balancesOf(account)) expected.set(`${account} ${asset}`, minor.toString())
  }
  const rows = listOf(text)
  if (rows === null) return 'its balances are no list'
  for (const row of rows) {
    const [account, asset, minor] = Array.isArray(row) ? row : []
    const name = `${account} ${asset}`
    if (expected.get(name) !== minor) return `${name} is ${minor}, not ${expected.get(name) ?? 'there'}`
    expected.delete(name)
  }
  const [missing] = expected.keys()
  return missing === undefined ? null : `${missing} is missing`
}

function listOf(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** The first place where two texts part, with a little of each. */
export function differenceOf(stored: string, replayed: string): string {
  let at = 0
  while (at < stored.length && stored[at] === replayed[at]) at++
  const from = Math.max(0, at - 20)
  return `…${stored.slice(from, at + 40)}… where replay has …${replayed.slice(from, at + 40)}…`
}
