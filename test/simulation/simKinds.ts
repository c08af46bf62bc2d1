// The real kinds, the wallet's except that it throws on a few marked commands: a bug in a kind must park an envelope or a timer, or
// fail one client's command, and touch nothing else (A6, M4).

import type { MatchCommand } from '../../actors/match/commands.ts'
import { matchKind } from '../../actors/match/kind.ts'
import type { NftCommand } from '../../actors/nft/commands.ts'
import { nftKind } from '../../actors/nft/kind.ts'
import { playerKind } from '../../actors/player/kind.ts'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { walletKind } from '../../actors/wallet/kind.ts'

export const POISON = 'poison'

export const SIM_KINDS: ReadonlyMap<string, AnyKind> = new Map<string, AnyKind>([
  [
    walletKind.kind,
    {
      ...walletKind,
      decide: (wallet, command: WalletCommand, ctx) => {
        if (throwsOn(command)) throw new Error(POISON)
        return walletKind.decide(wallet, command, ctx)
      },
    } satisfies AnyKind,
  ],
  [nftKind.kind, nftKind],
  [matchKind.kind, matchKind],
  [playerKind.kind, playerKind],
])

export type SimCommand = WalletCommand | NftCommand | MatchCommand

export function isNftActor(actor: string): boolean {
  return actor.startsWith(`${nftKind.kind}/`)
}

export function isMatchActor(actor: string): boolean {
  return actor.startsWith(`${matchKind.kind}/`)
}

/** A player: told by matches, and asked by nobody here. */
export function isPlayerActor(actor: string): boolean {
  return actor.startsWith(`${playerKind.kind}/`)
}

/** What a client says, whichever kind it says it to. */
export function commandText(actor: string, command: SimCommand): string {
  // Whoever intends a command addresses it to an actor of its kind.
  if (isNftActor(actor)) return nftKind.commandText(command as NftCommand)
  return isMatchActor(actor)
    ? matchKind.commandText(command as MatchCommand)
    : walletKind.commandText(command as WalletCommand)
}

export function throwsOn(command: SimCommand): boolean {
  switch (command.kind) {
    case 'freeze':
      return command.reason === POISON
    case 'receive':
      return command.memo === POISON
    case 'expire':
      return command.name === POISON
    default:
      return false
  }
}
