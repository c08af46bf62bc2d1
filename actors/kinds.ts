// Every kind of actor this program runs, by name.

import { lobbyKind } from './lobby/kind.ts'
import { matchKind } from './match/kind.ts'
import { nftKind } from './nft/kind.ts'
import { playerKind } from './player/kind.ts'
import { queueKind } from './queue/kind.ts'
import type { AnyKind } from './runtime/actor.ts'
import { walletKind } from './wallet/kind.ts'

export const KINDS: ReadonlyMap<string, AnyKind> = new Map<string, AnyKind>([
  [walletKind.kind, walletKind],
  [nftKind.kind, nftKind],
  [lobbyKind.kind, lobbyKind],
  [matchKind.kind, matchKind],
  [playerKind.kind, playerKind],
  [queueKind.kind, queueKind],
])
