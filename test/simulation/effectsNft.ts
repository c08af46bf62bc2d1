// What a record must say about a token's command, stated apart from its `decide`, as effects.ts does for wallets.

import type { NftCommand } from '../../actors/nft/commands.ts'
import type { DurableRecord, Moment } from './model.ts'

/** Null where the record is a right outcome of the command; else what is wrong. */
export function nftMismatch(command: NftCommand, { record, before, after }: DurableRecord): string | null {
  if (record.outcome.kind === 'parked') return 'a command is parked'
  if (record.outcome.kind === 'refused') {
    const { code } = record.outcome
    const empty = record.entries.length + record.events.length + record.outbox.length + record.timers.length === 0
    return empty && code === refusalOf(command, before) ? null : `refused with ${code}, with ${before.state}`
  }
  if (refusalOf(command, before) !== null) return `accepted ${command.kind}, with ${before.state}`
  const id = record.actor.slice('nft/'.length)
  const legs = record.entries.map(
    ({ account, side, amountMinor, asset }) => `${side} ${account} ${amountMinor} ${asset}`,
  )
  const sent = record.outbox.map(({ to, money }) => `to ${to} ${money?.amountMinor} ${money?.asset}`)
  const found = [...legs, ...sent, after.nft?.status].join('; ')
  const expected = effectOf(command, id)
  return found === expected ? null : `${command.kind} did ${found}, expected ${expected}`
}

function refusalOf({ kind }: NftCommand, { nft }: Moment): string | null {
  const status = nft?.status ?? 'absent'
  if (kind === 'mint') return status === 'absent' ? null : 'nft.already_minted'
  if (status === 'unclaimed') return null
  return status === 'absent' ? 'nft.not_minted' : 'nft.not_unclaimed'
}

function effectOf(command: NftCommand, id: string): string {
  const [custody, unclaimed, transit] = [`1003:${id.split(':')[0]}`, `2007:${id}`, '2006']
  const moved = (from: string, to: string): string => `debit ${from} 1 NFT:${id}; credit ${to} 1 NFT:${id}`
  switch (command.kind) {
    case 'mint':
      return `${moved(custody, transit)}; to wallet/${command.to} 1 NFT:${id}; sent`
    case 'deliver':
      return `${moved(unclaimed, transit)}; to wallet/${command.to} 1 NFT:${id}; sent`
    case 'burn':
      return `${moved(unclaimed, custody)}; absent`
    case 'returned':
      return 'no client says so'
  }
}

/** A3: what a token says of itself is what its account has. */
export function nftPictureDiffers({ nft, balances }: Moment, id: string): string | null {
  const state = nft?.status === 'unclaimed' ? `2007:${id}/NFT:${id}=1` : ''
  return state === balances ? null : `state says ${state}, entries ${balances}`
}
