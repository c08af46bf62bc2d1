// One random history: who does what next, the checker that reads along, and what has to agree whenever nothing is under way.

import { expect } from 'chai'
import { KINDS } from '../../actors/kinds.ts'
import type { TicketWishes } from '../../actors/queue/ticket.ts'
import type { Answer } from '../../actors/runtime/answers.ts'
import { decodeBatch } from '../../actors/runtime/codec.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import { Audit } from '../../server/audit/audit.ts'
import { ReplayedActors } from '../../server/audit/replayedActors.ts'
import type { UserId, WalletId } from '../../shared/ids.ts'
import type { SealedBatch } from '../support/logBuilder.ts'
import { QueueCast } from '../support/queueCast.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { agreeing, partiesWhole, ratedOnce } from './queueChecks.ts'

export const USERS = 8
const PARTITIONS = 3
const START_MINOR = 4_000n
const POOLS = ['duel.bo3.1v1.eu-west.USD.0', 'duel.bo3.1v1.eu-west.USD.200', 'arena.2v2.2v2.eu-west.CREDIT.0'] as const
const STAFF = 'u_staff' as UserId // of the form that ids have

export const QUEUE_STEPS = [
  ...['enqueue', 'enqueue', 'enqueue', 'enqueue', 'enqueue', 'party', 'leave', 'yes', 'no', 'arrive', 'finish'],
  ...[
    'advance',
    'advance',
    'advance',
    'advance',
    'advance',
    'advance',
    'advance',
    'advance',
    'quit',
    'abort',
    'pardon',
  ],
  ...['moment', 'moment', 'minute', 'calm', 'crash', 'project', 'lossy'],
] as const

export interface QueueStep {
  readonly what: (typeof QUEUE_STEPS)[number]
  readonly user: number
  readonly pool: number
  readonly size: number
}

export class QueueHistory {
  /** Kinds of commands that were accepted, and of what came of them. */
  readonly done = new Set<string>()
  readonly partitions = PARTITIONS
  /** In the order they became durable in, which is their place in a file. */
  readonly batches: SealedBatch[] = []
  private readonly world: RuntimeWorld
  private readonly cast: QueueCast
  private readonly users: UserId[] = []
  private readonly audit = new Audit({ partitions: PARTITIONS, watchers: [new ReplayedActors(KINDS, null)] })
  private readonly read = new Map<number, number>()
  private readonly records: LogRecord[] = []
  /** Something may be under way. */
  private restless = false

  private constructor(world: RuntimeWorld) {
    this.world = world
    this.cast = new QueueCast(world)
  }

  static async begin(): Promise<QueueHistory> {
    const history = new QueueHistory(await RuntimeWorld.serving({ partitions: PARTITIONS }))
    const { cast, users, world } = history
    for (let user = 0; user < USERS; user++) users.push(await cast.user(`his${user}`, user % PARTITIONS, START_MINOR))
    const to = `w_${users[0]?.slice(2)}` as WalletId // the wallet of a user
    await world.answer(world.token(1).address, { kind: 'mint', to, by: STAFF, reason: 'why', barrier: null }, 'm')
    await history.agree()
    return history
  }

  async take(step: QueueStep): Promise<void> {
    const { world } = this
    if (step.what === 'moment') await world.time.advance(step.size)
    else if (step.what === 'minute') await world.time.advance(3 * step.size)
    else if (step.what === 'calm') await this.calm()
    else if (step.what === 'crash') await this.crash()
    else if (step.what === 'project') world.project()
    else if (step.what === 'lossy') this.loseSome(step.size)
    else await this.act(step, this.user(step.user))
    await this.agree()
  }

  private user(index: number): UserId {
    const user = this.users[index % USERS]
    if (user === undefined) throw new Error(`no user ${index}`)
    return user
  }

  private async calm(): Promise<void> {
    this.world.transport.fate = () => 'carry'
    await this.world.time.advance(5_000)
    this.restless = false
  }

  private async crash(): Promise<void> {
    await this.world.restart()
    this.restless = true
  }

