// Makes the golden journal `wallet-2`, once: `node test/golden/generateOutward.ts`. What wallets wrote from the version on
// in which money went out of them and into other assets; deposits with what they count towards the day's limit.

import type { ActorAddress, Answer } from '../../actors/runtime/answers.ts'
import type { Quote, WalletCommand, WithdrawalStep } from '../../actors/wallet/commands.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { START_MS } from '../support/walletBench.ts'
import { writeGolden } from './write.ts'

const JOURNAL = 'wallet-2'
const PARTITIONS = 2
const STAFF = 'u_staff' as UserId // of the form that ids have
const OTHER = 'u_other' as UserId // likewise
const DAY_MS = 86_400_000

type Step = WithdrawalStep | 'approve adjustment' | 'reject adjustment'

/** Two starts and ten days; withdrawals in every state, and in every way of ending; adjustments likewise. */
export async function liveOutward(): Promise<RuntimeWorld> {
  const world = await RuntimeWorld.serving({ partitions: PARTITIONS })
  const [alice, bob] = [world.address('wallet', 0, 'alice'), world.address('wallet', 1, 'bob')]
  const run = (to: ActorAddress, command: WalletCommand, key = '') => world.answer(to, command, key)
  for (const wallet of [alice, bob]) await run(wallet, { kind: 'open', userId: `u_${wallet.id.slice(2)}` as UserId })
  await run(alice, deposit('USD', 500_000n), 'd1')
  await run(alice, deposit('USDC', 900_000_000n), 'd2')
  await run(bob, deposit('USDT', 50_000_000n), 'd1')

  await run(alice, convert('USD', 'CREDIT', 1_250n, null), 'c1')
  await run(alice, convert('USDC', 'USD', 1_009_999n, null), 'c2')
  await run(alice, convert('USD', 'USDT', 700n, quote('q1', 99_995n, 100_000n)), 'c3')
  await run(alice, convert('USD', 'USDT', 700n, quote('q1', 99_995n, 100_000n)), 'used')

  await run(alice, withdraw('USD', 20_000n), 'too much for level 0')
  await run(alice, { kind: 'verify', level: 1, by: STAFF }, 'v1')
  await run(alice, { kind: 'verify', level: 2, by: STAFF }, 'v2')
  const take = async (ask: Promise<Answer>, ...steps: readonly Step[]): Promise<void> => {
    const answer = await ask
    if (answer.kind === 'refused' || answer.recordId === null) throw new Error('no withdrawal')
    for (const step of steps) await run(alice, stepOf(answer.recordId, step), `${answer.recordId} ${step}`)
  }
  await take(run(alice, withdraw('USD', 20_000n), 'w1'), 'review', 'approve', 'process', 'complete')
  await take(run(alice, withdraw('USDC', 20_000_000n), 'w2'), 'approve', 'process', 'fail')
  await take(run(alice, withdraw('USD', 20_000n), 'w3'), 'review', 'reject')
  await run(alice, withdraw('USD', 20_000n), 'the fourth')
  await world.time.advance(DAY_MS)
  await take(run(alice, withdraw('USD', 1_000n), 'w4'), 'cancel')
  await take(run(alice, withdraw('USD', 1_100n), 'w5'), 'review')
  await take(run(alice, withdraw('USD', 1_200n), 'w6'), 'approve')
  const debit = { direction: 'debit', asset: 'USDT', amountMinor: 9_000_000n, account: '3001' } as const
  await take(run(alice, propose({}), 'p1'), 'approve adjustment')
  await take(run(alice, propose(debit), 'p2'), 'approve adjustment')
  await take(run(alice, propose({ asset: 'CREDIT' }), 'p3'), 'reject adjustment')
  await run(alice, propose({ reason: 'nobody looks' }), 'p4')
  await world.restart()
  await world.time.advance(8 * DAY_MS)
  await run(alice, propose({ reason: 'still open' }), 'p5')
  await take(run(alice, withdraw('USDC', 10_000_001n), 'w7'), 'approve', 'process')
  await take(run(alice, withdraw('USD', 1_300n), 'w8'))
  await run(bob, withdraw('USDT', 10_000_000n), 'w1')
  await run(alice, convert('USD', 'CREDIT', 1n, quote('q2', 100n, 1n, 30 * DAY_MS)), 'c4')
  return world
}

function deposit(asset: string, amountMinor: bigint): WalletCommand {
  return { kind: 'deposit', asset, amountMinor, provider: 'sandbox', reference: 'golden' }
}

function withdraw(asset: string, amountMinor: bigint): WalletCommand {
  return { kind: 'withdraw', asset, amountMinor, destination: 'dst_golden' }
}

function convert(from: string, to: string, amountMinor: bigint, at: Quote | null): WalletCommand {
  return { kind: 'convert', from, to, amountMinor, quote: at }
}

function quote(id: string, numerator: bigint, denominator: bigint, afterMs = 30_000): Quote {
  return { id, rate: { numerator, denominator }, expiresAtMs: START_MS + afterMs }
}

function propose(more: Partial<Extract<WalletCommand, { kind: 'propose' }>>): WalletCommand {
  return {
    ...{ kind: 'propose', direction: 'credit', asset: 'USD', amountMinor: 250_000n, account: '5003' },
    ...{ reason: 'golden', by: STAFF, role: 'admin' },
    ...more,
  }
}

function stepOf(id: RecordId, step: Step): WalletCommand {
  if (step === 'approve adjustment' || step === 'reject adjustment') {
    const verdict = step === 'approve adjustment' ? 'approve' : 'reject'
    return { kind: 'adjust', id, verdict, note: 'golden', by: OTHER, role: 'admin' }
  }
  return { kind: 'withdrawal', id, step, by: STAFF, note: `golden "${step}"` }
}

if (process.argv[1] === import.meta.filename) writeGolden(JOURNAL, await liveOutward())
