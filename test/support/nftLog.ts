// A small sound log with NFTs in every place they can be: with a wallet, held, on their way, unclaimed, and burned.

import { LogBuilder, type WireRecord } from './logBuilder.ts'

export interface NftLog {
  readonly log: LogBuilder
  readonly alice: string
  readonly bob: string
  /** `first` goes from alice to bob, `second` comes back from bob and is burned and minted once more. */
  readonly first: string
  readonly second: string
  readonly record: Readonly<Record<NftLogRecord, WireRecord>>
}

export type NftLogRecord =
  | 'mint'
  | 'receive'
  | 'send'
  | 'receiveOfBob'
  | 'mintOfSecond'
  | 'refusal'
  | 'unclaimed'
  | 'redelivery'
  | 'secondRefusal'
  | 'unclaimedAgain'
  | 'burn'
  | 'mintAgain'

/** Alice and both tokens live in partition 0, Bob in partition 1. */
export function nftLog(): NftLog {
  const log = new LogBuilder(2)
  const [alice, bob] = [log.walletIn(0, 'alice'), log.walletIn(1, 'bob__')]
  const [first = '', second = ''] = Array.from({ length: 40 }, (_, id) => tokenCode(id)).filter(
    (asset) => log.home(`nft/${asset.slice(4)}`) === 0,
  )
  log.epoch(0)
  log.epoch(1)
  const mint = log.mint(first, alice)
  const receive = taken(log.receive(0, 0))
  const send = log.send(alice, bob, 1n, first)
  const receiveOfBob = taken(log.receive(0, 1))
  const mintOfSecond = log.mint(second, bob)
  log.cut(0)
  const refusal = taken(log.refuse(0, 1))
  const unclaimed = taken(log.receive(1, 0))
  const redelivery = log.mint(second, bob, 'deliver')
  log.cut(1)
  const secondRefusal = taken(log.refuse(0, 1))
  const unclaimedAgain = taken(log.receive(1, 0))
  const burn = log.burn(second)
  const mintAgain = log.mint(second, bob)
  return {
    ...{ log, alice, bob, first, second },
    record: {
      ...{ mint, receive, send, receiveOfBob, mintOfSecond, refusal, unclaimed, redelivery, secondRefusal },
      ...{ unclaimedAgain, burn, mintAgain },
    },
  }
}

export function tokenCode(tokenId: number, chain = 137): string {
  return `NFT:${chain}:0x${'ab'.repeat(20)}:${tokenId}`
}

function taken(record: WireRecord | null): WireRecord {
  if (record === null) throw new Error('the lane was empty')
  return record
}
