// History from MongoDB is read and decoded on the main thread: so few pages at a time, and no more waiting than are soon
// served, that nobody's history holds up anybody's money (A5). What is too much is refused, to be asked again.

import { ServiceError } from '../../shared/errors.ts'
import type { HistoryQuery, HistoryResult, HistoryRow, PendingPage, PendingQuery } from '../store/storeProtocol.ts'
import type { HistoryReader } from '../walletHistory.ts'

const AT_A_TIME = 2
const MAX_WAITING = 64

export class BoundedReader implements HistoryReader {
  private readonly reader: HistoryReader
  private running = 0
  private readonly waiting: (() => void)[] = []

  constructor(reader: HistoryReader) {
    this.reader = reader
  }

  history(query: HistoryQuery): Promise<HistoryResult> {
    return this.inTurn(() => this.reader.history(query))
  }

  transaction(partition: number, seq: number, account: string, asset: string | null): Promise<HistoryRow | null> {
    return this.inTurn(() => this.reader.transaction(partition, seq, account, asset))
  }

  pending(query: PendingQuery): Promise<PendingPage> {
    return this.inTurn(() => this.reader.pending(query))
  }

  private async inTurn<T>(read: () => Promise<T>): Promise<T> {
    if (this.running < AT_A_TIME) {
      this.running++
    } else {
      if (this.waiting.length >= MAX_WAITING) throw new ServiceError('overloaded')
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
    try {
      return await read()
    } finally {
      // Whoever waits takes this turn over, so that nobody who comes meanwhile can.
      const next = this.waiting.shift()
      if (next === undefined) this.running--
      else next()
    }
  }
}
