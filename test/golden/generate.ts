// Makes the golden journal `wallet-1`, once: `node test/golden/generate.ts`. Everything in it comes from the commands
// below and a clock that stands where they put it, so that it could be made again byte for byte by the same program; but
// it never is: a later format gets a journal of its own beside it.

import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { START_MS } from '../support/walletBench.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'wallet-1'
const PARTITIONS = 3

/** The life of the golden wallets: two starts, every event, every way money takes. */
export async function live(): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.serving({ partitions: PARTITIONS, limits: { deliveredEvery: 2 } })
  const [alice, bob, carol] = [address(world, 0, 'alice'), address(world, 1, 'bob'), address(world, 2, 'carol')]
  const neighbour = address(world, 0, 'neighbour')
  const run = (to: ActorAddress, command: WalletCommand, key = '') => world.answer(to, command, key)

  for (const wallet of [alice, bob, carol, neighbour]) await run(wallet, { kind: 'open', userId: userOf(wallet) })
  await run(alice, deposit('USD', 100_000n, 'd1'), 'd1')
  await run(alice, deposit('USDC', 25_000_000n, 'd2'), 'd2')
  await run(bob, deposit('USDT', 5_000_000n, 'd1'), 'd1')
  await world.time.advance(1_000)

  // Between partitions, within one, with a memo of every sort of character, and several in one batch.
  await run(alice, send(bob, 'USD', 12_345n, 'Miete für März 🏠 "quoted" \\ \n'), 's1')
  await run(alice, send(neighbour, 'USD', 1n, ''), 's2')
  world.journal.hold()
  for (const [index, to] of [bob, carol, bob, neighbour].entries()) {
    world.ask(alice, send(to, 'USDC', BigInt(1_000 + index), 'several'), `batch-${index}`)
  }
  await world.time.settle()
  world.journal.release()
  await world.time.settle()

  // Refusals that keys remember, and a repeat that writes nothing.
  await run(carol, send(bob, 'USD', 1n, ''), 'poor')
  await run(carol, send(bob, 'USD', 1n, ''), 'poor')
  await run(alice, { kind: 'release', name: 'nothing' }, 'unknown-hold')

  // Returned: to a wallet nobody opened, and to one that is closed.
  await run(alice, send({ kind: 'wallet', id: 'w_nobody_at_all' }, 'USD', 500n, 'to nobody'), 's3')
  await run(neighbour, send(bob, 'USD', 1n, 'all of it'), 'n1')
  await run(neighbour, send(alice, 'USDC', 1_003n, 'all of it'), 'n2')
  await run(neighbour, { kind: 'close' }, 'close')
  await run(bob, send(neighbour, 'USDT', 2_000_000n, 'too late'), 'b1')

  // Holds: captured in parts, captured with the rest given back, released, expired before and after a crash.
  await run(alice, hold('parts', 'USD', 3_000n, 3_600_000), 'h1')
  await run(alice, capture('parts', 1_000n, bob, false), 'c1')
  await run(alice, capture('parts', 2_000n, bob, false), 'c2')
  await run(alice, hold('rest', 'USD', 3_000n, 3_600_000), 'h2')
  await run(alice, capture('rest', 1_250n, carol, true), 'c3')
  await run(alice, hold('given-back', 'USDC', 77n, 3_600_000), 'h3')
  await run(alice, { kind: 'release', name: 'given-back' }, 'r1')
  await run(alice, hold('expires', 'USD', 444n, 5_000), 'h4')
  await run(bob, hold('expires-after-the-crash', 'USD', 555n, 20_000), 'h1')
  await run(bob, hold('outlives-all', 'USD', 666n, 86_400_000), 'h2')
  await world.time.advance(6_000)

  // Frozen: it receives, and its holds expire; then the crash, with an envelope on its way.
  await run(bob, { kind: 'freeze', reason: 'review of "source"' }, 'f1')
  await run(alice, send(bob, 'USD', 100n, 'to the frozen'), 's4')
  world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
  await run(alice, send(carol, 'USD', 250n, 'through the crash'), 's5')
  world.transport.fate = () => 'carry'
  await world.restart()
  await world.time.advance(30_000)
  await run(bob, { kind: 'unfreeze' }, 'u1')
  await run(carol, { kind: 'freeze', reason: 'for good' }, 'f1')
  await run(bob, send(alice, 'USD', 1n, ''), 'b2')
  // The last envelope of all stays undelivered.
  world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
  await run(bob, send(carol, 'USD', 9n, 'never arrives'), 'b3')
  return world
}

export function address(world: RuntimeWorld, partition: number, name: string): ActorAddress {
  return world.address('wallet', partition, name)
}

function userOf(wallet: ActorAddress): UserId {
  return `u_${wallet.id.slice(2)}` as UserId // of the form isUserId wants
}

function deposit(asset: string, amountMinor: bigint, reference: string): WalletCommand {
  return { kind: 'deposit', asset, amountMinor, provider: 'sandbox', reference }
}

function send(to: ActorAddress, asset: string, amountMinor: bigint, memo: string): WalletCommand {
  return { kind: 'send', to: to.id as WalletId, asset, amountMinor, memo }
}

function hold(name: string, asset: string, amountMinor: bigint, afterMs: number): WalletCommand {
  return { kind: 'hold', name, asset, amountMinor, expiresAtMs: START_MS + afterMs }
}

function capture(name: string, amountMinor: bigint, to: ActorAddress, releaseRest: boolean): WalletCommand {
  return { kind: 'capture', name, amountMinor, to: to.id as WalletId, releaseRest }
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await live())