  /** Until it is calm, some messages are lost and some come twice. */
  private loseSome(seed: number): void {
    let state = seed
    this.restless = true
    this.world.transport.fate = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state >>> 30 === 0 ? 'lose' : state >>> 30 === 1 ? 'twice' : 'carry'
    }
  }

  private async act({ what, pool, size, user: index }: QueueStep, user: UserId): Promise<void> {
    const { cast } = this
    const name = POOLS[pool] ?? POOLS[0]
    if (what === 'enqueue') return this.heard('enqueue', await cast.enqueue(user, name, wishesOf(size)))
    if (what === 'leave') return this.heard('leave', await cast.leave(user))
    if (what === 'pardon') return this.heard('pardon', await cast.player(user, { kind: 'pardon', by: STAFF }))
    if (what === 'party') return this.enqueueParty(index, size)
    const match = await this.matchFrom(index)
    if (match !== null) await this.inMatch(what, match, user, size)
  }

  /** Of this user, or of the next one who is in any. */
  private async matchFrom(index: number): Promise<string | null> {
    for (let turn = 0; turn < USERS; turn++) {
      const { engagement } = await this.cast.playerView(this.user(index + turn))
      if (engagement?.kind === 'match') return engagement.match
    }
    return null
  }

  private async inMatch(what: QueueStep['what'], match: string, user: UserId, size: number): Promise<void> {
    const { cast } = this
    const { spec, status } = await cast.matchView(match)
    const seats = (spec?.seats ?? []).flatMap((seat) => seat.user ?? [])
    const yes = async (who: UserId) =>
      this.heard((spec?.stakeMinor ?? 0n) > 0n ? 'stake' : 'accept', await cast.agree(match, who))
    const come = async (who: UserId) => this.heard('arrive', await cast.match(match, { kind: 'arrive', user: who }))
    const finish = async () => this.heard('finish', await cast.finish(match, size % Math.max(1, seats.length)))
    switch (what) {
      case 'advance':
        if (status === 'live') return finish()
        for (const each of seats) await (status === 'funding' ? yes : come)(each)
        return
      case 'yes':
        return yes(user)
      case 'arrive':
        return come(user)
      case 'no':
      case 'quit':
        return this.heard('decline', await cast.match(match, { kind: what === 'no' ? 'decline' : 'leave', user }))
      case 'finish':
        return finish()
      default:
        return this.heard('abort', await cast.match(match, { kind: 'abort', reason: 'why' }))
    }
  }

  /** Two of a party, in either order; at times the other one does not come, or somebody comes whom nobody has named. */
  private async enqueueParty(index: number, size: number): Promise<void> {
    const [leader, friend, stranger] = [index, index + 1 + (size % 3), index + 4].map((each) => this.user(each))
    if (leader === undefined || friend === undefined || stranger === undefined) throw new Error('three of them')
    const leading = { id: leader, size: 2, members: [friend] }
    const joining = { id: leader, size: 1, members: [] }
    const joins = [
      { user: leader, party: leading },
      ...(size % 5 === 0 ? [] : [{ user: friend, party: joining }]),
      ...(size % 7 === 0 ? [{ user: stranger, party: joining }] : []),
    ]
    for (const { user, party } of size % 2 === 0 ? joins : joins.toReversed())
      this.heard('enqueue', await this.cast.enqueue(user, POOLS[2], { party }))
  }

  private heard(kind: string, answer: Answer): void {
    if (answer.kind === 'done') this.done.add(kind)
    expect(answer.kind === 'refused' && answer.code === 'internal', kind).to.equal(false)
  }

  /** The checker reads what has become durable, and finds nothing; and so do those who are asked, where all is quiet. */
  private async agree(): Promise<void> {
    for (const partition of this.world.partitions) {
      const stored = this.world.journal.batches(partition)
      for (const { position, bytes } of stored.slice(this.read.get(partition) ?? 0)) {
        this.batches.push({ partition, position: this.batches.length + 1, bytes: Buffer.from(bytes) })
        this.records.push(...decodeBatch(bytes).records)
        this.audit.take(partition, position, bytes)
      }
      this.read.set(partition, stored.length)
    }
    expect(this.audit.check()).to.equal(null)
    if (!this.restless) await agreeing(this.cast, this.users, POOLS)
  }

  /** Time passes until everything has run out, and everybody is free. */
  async end(): Promise<void> {
    await this.calm()
    await this.world.time.advance(4 * 60 * 60_000)
    await this.agree()
    for (const record of this.records)
      for (const [tag] of record.events as unknown as string[][]) this.done.add(String(tag))
    for (const user of this.users) expect((await this.cast.playerView(user)).engagement, user).to.equal(null)
    for (const pool of POOLS)
      expect(await this.cast.queueView(pool), pool).to.deep.include({ waiting: 0, proposed: 0, oldestMs: null })
    partiesWhole(this.records)
    ratedOnce(this.records)
    expect(this.audit.finish().violation).to.equal(null)
    let wallets = 0n
    for (const { account, asset, minor } of this.audit.ownedBalances()) {
      if (account.startsWith('2002:')) expect(minor, account).to.equal(0n)
      if (account.startsWith('2001:') && asset === 'USD') wallets += minor
    }
    // What came in, and what the platform took or gave.
    const owed = this.audit.balanceOf('1002', 'USD') + this.audit.balanceOf('5004', 'USD')
    expect(wallets + this.audit.balanceOf('4001', 'USD')).to.equal(owed)
    expect(this.world.inTransit()).to.equal(0n)
    expect(this.world.alarms.filter(({ event }) => event !== 'recovered')).to.deep.equal([])
  }
}

function wishesOf(size: number): Partial<TicketWishes> {
  return { fillBots: size % 3 === 0, maps: size % 4 === 0 ? ['pit'] : [], role: size % 2 === 0 ? 'medic' : '' }
}
