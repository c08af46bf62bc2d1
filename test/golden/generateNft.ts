// Makes the journal `nft-1`: everything that a token writes, and what a wallet makes of it.
// Run once: `node test/golden/generateNft.ts`.

import type { NftCommand } from '../../actors/nft/commands.ts'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'nft-1'
const PARTITIONS = 2
const BY = 'u_staff' as UserId // of the form that ids have

/** Two starts; a token with a wallet, one held, one unclaimed, one burned, and one minted again. */
export async function liveNfts(): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.serving({ partitions: PARTITIONS })
  const [alice, bob] = [world.address('wallet', 0, 'alice'), world.address('wallet', 1, 'bob')]
  const nobody = world.address('wallet', 1, 'nobody')
  for (const wallet of [alice, bob]) await world.openWallet(wallet)
  const [first, second] = [world.token(0), world.token(1)]
  const [third, fourth] = [world.token(0, 100), world.token(1, 100)]
  await world.answer(first.address, sending('mint', alice, 'für den Sieg "im Finale" \\ 🏆'), 'm1')
  await world.answer(first.address, sending('mint', bob), 'again')
  await world.answer(alice, send(bob, first.asset), 's1')
  await world.answer(second.address, sending('mint', alice), 'm1')
  const hold = { kind: 'hold', name: 'h', asset: second.asset, amountMinor: 1n } as const
  await world.answer(alice, { ...hold, expiresAtMs: world.time.nowMs() + 3_600_000 }, 'h1')
  await world.answer(third.address, sending('mint', nobody), 'm1')
  await world.answer(third.address, sending('deliver', nobody), 'd1')
  await world.answer(fourth.address, sending('mint', nobody), 'm1')
  await world.restart()
  await world.answer(fourth.address, { kind: 'burn', by: BY, reason: 'not ours' }, 'b1')
  await world.answer(fourth.address, { kind: 'burn', by: BY, reason: 'not ours' }, 'b2')
  const fifth = world.token(1, 200)
  await world.answer(fifth.address, sending('mint', nobody), 'm1')
  await world.answer(fifth.address, { kind: 'burn', by: BY, reason: 'to begin anew' }, 'b1')
  await world.answer(fifth.address, sending('mint', bob), 'm2')
  await world.answer(bob, send(alice, fifth.asset), 's1')
  await world.answer(alice, send(nobody, fifth.asset), 's2')
  return world
}

function sending(kind: 'mint' | 'deliver', to: ActorAddress, reason = 'golden'): NftCommand {
  return { kind, to: to.id as WalletId, by: BY, reason, barrier: null }
}

function send(to: ActorAddress, asset: string) {
  return { kind: 'send', to: to.id as WalletId, asset, amountMinor: 1n, memo: '' } as const
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await liveNfts())
