// What has not come to its end: records that were told to be pending and nothing else since.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { fateNumber } from '../../actors/projection/ports.ts'
import type { HistoryReads } from './historyReads.ts'
import { pack, packedNumber, packedPartition } from './schema.ts'
import type { PendingPage, PendingQuery } from './storeProtocol.ts'

/** Rows looked at for one page: parked envelopes are among them, and few. */
const WALK_LIMIT = 5_000

export class PendingReads {
  private readonly history: HistoryReads
  private readonly rows: StatementSync

  constructor(db: DatabaseSync, history: HistoryReads) {
    this.history = history
    // The number stands in the text, so that the partial index on it serves the query.
    this.rows = db.prepare(
      `SELECT record FROM unsettled WHERE state = ${fateNumber('pending')} AND record > ? ORDER BY record LIMIT ?`,
    )
  }

  page({ operation, after, limit }: PendingQuery): PendingPage {
    const rows: PendingPage['rows'][number][] = []
    const found = this.rows.all(after === null ? -1 : pack(after.partition, after.seq), WALK_LIMIT)
    let next: PendingPage['next'] = null
    for (const [index, row] of found.entries()) {
      const [partition, seq] = [packedPartition(Number(row.record)), packedNumber(Number(row.record))]
      const record = this.history.record(partition, seq)
      if (record?.operation === operation) rows.push({ partition, seq, record })
      const isLast = index + 1 === found.length && found.length < WALK_LIMIT
      next = isLast ? null : { partition, seq }
      if (rows.length === limit) break
    }
    return { rows, next }
  }
}
