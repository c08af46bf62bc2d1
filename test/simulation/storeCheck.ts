// S1: what the store says once everything is projected, against the fold of the log.

import type { LogRecord } from '../../actors/runtime/record.ts'
import { isNftActor, isPlayerActor } from './simKinds.ts'
import { PARTITIONS, type World } from './world.ts'

/** Every partition's checkpoint stands at the head of its log. */
export function projected(world: World): boolean {
  const { checkpoints } = world.storeDisk.rows
  return [...Array(PARTITIONS).keys()].every((id) => (checkpoints.get(id)?.seq ?? 0) === world.checker.model.head(id))
}

export function checkStore(world: World): void {
  if (world.report.finding !== null) return
  checkBalances(world)
  checkKeys(world)
  checkEntries(world)
  checkBatches(world)
}

function checkBalances(world: World): void {
  const { audit } = world.checker
  const shown = new Map<string, bigint>()
  for (const row of world.storeDisk.rows.balances.values()) {
    shown.set(`${row.partition} ${row.account} ${row.asset}`, row.balanceMinor)
  }
  for (const { partition, accounts } of audit.logs) {
    for (const { account, asset, minor } of accounts.all()) {
      const name = `${partition} ${account} ${asset}`
      world.report.expect(
        shown.get(name) === minor,
        'S1',
        () => `store has ${name} at ${shown.get(name)}, the log ${minor}`,
      )
    }
  }
}

function checkKeys(world: World): void {
  let asked = 0
  for (const { partition, record } of world.checker.model.allRecords()) {
    if (record.cause.kind !== 'command' || record.cause.key === '') continue
    asked++
    const row = world.storeDisk.rows.keys.get(`${partition} ${record.actor} ${record.cause.key}`)
    const refused = record.outcome.kind === 'refused' ? record.outcome.code : null
    const same =
      row !== undefined && row.seq === record.seq && row.hash === record.cause.hash && row.refused === refused
    const reply = JSON.stringify(row?.reply) === JSON.stringify(record.reply)
    world.report.expect(same && reply, 'M6', () => `store has lost the key of ${partition}:${record.seq}`)
  }
  const rows = world.storeDisk.rows.keys.size
  world.report.expect(rows === asked, 'M6', () => `store has ${rows} keys, the log ${asked}`)
}

function checkEntries(world: World): void {
  const { entries, fates } = world.storeDisk.rows
  let owned = 0
  const told = new Map<string, number>()
  for (const { partition, record } of world.checker.model.allRecords()) {
    for (const [at, fate] of fatesTold(record)) told.set(at, Math.max(rankOf(fate, record.seq), told.get(at) ?? 0))
    for (const [leg, entry] of record.entries.entries()) {
      if (!/^200[12357]:/.test(entry.account)) continue
      owned++
      const row = entries.get(`${partition} ${record.seq} ${leg}`)
      const same = row?.account === entry.account && row.balanceAfterMinor === entry.balanceAfterMinor
      world.report.expect(same, 'S1', () => `store has lost leg ${leg} of ${partition}:${record.seq}`)
    }
  }
  world.report.expect(entries.size === owned, 'S1', () => `store has ${entries.size} entries, the log ${owned}`)
  const [differing] = [...new Set([...told.keys(), ...fates.keys()])].filter((at) => told.get(at) !== fates.get(at))
  world.report.expect(
    differing === undefined,
    'S1',
    () => `store has fate ${fates.get(differing ?? '')} of ${differing}, the log ${told.get(differing ?? '')}`,
  )
}

type Fate = 'pending' | 'failed' | 'cancelled' | 'confirmed' | 'reversed'
const FATE_RANK: Readonly<Record<Fate, number>> = { pending: 1, failed: 2, cancelled: 3, confirmed: 4, reversed: 4 }
/** What was reversed says by which record. */
const rankOf = (fate: Fate, seq: number): number => FATE_RANK[fate] + (fate === 'reversed' ? seq : 0)
const WITHDRAWAL_FATES: Readonly<Record<string, Fate>> = {
  completed: 'confirmed',
  rejected: 'failed',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** By `partition seq`: what a record says became of a line in the history, read from its form alone. */
function fatesTold({ actor, cause, outcome, events }: LogRecord): readonly (readonly [string, Fate])[] {
  const told: [string, Fate][] = []
  if (cause.kind === 'envelope' && outcome.kind !== 'accepted')
    told.push([`${cause.source} ${cause.seq}`, outcome.kind === 'parked' ? 'pending' : 'failed'])
  for (const event of events) {
    const [tag, a = '', b = '', c = '', d = ''] = Array.isArray(event) ? event.map(String) : []
    if (tag === 'reversed') told.push([c.replace('-', ' '), 'reversed'])
    if (tag === 'adjustment_proposed' || tag === 'reversal_proposed') told.push([a.replace('-', ' '), 'pending'])
    if (tag === 'adjustment_ended') told.push([a.replace('-', ' '), b === 'approved' ? 'confirmed' : 'cancelled'])
    const fate = tag === 'withdrawal_moved' ? WITHDRAWAL_FATES[b] : undefined
    if (tag === 'returned' && !isPlayerActor(actor))
      told.push([(isNftActor(actor) ? c : d).replace('-', ' '), 'failed'])
    if (tag === 'unclaimed') told.push([b.replace('-', ' '), 'failed'])
    if (tag === 'withdrawal_requested') told.push([a.replace('-', ' '), 'pending'])
    if (fate !== undefined) told.push([a.replace('-', ' '), fate])
  }
  return told
}

// J3: the exact bytes appended.
function checkBatches(world: World): void {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const { bytes, position } of world.disk.after(partition, 0)) {
      const found = [...world.storeDisk.rows.batches.values()].find((row) => row.position === position)
      const same = found !== undefined && Buffer.compare(found.bytes, bytes) === 0
      world.report.expect(same, 'S1', () => `store has lost the batch of partition ${partition} at ${position}`)
    }
  }
}
