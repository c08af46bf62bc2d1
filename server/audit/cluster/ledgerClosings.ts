// The closings of a ledger store on MongoDB, as the auditor's check asks for them. Read before the checkpoints and the
// journal: what servers write meanwhile is then not judged.

import { closingKey, partitionKey } from '../../mongo/documents.ts'
import type { StoredClosings } from '../storeClosings.ts'
import type { LedgerDatabase } from './ledgerDatabase.ts'

/** In memory: a closing is some hundred bytes for 128 records. */
export class LedgerClosings implements StoredClosings {
  private readonly texts = new Map<string, string>()
  private readonly counts = new Map<string, number>()

  static async read(ledger: LedgerDatabase): Promise<LedgerClosings> {
    const closings = new LedgerClosings()
    for await (const { _id, balances } of ledger.all('closings')) {
      const partition = _id.slice(0, _id.indexOf(':'))
      closings.texts.set(_id, balances)
      closings.counts.set(partition, (closings.counts.get(partition) ?? 0) + 1)
    }
    return closings
  }

  closing(partition: number, atMs: number, seq: number): string | null {
    return this.texts.get(closingKey(partition, atMs, seq)) ?? null
  }

  closingCount(partition: number): number {
    return this.counts.get(partitionKey(partition)) ?? 0
  }
}
