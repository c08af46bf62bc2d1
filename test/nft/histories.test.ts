// Random histories of tokens, wallets and staff over a whole runtime, with crashes, projections and lost messages in
// between. After each step the independent checker has read all that is durable: of each token there is one, with one
// owner or on its way to one, or there is none.

import { expect } from 'chai'
import fc from 'fast-check'
import { KINDS } from '../../actors/kinds.ts'
import type { NftCommand } from '../../actors/nft/commands.ts'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { Audit } from '../../server/audit/audit.ts'
import { ReplayedActors } from '../../server/audit/replayedActors.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import { holdAndDo } from '../support/histories.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

const PARTITIONS = 3
const WALLETS = 4
const TOKENS = 3
const BY = 'u_admin' as UserId

const WHAT = [
  ...['mint', 'mint', 'deliver', 'deliver', 'burn', 'send', 'send', 'send', 'hold', 'hold', 'release', 'capture'],
  ...['close', 'freeze', 'unfreeze', 'crash', 'project', 'moment', 'lossy'],
] as const

interface Step {
  readonly what: (typeof WHAT)[number]
  readonly token: number
  readonly wallet: number
  /** One more than there are: nobody has opened that one. */
  readonly other: number
  readonly size: number
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...WHAT),
  token: fc.nat(TOKENS - 1),
  wallet: fc.nat(WALLETS - 1),
  other: fc.nat(WALLETS),
  size: fc.integer({ min: 1, max: 3_000 }),
})

class History {
  readonly done = new Set<string>()
  private readonly world: RuntimeWorld
  private readonly wallets: readonly ActorAddress[]
  private readonly tokens: readonly ReturnType<RuntimeWorld['token']>[]
  private readonly audit = new Audit({ partitions: PARTITIONS, watchers: [new ReplayedActors(KINDS, null)] })
  private readonly read = new Map<number, number>()
  private keys = 0

  private constructor(world: RuntimeWorld) {
    this.world = world
    const places = Array.from({ length: WALLETS + 1 }, (_, index) => index)
    this.wallets = places.map((index) => world.address('wallet', index % PARTITIONS, `own${index}`))
    this.tokens = Array.from({ length: TOKENS }, (_, index) => world.token(index % PARTITIONS, 1 + index * 100))
  }

  static async begin(): Promise<History> {
    const history = new History(await RuntimeWorld.serving({ partitions: PARTITIONS }))
    for (const wallet of history.wallets.slice(0, WALLETS)) await history.world.openWallet(wallet)
    return history
  }

  async take(step: Step): Promise<void> {
    const { world } = this
    if (step.what === 'crash') await world.restart()
    else if (step.what === 'project') world.project()
    else if (step.what === 'moment') await world.time.advance(step.size)
    else if (step.what === 'lossy') this.loseSome(step.size)
    else await this.ask(step)
    this.agree()
  }

  /** Until the next moment that passes, some messages are lost and some come twice. */
  private loseSome(seed: number): void {
    let state = seed
    this.world.transport.fate = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state >>> 30 === 0 ? 'lose' : state >>> 30 === 1 ? 'twice' : 'carry'
    }
  }

  private async ask(step: Step): Promise<void> {
    const token = this.tokens[step.token]
    // Mostly of who has the token, for little comes of the rest.
    const wallet = (step.size % 4 === 0 ? undefined : this.ownerOf(token?.asset)) ?? this.wallets[step.wallet]
    if (wallet === undefined || token === undefined) throw new Error('no such wallet or token')
    const [to, command] = this.order(step, wallet, token)
    const answer = await this.world.answer(to, command, `k${this.keys++}`)
    if (answer.kind === 'done') this.done.add(command.kind)
    expect(answer.kind === 'refused' && answer.code === 'internal', step.what).to.equal(false)
  }

  private ownerOf(asset: string | undefined): ActorAddress | undefined {
    const [owned] = [...this.audit.ownedBalances()].filter((row) => row.asset === asset && row.minor === 1n)
    return this.wallets.find(({ id }) => owned?.account.endsWith(`:${id}`))
  }

  private order(
    { what, token, other, size }: Step,
    wallet: ActorAddress,
    { address, asset }: ReturnType<RuntimeWorld['token']>,
  ): readonly [ActorAddress, NftCommand | WalletCommand] {
    const to = (this.wallets[other]?.id ?? '') as WalletId // an address of a wallet
    const [name, amountMinor] = [`h${token}`, 1n]
    switch (what) {
      case 'mint':
      case 'deliver':
        return [address, { kind: what, to, by: BY, reason: 'why', barrier: null }]
      case 'burn':
        return [address, { kind: 'burn', by: BY, reason: 'why' }]
      case 'send':
        return [wallet, { kind: 'send', to, asset, amountMinor, memo: '' }]
      case 'hold':
        return [wallet, { kind: 'hold', name, asset, amountMinor, expiresAtMs: this.world.time.nowMs() + size }]
      case 'release':
        return [wallet, { kind: 'release', name }]
      case 'capture':
        return [wallet, { kind: 'capture', name, amountMinor, to, releaseRest: true }]
      case 'close':
        return [wallet, { kind: 'close' }]
      case 'freeze':
        return [wallet, { kind: 'freeze', reason: 'why' }]
      default:
        return [wallet, { kind: 'unfreeze' }]
    }
  }

  private agree(): void {
    for (const partition of this.world.partitions) {
      const stored = this.world.journal.batches(partition)
      for (const { position, bytes } of stored.slice(this.read.get(partition) ?? 0))
        this.audit.take(partition, position, bytes)
      this.read.set(partition, stored.length)
    }
    expect(this.audit.check()).to.equal(null)
    for (const { asset } of this.tokens) this.countOne(asset)
  }

  /** By the entries alone, apart from the checker's own count. */
  private countOne(asset: string): void {
    let owners = 0n
    for (const row of this.audit.ownedBalances()) if (row.asset === asset) owners += row.minor
    const underWay = this.audit.balanceOf('2006', asset)
    const custody = this.audit.balanceOf('1003:137', asset)
    expect(owners + underWay, asset).to.equal(custody)
    expect(
      [owners, underWay, custody].every((count) => count === 0n || count === 1n),
      asset,
    ).to.equal(true)
  }

  async end(): Promise<void> {
    this.world.transport.fate = () => 'carry'
    await this.world.time.advance(5_000)
    this.agree()
    expect(this.audit.finish().violation).to.equal(null)
    for (const { asset } of this.tokens) expect(this.world.inTransit(asset)).to.equal(0n)
    expect(this.world.alarms).to.deep.equal([])
  }
}

describe('NFT: random histories', () => {
  it('there is one of each with one owner, or none, after each step', async function () {
    this.timeout(120_000)
    // Not that everything was refused.
    const kinds = ['mint', 'deliver', 'burn', 'send', 'hold', 'release', 'capture']
    const steps = fc.array(step, { minLength: 10, maxLength: 90, size: 'max' })
    await holdAndDo(History.begin, steps, { runs: 40, kinds })
  })
})
