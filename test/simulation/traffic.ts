// What clients do, and staff with tokens: some twenty wallets, a few of them busy, that open, deposit, send, hold, capture, release, freeze and
// close; that repeat earlier keys, with the same body and with another; and that look at their balance.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { NftCommand } from '../../actors/nft/commands.ts'
import type { WalletCommand, WithdrawalStatus, WithdrawalStep } from '../../actors/wallet/commands.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import type { History, Intent } from './history.ts'
import type { Prng } from './prng.ts'
import { isMatchActor, isNftActor, POISON, type SimCommand } from './simKinds.ts'
import { MatchTraffic, refundAll } from './trafficMatches.ts'
import { adjustment, NOBODYS, STAFF, type StaffSight } from './trafficStaff.ts'

const WALLETS = Array.from({ length: 20 }, (_, index) => `w_sim${String(index).padStart(2, '0')}` as WalletId)
/** Wallets that nobody opens. */
const STRANGERS = ['w_stranger', 'w_nobody'] as WalletId[]
/** Wallets that hold money and otherwise hear of nobody for long. */
const SLEEPERS = WALLETS.slice(15)
const NO_WITHDRAWAL = { id: NOBODYS, status: 'requested' } as const
const NEXT_STEP: Readonly<Partial<Record<WithdrawalStatus, WithdrawalStep>>> = {
  requested: 'approve',
  approved: 'process',
  processing: 'complete',
}
const OTHER_BODY: NftCommand = { kind: 'burn', by: STAFF, reason: 'another body' }
const OTHER_WORD: MatchCommand = { kind: 'abort', reason: 'another body' }
const HOLDS = ['h1', 'h2', 'h3']
/** Ids of tokens' actors. */
const TOKENS = Array.from({ length: 6 }, (_, tokenId) => `137:0x${'ab'.repeat(20)}:${tokenId}`)
const ASSETS = ['USD', 'USD', 'USDC', 'USDT']

type CommandOf<Kind extends WalletCommand['kind']> = Extract<WalletCommand, { kind: Kind }>

export type ClientAct =
  | { readonly kind: 'ask'; readonly intent: Intent }
  | { readonly kind: 'read'; readonly wallet: WalletId }

export interface TrafficMix {
  /** Share of the traffic that the first three wallets get. */
  readonly hot: number
  readonly repeats: number
  readonly poison: number
  readonly lifecycle: number
  readonly holds: number
  /** How close to a hold's end somebody races its timer. */
  readonly raceMs: number
}

export function drawMix(prng: Prng): TrafficMix {
  return {
    hot: prng.pick([0, 0.3, 0.8]),
    repeats: prng.pick([0.05, 0.2, 0.5]),
    poison: prng.chance(0.5) ? 0.02 : 0,
    lifecycle: prng.pick([0.2, 1, 3]),
    holds: prng.pick([1, 1, 6]),
    raceMs: prng.pick([2, 20, 150]),
  }
}

export class Traffic {
  private readonly prng: Prng
  private readonly mix: TrafficMix
  private readonly history: History
  private readonly intents: Intent[] = []
  /** Holds that a client may still race for. */
  private readonly due: { readonly wallet: WalletId; readonly name: string; readonly expiresAtMs: number }[] = []
  private readonly sight: StaffSight
  private readonly matches: MatchTraffic
  private keys = 0

  constructor(prng: Prng, mix: TrafficMix, history: History, sight: StaffSight) {
    this.prng = prng
    this.mix = mix
    this.history = history
    this.sight = sight
    this.matches = new MatchTraffic(prng.split('matches'), (actor) => sight.matchView(actor))
  }

