// What a record must look like by itself: which actor may write where (J1), what a refused, parked or epoch record may
// not contain (M4, M6), and where its envelopes go.

import { findAsset } from '../../shared/assets.ts'
import { isId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import type { RecordLine } from './recordLine.ts'
import { broken, type Invariant } from './violation.ts'

export function checkShape(record: RecordLine, partition: number, partitions: number): void {
  const { cause } = record
  if (cause.kind === 'epoch') {
    if (record.actor !== '') broken('J3', `epoch record of ${record.actor}`)
    if (record.refused !== null || record.parked) broken('J3', 'epoch record with an outcome')
    checkEmpty(record, 'epoch', 'J3', true)
    return
  }
  checkActor(record.actor, partition, partitions)
  if (record.parked) {
    // A6: a client's command that throws fails alone and is not journaled; only what others wait behind is parked.
    if (cause.kind === 'command') broken('M4', 'a command is parked: only envelopes and timers are')
    checkEmpty(record, 'parked', 'M4', true)
    return
  }
  if (record.refused !== null) {
    const mayReturn = cause.kind === 'envelope'
    checkEmpty(record, 'refused', mayReturn ? 'M4' : 'M6', !mayReturn)
  }
  checkOutbox(record, partitions)
}

function checkActor(actor: string, partition: number, partitions: number): void {
  const slash = actor.indexOf('/')
  if (slash < 1 || !isId(actor.slice(slash + 1))) broken('J1', `${JSON.stringify(actor)} is no actor`)
  const home = partitionOf(actor, partitions)
  if (home !== partition) broken('J1', `record of ${actor}, whose partition is ${home}`)
}

/** A record that says nothing happened must change nothing. */
function checkEmpty(record: RecordLine, what: string, invariant: Invariant, outboxToo: boolean): void {
  if (record.entries.length > 0) broken(invariant, `${what} record with entries`)
  if (!record.events.isEmpty) broken(invariant, `${what} record with events`)
  if (record.timers.length > 0) broken(invariant, `${what} record changes timers`)
  if (outboxToo && record.outbox.length > 0) broken(invariant, `${what} record sends envelopes`)
}

function checkOutbox(record: RecordLine, partitions: number): void {
  for (const { to, destination, money } of record.outbox) {
    const home = partitionOf(to, partitions)
    if (to.indexOf('/') < 1) broken('M4', `envelope to ${JSON.stringify(to)}, which is no actor`)
    if (destination !== home) broken('M4', `envelope to ${to} goes to partition ${destination}, its home is ${home}`)
    if (money !== null && findAsset(money.asset) === null) broken('M1', `asset ${money.asset} is not registered`)
  }
}
