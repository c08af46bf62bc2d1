// What an NFT answers to each command. Pure (A2). Minting brings one of it into custody (1003) and sends it to a wallet;
// what the wallet does not take is booked as unclaimed (2007), from where staff delivers it again or burns it (M4).

import { IN_TRANSIT } from '../../shared/accounts.ts'
import { actorKey } from '../../shared/partition.ts'
import {
  accept,
  type DecideContext,
  type Decision,
  type OutgoingEnvelope,
  refuseInput,
  reject,
} from '../runtime/actor.ts'
import type { Posting } from '../runtime/record.ts'
import type { NftCommand, NftEvent } from './commands.ts'
import type { Nft } from './state.ts'
import { assetOfActor, custodyOf, unclaimed } from './token.ts'

type CommandOf<Kind extends NftCommand['kind']> = Extract<NftCommand, { kind: Kind }>

const PENDING = Object.freeze({ status: 'pending' })

export function decide(nft: Nft, command: NftCommand, ctx: DecideContext): Decision<NftEvent> {
  switch (command.kind) {
    case 'mint':
      // M1: there is one of it, whoever asks and however often.
      if (nft.status !== 'absent') return reject('nft.already_minted')
      return send(nft, command, ctx, 'minted', custodyOf(nft.id))
    case 'deliver':
      if (nft.status !== 'unclaimed') return notUnclaimed(nft)
      return send(nft, command, ctx, 'delivered', unclaimed(nft.id))
    case 'burn': {
      if (nft.status !== 'unclaimed') return notUnclaimed(nft)
      const { by, reason } = command
      return accept('adjustment', [{ kind: 'burned', record: ctx.recordId, by, reason }], {
        postings: move(nft, unclaimed(nft.id), custodyOf(nft.id)),
        reply: { status: 'confirmed' },
      })
    }
    case 'returned': {
      const { code, original, from } = command
      return accept('refund', [{ kind: 'returned', record: ctx.recordId, code, original, from }], {
        postings: move(nft, IN_TRANSIT, unclaimed(nft.id)),
      })
    }
  }
}

function send(
  nft: Nft,
  { to, by, reason, barrier }: CommandOf<'mint' | 'deliver'>,
  { recordId }: DecideContext,
  kind: 'minted' | 'delivered',
  outOf: string,
): Decision<NftEvent> {
  if (barrier !== null) return refuseInput(barrier)
  return accept(kind === 'minted' ? 'adjustment' : 'transfer', [{ kind, record: recordId, to, by, reason }], {
    postings: move(nft, outOf, IN_TRANSIT),
    outbox: [envelopeTo(to, nft)],
    reply: PENDING,
  })
}

function notUnclaimed({ status }: Nft): Decision<NftEvent> {
  return reject(status === 'absent' ? 'nft.not_minted' : 'nft.not_unclaimed')
}

function envelopeTo(to: string, { id }: Nft): OutgoingEnvelope {
  const money = { asset: assetOfActor(id), amountMinor: 1n }
  return { to: actorKey('wallet', to), name: 'receive', money, body: null }
}

function move({ id }: Nft, debited: string, credited: string): readonly Posting[] {
  const asset = assetOfActor(id)
  return [
    { account: debited, asset, side: 'debit', amountMinor: 1n },
    { account: credited, asset, side: 'credit', amountMinor: 1n },
  ]
}
