// History from MongoDB is read and decoded on the main thread: so few pages at a time, and no more waiting than are soon
// served, that nobody's history holds up anybody's money (A5). What is too much is refused, to be asked again.

import { Turns } from '../../actors/runtime/turns.ts'
import type { LineChoice } from '../../actors/wallet/service.ts'
import type { HistoryQuery, HistoryResult, HistoryRow, PendingPage, PendingQuery } from '../store/storeProtocol.ts'
import type { HistoryReader } from '../walletHistory.ts'

const AT_A_TIME = 2
const MAX_WAITING = 64

export class BoundedReader implements HistoryReader {
  private readonly reader: HistoryReader
  private readonly turns = new Turns({ atATime: AT_A_TIME, maxWaiting: MAX_WAITING })

  constructor(reader: HistoryReader) {
    this.reader = reader
  }

  history(query: HistoryQuery): Promise<HistoryResult> {
    return this.turns.run(() => this.reader.history(query))
  }

  transaction(partition: number, seq: number, account: string, line: LineChoice): Promise<HistoryRow | null> {
    return this.turns.run(() => this.reader.transaction(partition, seq, account, line))
  }

  pending(query: PendingQuery): Promise<PendingPage> {
    return this.turns.run(() => this.reader.pending(query))
  }
}