  /** `nowMs` dates the holds. */
  next(nowMs: number): ClientAct {
    const { prng, mix } = this
    if (prng.chance(0.1)) return { kind: 'read', wallet: this.wallet() }
    if (this.keys < WALLETS.length) return this.ask(WALLETS[this.keys] ?? this.wallet(), (id) => open(id))
    if (this.keys < WALLETS.length * 3) return this.ask(this.wallet(), () => this.deposit())
    if (prng.chance(0.05 * mix.holds)) return this.sleeper(nowMs)
    const race = this.race(nowMs)
    if (race !== null) return race
    const staked = prng.chance(0.14) ? this.match() : null
    if (staked !== null) return staked
    if (prng.chance(0.06)) return this.token()
    if (prng.chance(0.12)) return this.desk()
    if (prng.chance(mix.repeats)) return { kind: 'ask', intent: this.again() }
    return this.ask(this.wallet(), (id) => this.command(id, nowMs))
  }

  /** Money for this wallet; of a token, a command of staff. */
  pay(actor: string): Intent {
    const intent = this.history.intend(actor, `key-${this.keys++}`, this.otherBody(actor))
    this.intents.push(intent)
    return intent
  }

  private otherBody(actor: string): SimCommand {
    if (isMatchActor(actor)) return OTHER_WORD
    return isNftActor(actor) ? OTHER_BODY : this.deposit()
  }

  /** Staff's, of every adjustment that is open. */
  rejections(actors: readonly string[]): readonly Intent[] {
    const made = actors.flatMap((actor) =>
      this.sight.openAdjustments(actor).map(({ id }) => {
        const reject = { kind: 'adjust', id, verdict: 'reject', note: '', by: STAFF, role: 'operator' } as const
        return this.history.intend(actor, `key-${this.keys++}`, reject)
      }),
    )
    this.intents.push(...made)
    return made
  }

  /** Staff's, of every match that has not come to its end. */
  endings(actors: readonly string[]): readonly Intent[] {
    const made = actors.flatMap((actor) => {
      const command = refundAll(this.sight.matchView(actor))
      return command === null ? [] : [this.history.intend(actor, `key-${this.keys++}`, command)]
    })
    this.intents.push(...made)
    return made
  }

  /** What still has no answer that stands, to be asked again. */
  unsettled(): readonly Intent[] {
    return this.intents.filter((intent) => !intent.settled)
  }

  private ask(wallet: WalletId, make: (wallet: WalletId) => WalletCommand): ClientAct {
    const intent = this.history.intend(`wallet/${wallet}`, `key-${this.keys++}`, make(wallet))
    this.intents.push(intent)
    return { kind: 'ask', intent }
  }

  private match(): ClientAct | null {
    const order = this.matches.next()
    if (order === null) return null
    const intent = this.history.intend(order.actor, order.key ?? `key-${this.keys++}`, order.command)
    this.intents.push(intent)
    return { kind: 'ask', intent }
  }

  /** What staff does with a token, at times with one that somebody has. */
  private token(): ClientAct {
    const { prng } = this
    const to = prng.chance(0.3) ? prng.pick(STRANGERS) : this.wallet()
    const kind = prng.pick(['mint', 'mint', 'deliver', 'burn'] as const)
    const command: NftCommand =
      kind === 'burn' ? { kind, by: STAFF, reason: 'sim' } : { kind, to, by: STAFF, reason: 'sim', barrier: null }
    const intent = this.history.intend(`nft/${prng.pick(TOKENS)}`, `key-${this.keys++}`, command)
    this.intents.push(intent)
    return { kind: 'ask', intent }
  }

  /** Staff looks for what waits, and else for what might be reversed. */
  private desk(): ClientAct {
    const { prng, sight } = this
    const paying = WALLETS.filter((wallet) => sight.openWithdrawals(`wallet/${wallet}`).length > 0)
    if (paying.length > 0 && prng.chance(0.4)) return this.ask(prng.pick(paying), (self) => this.withdrawalStep(self))
    const waiting = WALLETS.filter((wallet) => sight.openAdjustments(`wallet/${wallet}`).length > 0)
    const wallet = waiting.length > 0 && prng.chance(0.7) ? prng.pick(waiting) : this.wallet()
    return this.ask(wallet, (self) => adjustment(prng, sight, `wallet/${self}`))
  }

