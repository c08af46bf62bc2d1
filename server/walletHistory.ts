// interim
import type { HistoryFilter, HistoryPage, WalletTransaction } from '../actors/wallet/service.ts'
import type { ErrorCode } from '../shared/errors.ts'
import type { RecordId, WalletId } from '../shared/ids.ts'
import type { WalletHistory } from './walletDesk.ts'
export class StoreHistory implements WalletHistory {
  async page(_w: WalletId, _f: HistoryFilter): Promise<HistoryPage | ErrorCode> {
    return 'unavailable'
  }
  async transaction(_w: WalletId, _r: RecordId): Promise<WalletTransaction | ErrorCode> {
    return 'unavailable'
  }
}
