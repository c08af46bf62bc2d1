// The real kinds, the wallet's except that it throws on a few marked commands: a bug in a kind must park an envelope or a timer, or
// fail one client's command, and touch nothing else (A6, M4).

import type { NftCommand } from '../../actors/nft/commands.ts'
import { nftKind } from '../../actors/nft/kind.ts'
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
])

export type SimCommand = WalletCommand | NftCommand

export function isNftActor(actor: string): boolean {
  return actor.startsWith(`${nftKind.kind}/`)
}

/** What a client says, whichever kind it says it to. */
export function commandText(actor: string, command: SimCommand): string {
  // Whoever intends a command addresses it to an actor of its kind.
  return isNftActor(actor)
    ? nftKind.commandText(command as NftCommand)
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
