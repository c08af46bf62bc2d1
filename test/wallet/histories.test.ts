// Random histories of many wallets and the staff that looks after them, over a whole runtime: transfers in flight, nights,
// crashes and projections between any two commands. After each step the independent checker has read all that is durable
// and agrees, and in the end it agrees with the store too.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { KINDS } from '../../actors/kinds.ts'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { planReversal } from '../../actors/wallet/reversalPlan.ts'
import type { WalletView } from '../../actors/wallet/views.ts'
import { Audit } from '../../server/audit/audit.ts'
import { auditDataSet } from '../../server/audit/dataset.ts'
import { ReplayedActors } from '../../server/audit/replayedActors.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import { actorKey, partitionOf } from '../../shared/partition.ts'
import { writeJournal, writeStore } from '../support/dataFolder.ts'
import { holdAndDo, lived } from '../support/histories.ts'
import type { SealedBatch } from '../support/logBuilder.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

const PARTITIONS = 3
const WALLETS = 5
const NIGHT_MS = 14 * 3_600_000
const STAFF = ['u_staff' as UserId, 'u_other' as UserId]

/** What a step is made of: what is done, by or to which wallets, with how much. What it comes to depends on the moment. */
interface Step {
  readonly what: (typeof WHAT)[number]
  readonly wallet: number
  readonly other: number
  readonly asset: 'USD' | 'USDC' | 'CREDIT'
  readonly size: number
  readonly staff: number
}

const WHAT = [
  ...[
    'deposit',
    'deposit',
    'send',
    'send',
    'send',
    'hold',
    'capture',
    'release',
    'withdraw',
    'withdraw',
    'step',
    'step',
  ],
  ...[
    'convert',
    'verify',
    'propose',
    'propose',
    'approve',
    'approve',
    'reject',
    'reverse',
    'reverse',
    'freeze',
    'unfreeze',
    'close',
    'repeat',
  ],
  ...['night', 'crash', 'project', 'moment'],
] as const

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...WHAT),
  wallet: fc.nat(WALLETS - 1),
  other: fc.nat(WALLETS), // one more than there are: nobody has opened that one
  asset: fc.constantFrom('USD', 'USD', 'USD', 'USDC', 'CREDIT'),
  size: fc.integer({ min: 1, max: 10_000 }),
  staff: fc.nat(STAFF.length - 1),
})

class History {
  private readonly world: RuntimeWorld
  private readonly wallets: readonly ActorAddress[]
  private readonly audit = new Audit({ partitions: PARTITIONS, watchers: [new ReplayedActors(KINDS, null)] })
  private readonly read = new Map<number, number>()
  /** Kinds of commands that were accepted. */
  readonly done = new Set<string>()
  private last: { readonly to: ActorAddress; readonly command: WalletCommand; readonly key: string } | null = null
  private keys = 0
  /** In the order they became durable in, which is their place in a file. */
  readonly batches: SealedBatch[] = []

  private constructor(world: RuntimeWorld) {
    this.world = world
    const places = Array.from({ length: WALLETS + 1 }, (_, index) => index)
    this.wallets = places.map((index) => world.address('wallet', index % PARTITIONS, `hist${index}`))
  }

  static async begin(): Promise<History> {
    const history = new History(await RuntimeWorld.serving({ partitions: PARTITIONS }))
    for (const wallet of history.wallets.slice(0, WALLETS)) await history.world.openWallet(wallet, 500_00n)
    history.agree()
    return history
  }

  async take(step: Step): Promise<void> {
    const { world } = this
    if (step.what === 'night') await world.time.advance(NIGHT_MS)
    else if (step.what === 'moment') await world.time.advance(step.size)
    else if (step.what === 'crash') await world.restart()
    else if (step.what === 'project') world.project()
    else await this.ask(step)
    this.agree()
  }

