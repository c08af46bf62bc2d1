// Which row of a chunk differs: the chunk is read again on both sides and compared row by row, field by field. Neither
// side changes what the store's checkpoint covers.

import { hashOf } from '../partitionLog.ts'
import { differenceOf } from '../replayedActors.ts'
import type { Violation } from '../violation.ts'
import type { JournalFeed } from './journalFeed.ts'
import type { LedgerDatabase } from './ledgerDatabase.ts'
import { readBatch, rowsOf, storedBatch, storedRecord } from './ledgerRows.ts'
import type { Row } from './rowDigests.ts'
import type { Suspect } from './storedRows.ts'

/** Null where no difference is seen any more. Rejects as its sources do. */
export async function findDifference(
  feed: JournalFeed,
  ledger: LedgerDatabase,
  suspect: Suspect,
): Promise<Violation | null> {
  const stored = await storedRows(ledger, suspect)
  for await (const expected of journalRows(feed, suspect)) {
    const has = stored.get(expected.seq)
    stored.delete(expected.seq)
    const found = has === undefined ? missing(suspect, expected) : difference(suspect, has, expected)
    if (found !== null) return found
  }
  const [extra] = stored.values()
  if (extra === undefined) return null
  return violation(suspect, 'S1', extra, 'the store has this one, which the journal has not')
}

async function storedRows(ledger: LedgerDatabase, suspect: Suspect): Promise<Map<number, Row>> {
  const rows = new Map<number, Row>()
  if (suspect.collection === 'records') {
    for await (const found of ledger.range('records', suspect)) rows.set(found._id.seq, storedRecord(found))
  } else {
    for await (const found of ledger.range('batches', suspect)) rows.set(found._id.seq, storedBatch(found))
  }
  return rows
}

async function* journalRows(feed: JournalFeed, suspect: Suspect): AsyncGenerator<Row, void, undefined> {
  const { collection, partition, from, through } = suspect
  for await (const { position, bytes } of feed.from(partition, suspect.position)) {
    const read = readBatch(bytes)
    if (read.header.first > through) return
    const { records, batch } = rowsOf({ ...read, position, hash: hashOf(bytes) })
    for (const row of collection === 'records' ? records : [batch]) {
      if (row.seq >= from && row.seq <= through) yield row
    }
  }
}

function difference(suspect: Suspect, stored: Row, expected: Row): Violation | null {
  for (const [name, value] of Object.entries(expected.fields)) {
    const has = stored.fields[name] ?? ''
    if (has === value) continue
    const message = `${name} of this one in the store is not the journal's: ${differenceOf(has, value)}`
    return violation(suspect, name === 'line' || name === 'header' ? 'J3' : 'S1', expected, message)
  }
  return null
}

function missing(suspect: Suspect, expected: Row): Violation {
  return violation(suspect, 'S1', expected, 'missing in the store, below its checkpoint')
}

function violation(
  { collection, partition }: Suspect,
  invariant: Violation['invariant'],
  { seq }: Row,
  message: string,
): Violation {
  return { invariant, at: `${partition}:${seq}`, message: `${collection}: ${message}`, part: 'store' }
}
