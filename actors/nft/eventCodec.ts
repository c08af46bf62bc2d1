// Events of an NFT as the log keeps them: arrays led by a tag. A changed meaning gets a new tag, an addition stands at the
// end, and what was written once is read for ever.

import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import type { NftEvent } from './commands.ts'

export function encodeEvent(event: NftEvent): Json {
  switch (event.kind) {
    case 'minted':
    case 'delivered':
      return [event.kind, event.record, event.to, event.by, event.reason]
    case 'burned':
      return ['burned', event.record, event.by, event.reason]
    case 'returned':
      return ['returned', event.record, event.code, event.original, event.from]
  }
}

// The casts below name what encodeEvent wrote: events are read back only from a log whose hash chain holds (J3).
export function decodeEvent(json: Json): NftEvent {
  const [kind, record = '', a = '', b = '', c = ''] = json as string[]
  switch (kind) {
    case 'minted':
    case 'delivered':
      return { kind, record: record as RecordId, to: a as WalletId, by: b as UserId, reason: c }
    case 'burned':
      return { kind, record: record as RecordId, by: a as UserId, reason: b }
    case 'returned':
      return { kind, record: record as RecordId, code: a, original: b as RecordId, from: c }
    default:
      throw new Error(`unknown nft event ${String(kind)}`)
  }
}
