// A journal that goes on while it is read: partitions end where they did when each was asked, one after the other, while
// envelopes went on between them. Whatever the log says must have been before its own end is read as well (M4). All of
// that was before what says so, so this comes to an end while servers run.

import type { Audit } from '../audit.ts'
import type { JournalFeed } from './journalFeed.ts'

/** Reads on until the ends fit each other, or there is no more, which is the audit's to name. */
export async function readOn(feed: Pick<JournalFeed, 'next'>, audit: Audit): Promise<void> {
  let behind = behindOf(audit)
  while (behind.size > 0 && audit.violation === null) {
    const batches = await Promise.all(
      [...behind].map((partition) => feed.next(partition, audit.logs[partition]?.position ?? 0)),
    )
    const found = batches.filter((batch) => batch !== null)
    if (found.length === 0) return
    for (const { partition, position, bytes } of found) audit.take(partition, position, bytes)
    behind = behindOf(audit)
  }
}

/** Partitions that others have seen more of than was read. */
function behindOf(audit: Audit): ReadonlySet<number> {
  const behind = new Set<number>()
  for (const lane of audit.allLanes()) {
    if (lane.takenUnsent) behind.add(lane.source)
    if (lane.claimed > lane.taken) behind.add(lane.destination)
  }
  return behind
}
