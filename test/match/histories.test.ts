// Random histories of matches, the wallets that stake in them, and staff, over a whole runtime with players and all: late and
// wrong stakes, leaves, results, disputes and rulings, with nights, crashes, projections and lost messages in between. After
// each step the independent checker has read all that is durable; in the end nothing is on its way and no escrow is left.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { KINDS } from '../../actors/kinds.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { Audit } from '../../server/audit/audit.ts'
import { auditDataSet } from '../../server/audit/dataset.ts'
import { ReplayedActors } from '../../server/audit/replayedActors.ts'
import type { UserId } from '../../shared/ids.ts'
import { writeJournal, writeStore } from '../support/dataFolder.ts'
import { holdAndDo, lived } from '../support/histories.ts'
import type { SealedBatch } from '../support/logBuilder.ts'
import { type AnyCommand, RuntimeWorld } from '../support/runtimeWorld.ts'
import { MATCH_STEPS, type MatchStep, matchOrder } from './orders.ts'

const PARTITIONS = 3
const USERS = 5
const MATCHES = 3
const NIGHT_MS = 14 * 3_600_000
const STAFF: readonly [UserId, UserId] = ['u_staff' as UserId, 'u_other' as UserId]

const step: fc.Arbitrary<MatchStep> = fc.record({
  what: fc.constantFrom(...MATCH_STEPS),
  match: fc.nat(MATCHES - 1),
  user: fc.nat(USERS - 1),
  other: fc.nat(USERS - 1),
  size: fc.nat(10_000),
})

class History {
  readonly done = new Set<string>()
  readonly batches: SealedBatch[] = []
  private readonly world: RuntimeWorld
  private readonly wallets: readonly ActorAddress[]
  private readonly audit = new Audit({ partitions: PARTITIONS, watchers: [new ReplayedActors(KINDS, null)] })
  private readonly read = new Map<number, number>()
  private keys = 0

  private constructor(world: RuntimeWorld) {
    this.world = world
    const places = Array.from({ length: USERS }, (_, index) => index)
    this.wallets = places.map((index) => world.address('wallet', index % PARTITIONS, `mat${index}`))
  }

  static async begin(): Promise<History> {
    const history = new History(await RuntimeWorld.serving({ partitions: PARTITIONS }))
    for (const [index, wallet] of history.wallets.entries()) {
      await history.world.openWallet(wallet, index === 0 ? 700n : 500_00n)
      // The first is nobody that has been verified.
      if (index > 0) await history.world.answer(wallet, { kind: 'verify', level: 1, by: STAFF[0] })
    }
    history.agree()
    return history
  }

  async take(taken: MatchStep): Promise<void> {
    const { world } = this
    if (taken.what === 'night') await world.time.advance(NIGHT_MS)
    else if (taken.what === 'moment') await world.time.advance(taken.size)
    else if (taken.what === 'crash') await world.restart()
    else if (taken.what === 'project') world.project()
    else if (taken.what === 'lossy') this.loseSome(taken.size)
    else await this.ask(taken)
    this.agree()
  }