  /** One unit of a token that the wallet has, where it has any. */
  private tokenOf(self: WalletId): { readonly asset: string; readonly amountMinor: bigint } | null {
    const has = this.sight.assetsOf(`wallet/${self}`).filter(({ asset }) => asset.startsWith('NFT:'))
    return has.length === 0 ? null : { asset: this.prng.pick(has).asset, amountMinor: 1n }
  }

  /** A wallet that does little else is likely to be asleep when its timer is due. */
  private sleeper(nowMs: number): ClientAct {
    const wallet = this.prng.pick(SLEEPERS)
    return this.ask(wallet, (self) =>
      this.prng.chance(0.3) ? this.deposit() : this.hold(self, nowMs, [300, 1_000, 2_000]),
    )
  }

  /** A release or capture of a hold in the moment in which its timer is due, or late after a leap (A7). */
  private race(nowMs: number): ClientAct | null {
    const index = this.due.findIndex(({ expiresAtMs }) => expiresAtMs <= nowMs + this.mix.raceMs)
    const hold = this.due[index]
    if (hold === undefined || this.prng.chance(0.3)) return null
    this.due.splice(index, 1)
    const { name, wallet } = hold
    return this.ask(wallet, (self) =>
      this.prng.chance(0.6) ? { kind: 'release', name } : { ...this.capture(self), name },
    )
  }

  // Mostly recent keys, since old ones cost nothing new; now and then any.
  private again(): Intent {
    const { prng } = this
    const from = prng.chance(0.6) ? Math.max(0, this.intents.length - 30) : 0
    const earlier = this.intents[prng.between(from, this.intents.length - 1)]
    if (earlier === undefined) throw new Error('nothing to repeat')
    const { actor, key, command } = earlier
    if (prng.chance(0.9)) return this.history.intend(actor, key, command)
    const isWallet = !isNftActor(actor) && !isMatchActor(actor)
    const body = isWallet ? deposit('USD', BigInt(prng.between(500, 900))) : this.otherBody(actor)
    const other = this.history.intend(actor, key, body)
    this.intents.push(other)
    return other
  }

  private wallet(): WalletId {
    const { prng } = this
    if (prng.chance(this.mix.hot)) return prng.pick(WALLETS.slice(0, 3))
    return prng.pick(prng.chance(0.98) ? WALLETS.filter((wallet) => !SLEEPERS.includes(wallet)) : WALLETS)
  }

  private command(self: WalletId, nowMs: number): WalletCommand {
    const { prng, mix } = this
    return prng.weighted<() => WalletCommand>([
      { weight: 14, value: () => this.deposit() },
      { weight: 40, value: () => this.send(self) },
      { weight: 10 * mix.holds, value: () => this.hold(self, nowMs) },
      { weight: 6, value: () => this.capture(self) },
      { weight: 4, value: () => ({ kind: 'release', name: this.holdName() }) },
      {
        weight: 2 * mix.lifecycle,
        value: () => ({ kind: 'freeze', reason: prng.chance(mix.poison * 10) ? POISON : 'risk' }),
      },
      { weight: 4 * mix.lifecycle, value: () => ({ kind: 'unfreeze' }) },
      { weight: 0.5 * mix.lifecycle, value: () => ({ kind: 'close' }) },
      { weight: 1, value: () => open(self) },
      { weight: 9, value: () => this.withdraw() },
      { weight: 14, value: () => this.withdrawalStep(self) },
      { weight: 6, value: () => this.convert(nowMs) },
      { weight: 9, value: () => adjustment(prng, this.sight, `wallet/${self}`) },
      { weight: 1, value: () => ({ kind: 'verify', level: prng.between(0, 2), by: STAFF }) },
    ])()
  }

  // Too small or too large at times; USD has two decimals, the others six.
  private deposit(): WalletCommand {
    const { prng } = this
    const asset = prng.pick(ASSETS)
    const unit = asset === 'USD' ? 100 : 1_000_000
    const whole = prng.chance(0.1) ? prng.pick([1, 20_000]) : prng.between(5, 60)
    return deposit(asset, BigInt(whole * unit))
  }

