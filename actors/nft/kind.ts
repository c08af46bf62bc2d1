// The NFT as a kind of actor: one for each token, which mints it, takes it back where a wallet does not, and delivers or
// burns what came back. It keeps no list of its owners: a token belongs to the wallet whose account has it.

import type { RecordId } from '../../shared/ids.ts'
import { type ActorKind, type Incoming, RETURN_ENVELOPE, type RecordFate } from '../runtime/actor.ts'
import type { NftCommand, NftEvent } from './commands.ts'
import { decide } from './decide.ts'
import { decodeEvent, encodeEvent } from './eventCodec.ts'
import { evolve, type Nft, type NftQuery, type NftView, newNft, view } from './state.ts'
import { decodeState, encodeState } from './stateCodec.ts'
import { NFT_KIND } from './token.ts'

export const nftKind: ActorKind<Nft, NftCommand, NftEvent, NftQuery, NftView> = {
  kind: NFT_KIND,
  initial: newNft,
  decide,
  evolve,
  view,
  commandName: (command) => command.kind,
  commandText,
  incoming,
  encodeEvent,
  decodeEvent,
  encodeState,
  decodeState,
  fateOf,
}

// M9: a delivery whose token came back has failed.
function fateOf(event: NftEvent): RecordFate | null {
  return event.kind === 'returned' ? { record: event.original, fate: 'failed' } : null
}

/** What the caller said: who they are is in the key, and what the wallet was like is not their word. */
function commandText(command: NftCommand): string {
  switch (command.kind) {
    case 'mint':
    case 'deliver':
      return JSON.stringify([command.kind, command.to, command.reason])
    case 'burn':
      return JSON.stringify(['burn', command.reason])
    case 'returned':
      return JSON.stringify([command.kind])
  }
}

function incoming({ via, name, body, from }: Incoming): NftCommand {
  if (via !== 'envelope' || name !== RETURN_ENVELOPE) throw new Error(`an nft takes no ${via} ${name}`)
  const { code, original } = body as { readonly code: string; readonly original: RecordId } // of the runtime's returnOf
  return { kind: 'returned', code, original, from }
}