  /** Until the next crash, some messages are lost and some come twice. */
  private loseSome(seed: number): void {
    let state = seed
    this.world.transport.fate = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state >>> 30 === 0 ? 'lose' : state >>> 30 === 1 ? 'twice' : 'carry'
    }
  }

  private async ask(taken: MatchStep): Promise<void> {
    const id = `m_${taken.match}`
    const users = this.wallets.map((wallet) => `u_${wallet.id.slice(2)}` as UserId)
    const order = matchOrder(taken, { id, users, staff: STAFF, view: await this.view(id) })
    if (order === null) return
    const [to, command, key] = order
    await this.tell(to, command, key ?? `k${this.keys++}`)
  }

  private async tell(to: ActorAddress, command: AnyCommand, key: string): Promise<void> {
    const answer = await this.world.answer(to, command, key)
    if (answer.kind === 'done') this.done.add(command.kind)
    expect(answer.kind === 'refused' && answer.code === 'internal', JSON.stringify(command, textual)).to.equal(false)
  }

  private async view(id: string): Promise<MatchView> {
    const pending = this.world.read({ kind: 'match', id }, { kind: 'state' })
    await this.world.time.settle()
    const answer = pending.value
    if (answer.kind === 'refused') throw new Error(`${id} could not be read: ${answer.code}`)
    return answer.view as MatchView // asked for
  }

  /** The checker reads what has become durable, and finds nothing. */
  private agree(): void {
    for (const partition of this.world.partitions) {
      const stored = this.world.journal.batches(partition)
      for (const { position, bytes } of stored.slice(this.read.get(partition) ?? 0)) {
        this.batches.push({ partition, position: this.batches.length + 1, bytes: Buffer.from(bytes) })
        this.audit.take(partition, position, bytes)
      }
      this.read.set(partition, stored.length)
    }
    expect(this.audit.check()).to.equal(null)
  }

  /** Time passes, staff decides what waits for it, and the whole ledger adds up. */
  async end(): Promise<void> {
    this.world.transport.fate = () => 'carry'
    for (let night = 0; night < 6; night++) await this.world.time.advance(NIGHT_MS)
    for (let match = 0; match < MATCHES; match++) await this.giveBack(`m_${match}`)
    await this.world.time.advance(5_000)
    this.agree()
    expect(this.audit.finish().violation).to.equal(null)
    for (const { account, minor } of this.audit.ownedBalances())
      if (account.startsWith('2002:')) expect(minor, account).to.equal(0n)
    for (const asset of ['USD', 'CREDIT']) expect(this.world.inTransit(asset)).to.equal(0n)
    expect(this.world.alarms.filter(({ event }) => event !== 'recovered')).to.deep.equal([])
  }

  private async giveBack(id: string): Promise<void> {
    const to = { kind: 'match', id }
    const { status } = await this.view(id)
    this.done.add(status)
    if (status === 'absent' || status === 'settled' || status === 'cancelled') return
    for (const { id: proposal } of (await this.view(id)).proposals) {
      const no = { kind: 'ruling', id: proposal, verdict: 'reject', by: STAFF[0], role: 'admin', note: '' } as const
      await this.tell(to, no, `end${this.keys++}`)
    }
    const back = { kind: 'rule', ruling: { kind: 'refund_all' }, by: STAFF[0], role: 'admin', reason: 'end' } as const
    await this.tell(to, back, `end${this.keys++}`)
    const [proposal] = (await this.view(id)).proposals
    if (proposal === undefined) return
    const yes = { kind: 'ruling', id: proposal.id, verdict: 'approve', by: STAFF[1], role: 'admin', note: '' } as const
    await this.tell(to, yes, `end${this.keys++}`)
  }
}

const textual = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)

describe('random histories of matches', () => {
  it('the independent checker agrees after each step, and no money is left behind', async function () {
    this.timeout(240_000)
    // Not that everything was refused.
    const usual = ['create', 'stake', 'accept', 'decline', 'leave', 'arrive', 'finish', 'report', 'score', 'dispute']
    const kinds = [...usual, 'rule', 'settled', 'cancelled']
    const steps = fc.array(step, { minLength: 40, maxLength: 160, size: 'max' })
    await holdAndDo(History.begin, steps, { runs: 15, kinds })
  })

  it('and with a store that was made from them, at any pace of snapshots', async function () {
    this.timeout(240_000)
    const pace = fc.constantFrom(1, 7, 1_000)
    const steps = fc.array(step, { minLength: 60, maxLength: 160, size: 'max' })
    await fc.assert(
      fc.asyncProperty(steps, pace, async (taken, snapshotEvery) => {
        const history = await lived(History.begin, taken)
        const folder = mkdtempSync(join(tmpdir(), 'leet-matches-'))
        try {
          const dataSet = writeJournal(folder, history.batches, PARTITIONS)
          await writeStore(folder, dataSet, history.batches, { snapshotEvery })
          expect(auditDataSet(folder, KINDS).violation).to.equal(null)
        } finally {
          rmSync(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 4 },
    )
  })
})
