// Makes the golden journal `wallet-3`, once: `node test/golden/generateReversed.ts`. What wallets wrote from the version on
// in which records are reversed, and what is owed for it is paid.

import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { planReversal } from '../../actors/wallet/reversalPlan.ts'
import { parseRecordId, type RecordId, type UserId, type WalletId } from '../../shared/ids.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'wallet-3'
const PARTITIONS = 2
const STAFF = 'u_staff' as UserId // of the form that ids have
const OTHER = 'u_other' as UserId // likewise
const DAY_MS = 86_400_000

/** Two starts; every kind of reversal, in full and in part, with the money there and gone, rejected, lapsed and open. */
export async function liveReversed(): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.serving({ partitions: PARTITIONS })
  const [alice, bob] = [world.address('wallet', 0, 'alice'), world.address('wallet', 1, 'bob')]
  let keys = 0
  const run = async (to: ActorAddress, command: WalletCommand): Promise<RecordId> => {
    const answer = await world.answer(to, command, `k${++keys}`)
    if (answer.kind === 'refused' || answer.recordId === null) throw new Error(`${command.kind} was refused`)
    return answer.recordId
  }
  const propose = (wallet: ActorAddress, record: RecordId, part: bigint | null = null): Promise<RecordId> =>
    run(wallet, reversal(world, wallet, record, part))
  const verdict = (wallet: ActorAddress, id: RecordId, what: 'approve' | 'reject' = 'approve') =>
    run(wallet, { kind: 'adjust', id, verdict: what, note: 'golden', by: OTHER, role: 'admin' })
  const reverse = async (wallet: ActorAddress, record: RecordId, part: bigint | null = null) =>
    verdict(wallet, await propose(wallet, record, part))

  for (const wallet of [alice, bob]) await run(wallet, { kind: 'open', userId: `u_${wallet.id.slice(2)}` as UserId })
  const deposit = await run(alice, deposited('USD', 50_000n))
  await run(alice, deposited('USDC', 90_000_000n))
  const sent = { kind: 'send', to: bob.id as WalletId, asset: 'USD', amountMinor: 7_000n, memo: 'mistake' } as const
  await run(alice, sent)
  const received = world.records(1).findLast(({ operation }) => operation === 'transfer')
  const receipt = `1-${received?.seq ?? 0}` as RecordId // of the form recordId() gives
  await run(bob, { kind: 'convert', from: 'USD', to: 'USDC', amountMinor: 6_000n, quote: null })
  await reverse(bob, receipt, 6_999n)
  await run(bob, deposited('USD', 500n))
  await run(bob, { kind: 'convert', from: 'USDC', to: 'USD', amountMinor: 56_000_000n, quote: null })

  const asked = await run(alice, { kind: 'withdraw', asset: 'USD', amountMinor: 2_000n, destination: 'dst_golden' })
  let paid = asked
  for (const step of ['approve', 'process', 'complete'] as const)
    paid = await run(alice, { kind: 'withdrawal', id: asked, step, by: STAFF, note: 'golden' })
  await reverse(alice, paid)
  const bought = await run(alice, { kind: 'convert', from: 'USD', to: 'CREDIT', amountMinor: 1_000n, quote: null })
  await reverse(alice, bought, 333n)
  const taken = { direction: 'debit', asset: 'USDT', amountMinor: 4_000n, account: '3001' } as const
  const proposed = await run(alice, { kind: 'propose', ...taken, reason: 'golden', by: STAFF, role: 'admin' })
  await reverse(alice, await verdict(alice, proposed), 1_500n)
  await verdict(alice, await propose(alice, deposit, 1n), 'reject')
  await propose(alice, deposit, 2n)
  await world.restart()
  await world.time.advance(8 * DAY_MS)
  await run(alice, { kind: 'freeze', reason: 'charged back' })
  await reverse(alice, deposit)
  const late = await run(bob, deposited('USDT', 9_000_000n))
  await propose(bob, late)
  return world
}

function reversal(world: RuntimeWorld, wallet: ActorAddress, id: RecordId, part: bigint | null): WalletCommand {
  const { partition, seq } = parseRecordId(id) ?? { partition: 0, seq: 0 }
  const record = world.records(partition).find((each) => each.seq === seq)
  if (record === undefined) throw new Error(`no record ${id}`)
  const plan = planReversal({ walletId: wallet.id, partition, record }, part)
  if (typeof plan === 'string') throw new Error(`${id}: ${plan}`)
  return { kind: 'reverse', plan, reason: 'golden "reason"', by: STAFF, role: 'admin' }
}

function deposited(asset: string, amountMinor: bigint): WalletCommand {
  return { kind: 'deposit', asset, amountMinor, provider: 'sandbox', reference: 'golden' }
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await liveReversed())
