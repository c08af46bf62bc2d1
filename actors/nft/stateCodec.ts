// An NFT's state as snapshots keep it. Canonical: equal states give equal text, so every field is written, in this order.

import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import { type Deed, type Nft, type NftStatus, newNft } from './state.ts'

/** [record, at, by, reason]. */
type StoredDeed = readonly [string, number, string, string]

interface StoredNft {
  readonly id: string
  readonly status: NftStatus
  readonly minted: StoredDeed | null
  /** Its deed, and to whom. */
  readonly sent: readonly [StoredDeed, string] | null
  /** [record, at, code, from]. */
  readonly returned: readonly [string, number, string, string] | null
  readonly burned: StoredDeed | null
}

export function encodeState({ id, status, minted, sent, returned, burned }: Nft): Json {
  const stored: StoredNft = {
    id,
    status,
    minted: minted === null ? null : encodeDeed(minted),
    sent: sent === null ? null : [encodeDeed(sent), sent.to],
    returned: returned === null ? null : [returned.record, returned.atMs, returned.code, returned.from],
    burned: burned === null ? null : encodeDeed(burned),
  }
  return stored as unknown as Json // an interface has no index signature; every field is Json
}

export function decodeState(json: Json): Nft {
  const stored = json as unknown as StoredNft // written by encodeState
  const { status, minted, sent, returned, burned } = stored
  return {
    ...newNft(stored.id),
    status,
    minted: minted === null ? null : decodeDeed(minted),
    sent: sent === null ? null : { ...decodeDeed(sent[0]), to: sent[1] as WalletId },
    returned:
      returned === null
        ? null
        : { record: returned[0] as RecordId, atMs: returned[1], code: returned[2], from: returned[3] },
    burned: burned === null ? null : decodeDeed(burned),
  }
}

function encodeDeed({ record, atMs, by, reason }: Deed): StoredDeed {
  return [record, atMs, by, reason]
}

// Written by encodeDeed.
function decodeDeed([record, atMs, by, reason]: StoredDeed): Deed {
  return { record: record as RecordId, atMs, by: by as UserId, reason }
}