  private async ask(step: Step): Promise<void> {
    const to = await this.whoFor(step)
    if (step.what === 'repeat') {
      if (this.last === null) return
      await this.world.answer(this.last.to, this.last.command, this.last.key)
      return
    }
    const command = await this.command(step, to)
    if (command === null) return
    this.last = { to, command, key: `k${this.keys++}` }
    const answer = await this.world.answer(to, command, this.last.key)
    if (answer.kind === 'done') this.done.add(command.kind)
    expect(answer.kind === 'refused' && answer.code === 'internal', JSON.stringify(command, textual)).to.equal(false)
  }

  /** The wallet that is named, or the next one that has something open of what the step is about. */
  private async whoFor(step: Step): Promise<ActorAddress> {
    const named = this.at(step.wallet)
    for (let turn = 0; turn < WALLETS; turn++) {
      const wallet = this.at((step.wallet + turn) % WALLETS)
      const { holds, withdrawals, adjustments } = await this.view(wallet)
      const open = { capture: holds, release: holds, step: withdrawals, approve: adjustments, reject: adjustments }
      if (!(step.what in open)) return named
      if (open[step.what as keyof typeof open].length > 0) return wallet // just looked up
    }
    return named
  }

  private at(index: number): ActorAddress {
    const found = this.wallets[index]
    if (found === undefined) throw new Error(`no wallet ${index}`)
    return found
  }

  /** What the step comes to, or null where there is nothing to do it to. */
  private async command(step: Step, to: ActorAddress): Promise<WalletCommand | null> {
    const { asset, size } = step
    const amountMinor = BigInt(size) * (asset === 'USDC' ? 10_000n : 1n)
    const other = this.at(step.other).id as WalletId // an address of a wallet
    const by = STAFF[step.staff] ?? ('u_staff' as UserId)
    switch (step.what) {
      case 'deposit':
        return {
          kind: 'deposit',
          asset,
          amountMinor: amountMinor * 10n,
          provider: 'sandbox',
          reference: `r${this.keys}`,
        }
      case 'send':
        return { kind: 'send', to: other, asset, amountMinor, memo: '' }
      case 'hold':
        return {
          kind: 'hold',
          name: `h${size % 3}`,
          asset,
          amountMinor,
          expiresAtMs: this.world.time.nowMs() + size * 20_000,
        }
      case 'withdraw':
        return { kind: 'withdraw', asset, amountMinor: amountMinor * 5n, destination: 'dst_1' }
      case 'convert': {
        const into = asset === 'USD' ? (size % 2 === 0 ? 'USDC' : 'CREDIT') : 'USD'
        return { kind: 'convert', from: asset, to: into, amountMinor, quote: null }
      }
      case 'verify':
        return { kind: 'verify', level: size % 3, by }
      case 'propose': {
        const direction = size % 2 === 0 ? 'credit' : 'debit'
        const account = size % 3 === 0 ? '1002' : '5003'
        return { kind: 'propose', direction, asset, amountMinor, account, reason: 'why', by, role: 'operator' }
      }
      case 'freeze':
        return { kind: 'freeze', reason: 'why' }
      case 'unfreeze':
        return { kind: 'unfreeze' }
      case 'close':
        return { kind: 'close' }
      default:
        return this.decision(step, to, by)
    }
  }

  /** About something that is open, where anything is. */
  private async decision(step: Step, to: ActorAddress, by: UserId): Promise<WalletCommand | null> {
    const { withdrawals, adjustments, holds } = await this.view(to)
    const hold = holds[step.size % Math.max(1, holds.length)]
    if (step.what === 'release') return { kind: 'release', name: hold?.name ?? 'none' }
    if (step.what === 'capture') {
      const part = { name: hold?.name ?? 'none', amountMinor: ((hold?.leftMinor ?? 5n) + 1n) / 2n }
      return { kind: 'capture', ...part, to: this.at(step.other).id as WalletId, releaseRest: step.size % 2 === 0 }
    }
    if (step.what === 'reverse') return this.reversal(step, to.id as WalletId, by)
    if (step.what === 'step') {
      const open = withdrawals[step.size % Math.max(1, withdrawals.length)]
      const steps = ['review', 'approve', 'process', 'complete', 'reject', 'cancel', 'fail'] as const
      const taken = steps[step.size % steps.length] ?? 'review'
      return open === undefined ? null : { kind: 'withdrawal', id: open.id, step: taken, by, note: 'n' }
    }
    const waiting = adjustments[step.size % Math.max(1, adjustments.length)]
    if (waiting === undefined) return null
    const verdict = step.what === 'approve' ? 'approve' : 'reject'
    return { kind: 'adjust', id: waiting.id, verdict, note: 'n', by, role: 'operator' }
  }