  private send(self: WalletId): WalletCommand {
    const { prng, mix } = this
    const to = prng.chance(0.03) ? self : prng.chance(0.1) ? prng.pick(STRANGERS) : this.wallet()
    const memo = prng.chance(mix.poison) ? POISON : prng.pick(['', 'gg'])
    const token = prng.chance(0.3) ? this.tokenOf(self) : null
    return { kind: 'send', to, asset: prng.pick(ASSETS), amountMinor: this.amountMinor(), ...token, memo }
  }

  private hold(
    wallet: WalletId,
    nowMs: number,
    lastsMs = [-5, 20, 200, 200, 2_000, 60_000, 40 * 24 * 3_600_000],
  ): WalletCommand {
    const { prng } = this
    const expiresAtMs = nowMs + prng.pick(lastsMs)
    const name = this.holdName()
    if (expiresAtMs > nowMs) this.due.push({ wallet, name, expiresAtMs })
    const token = prng.chance(0.2) ? this.tokenOf(wallet) : null
    return { kind: 'hold', name, asset: prng.pick(ASSETS), amountMinor: this.amountMinor(), ...token, expiresAtMs }
  }

  private amountMinor(): bigint {
    return BigInt(this.prng.chance(0.1) ? this.prng.between(1_000, 90_000_000) : this.prng.between(1, 900))
  }

  private capture(self: WalletId): CommandOf<'capture'> {
    const { prng } = this
    const to = prng.chance(0.05) ? self : this.wallet()
    const amountMinor = BigInt(prng.chance(0.2) ? 1 : prng.between(1, 500))
    return { kind: 'capture', name: this.holdName(), amountMinor, to, releaseRest: prng.chance(0.5) }
  }

  // Small enough for level 0 at times, and never so much that all of it would reach 1,000.
  private withdraw(): WalletCommand {
    const { prng } = this
    const asset = prng.pick(ASSETS)
    const unit = asset === 'USD' ? 100 : 1_000_000
    const whole = prng.chance(0.1) ? prng.pick([9, 5_001]) : prng.between(10, 60)
    return { kind: 'withdraw', asset, amountMinor: BigInt(whole * unit), destination: 'dst_sim' }
  }

  private withdrawalStep(self: WalletId): WalletCommand {
    const { prng } = this
    const open = this.sight.openWithdrawals(`wallet/${self}`)
    const { id, status } = open.length === 0 ? NO_WITHDRAWAL : prng.pick(open)
    const next = NEXT_STEP[status]
    if (next !== undefined && prng.chance(0.5)) return { kind: 'withdrawal', id, step: next, by: STAFF, note: '' }
    const step = prng.pick<WithdrawalStep>([
      'review',
      'approve',
      'approve',
      'process',
      'process',
      'complete',
      'fail',
      'reject',
      'cancel',
    ])
    return { kind: 'withdrawal', id, step, by: STAFF, note: '' }
  }

  private convert(nowMs: number): WalletCommand {
    const { prng } = this
    const [from, to] = [prng.pick(ASSETS), prng.pick([...ASSETS, 'CREDIT'])]
    // Few ids, so that some are used again; the rate is far from par, so that it shows.
    const rate = { numerator: BigInt(prng.between(1, 3)), denominator: 7n }
    const expiresAtMs = nowMs + prng.pick([-5, 20, 2_000, 30_000])
    const quote = prng.chance(0.5) ? { id: `q${prng.between(1, 6)}`, rate, expiresAtMs } : null
    return { kind: 'convert', from, to, amountMinor: this.amountMinor(), quote }
  }

  private holdName(): string {
    return this.prng.chance(this.mix.poison * 3) ? POISON : this.prng.pick(HOLDS)
  }
}

function open(wallet: WalletId): WalletCommand {
  return { kind: 'open', userId: `u_${wallet.slice(2)}` as UserId }
}

function deposit(asset: string, amountMinor: bigint): WalletCommand {
  return { kind: 'deposit', asset, amountMinor, provider: 'sandbox', reference: 'sim' }
}
