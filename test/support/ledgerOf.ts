// What the journal of a test's data set holds in the end, read through NATS and audited by the same code as `npm run
// verify`: which record answers a key, and what each wallet had after each of its records.

import { decodeBatch } from '../../actors/runtime/codec.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { Audit } from '../../server/audit/audit.ts'
import { openJetStreamJournal } from '../../server/nats/jetstreamJournal.ts'
import { connectNats } from '../../server/nats/natsConnection.ts'
import { CLUSTER_STREAMS } from './cluster.ts'

export interface Ledger {
  readonly audit: Audit
  /** [seq, available in minor units] of a wallet and asset, in order. */
  balances(walletId: string, asset: string): readonly (readonly [number, bigint])[]
  readonly records: number
  readonly epochs: number
}

export async function ledgerOf(
  natsUrls: readonly string[],
  dataSet: string,
  partitions: number,
  replicas: number,
): Promise<Ledger> {
  const link = await connectNats({ urls: natsUrls, name: 'audit' })
  try {
    const options = { dataSet, partitions, streams: CLUSTER_STREAMS, replicas, allowLazyFsync: true, monitorUrls: [] }
    const journal = await openJetStreamJournal(link, options)
    const audit = new Audit({ partitions, keepKeys: true })
    const balances = new Map<string, [number, bigint][]>()
    let epochs = 0
    const from = new Map([...Array(partitions).keys()].map((partition) => [partition, 0]))
    for await (const group of journal.replay(from)) {
      for (const stored of group) {
        audit.take(stored.partition, stored.position, stored.bytes)
        epochs += note(stored, balances)
      }
    }
    await journal.close()
    return {
      audit,
      balances: (walletId, asset) => balances.get(`2001:${walletId} ${asset}`) ?? [],
      records: audit.records,
      epochs,
    }
  } finally {
    await link.close()
  }
}

/** Answers how many epochs the batch begins. */
function note(stored: StoredBatch, balances: Map<string, [number, bigint][]>): number {
  let epochs = 0
  for (const record of decodeBatch(stored.bytes).records) {
    if (record.cause.kind === 'epoch') epochs++
    for (const { account, asset, balanceAfterMinor } of record.entries) {
      if (!account.startsWith('2001:')) continue
      const key = `${account} ${asset}`
      const rows = balances.get(key)
      if (rows === undefined) balances.set(key, [[record.seq, balanceAfterMinor]])
      else rows.push([record.seq, balanceAfterMinor])
    }
  }
  return epochs
}