  /** Of something that this wallet did, in full or in part. */
  private reversal({ size }: Step, walletId: WalletId, by: UserId): WalletCommand | null {
    const partition = partitionOf(actorKey('wallet', walletId), PARTITIONS)
    const moved = this.world
      .records(partition)
      .filter(({ actor, entries }) => actor === `wallet/${walletId}` && entries.length > 0)
    const record = moved[size % Math.max(1, moved.length)]
    if (record === undefined) return null
    const plan = planReversal({ walletId, partition, record }, size % 2 === 0 ? null : 50n)
    return typeof plan === 'string' ? null : { kind: 'reverse', plan, reason: 'why', by, role: 'operator' }
  }

  private async view(to: ActorAddress): Promise<WalletView> {
    const pending = this.world.read(to, { kind: 'balance' })
    await this.world.time.settle()
    const answer = pending.value
    if (answer.kind === 'refused') throw new Error(`${to.id} could not be read: ${answer.code}`)
    return answer.view as WalletView // the wallet's view
  }

  /** The checker reads what has become durable, and finds nothing. */
  private agree(): void {
    for (const partition of this.world.partitions) {
      const stored = this.world.journal.batches(partition)
      const from = this.read.get(partition) ?? 0
      for (const { position, bytes } of stored.slice(from)) {
        this.batches.push({ partition, position: this.batches.length + 1, bytes: Buffer.from(bytes) })
        this.audit.take(partition, position, bytes)
      }
      this.read.set(partition, stored.length)
    }
    expect(this.audit.check()).to.equal(null)
  }

  /** What was reversed is looked at once its reversals are known (M8). */
  private readAgain(): void {
    const originals = this.audit.originals()
    if (originals === null) return
    for (const partition of this.world.partitions)
      for (const { position, bytes } of this.world.journal.batches(partition))
        originals.take(partition, position, bytes)
  }

  /** Nothing is on its way any more, and the whole ledger adds up. */
  async end(): Promise<void> {
    await this.world.time.advance(1_000)
    this.agree()
    this.readAgain()
    expect(this.audit.finish().violation).to.equal(null)
    for (const asset of ['USD', 'USDC', 'CREDIT']) expect(this.world.inTransit(asset)).to.equal(0n)
    expect(this.world.alarms.filter(({ event }) => event !== 'recovered')).to.deep.equal([])
  }
}

const textual = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)

describe('random histories of wallets and staff', () => {
  it('the independent checker agrees after each step', async function () {
    this.timeout(120_000)
    // Not that everything was refused.
    const usual = ['deposit', 'send', 'hold', 'capture', 'release', 'withdraw', 'withdrawal', 'convert', 'verify']
    const kinds = [...usual, 'propose', 'adjust', 'reverse', 'freeze', 'unfreeze']
    const steps = fc.array(step, { minLength: 10, maxLength: 80, size: 'max' })
    await holdAndDo(History.begin, steps, { runs: 40, kinds })
  })

  it('and with a store that was made from them, at any pace of snapshots', async function () {
    this.timeout(120_000)
    const pace = fc.constantFrom(1, 7, 1_000)
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 40, maxLength: 120, size: 'max' }),
        pace,
        async (steps, snapshotEvery) => {
          const history = await lived(History.begin, steps)
          const folder = mkdtempSync(join(tmpdir(), 'leet-histories-'))
          try {
            const dataSet = writeJournal(folder, history.batches, PARTITIONS)
            await writeStore(folder, dataSet, history.batches, { snapshotEvery })
            expect(auditDataSet(folder, KINDS).violation).to.equal(null)
          } finally {
            rmSync(folder, { recursive: true, force: true })
          }
        },
      ),
      { numRuns: 10 },
    )
  })
})
