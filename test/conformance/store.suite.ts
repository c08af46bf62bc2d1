// What every ProjectionStore adapter has to do (S1, J4, M6): absolute values, guarded by the seq that made them, so that
// a write repeated or late changes nothing; and histories read from it (M9). The writes are a projector's own.

import { expect } from 'chai'
import type { ProjectionStore, ProjectionWrite } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import { EMPTY_CHECKPOINT } from '../../actors/runtime/ledgerState.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type {
  HistoryQuery,
  HistoryResult,
  HistoryRow,
  PendingPage,
  PendingQuery,
} from '../../server/store/storeProtocol.ts'
import { type PartitionId, recordId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { PartitionLog, START_MS } from '../support/batches.ts'
import { account, deposit, KINDS, receive, refuse, send, takeBack, tell, withdraw } from '../support/counterKind.ts'

export interface StoreUnderTest {
  readonly store: ProjectionStore
  history(query: HistoryQuery): Promise<HistoryResult>
  transaction(partition: PartitionId, seq: number, account: string): Promise<HistoryRow | null>
  pending(query: PendingQuery): Promise<PendingPage>
  close(): Promise<void>
}

export interface StoreBench {
  /** Opens the data set, making it where it is missing. */
  open(): Promise<StoreUnderTest>
}

/** Partitions of the data sets this suite writes. */
export const SUITE_PARTITIONS = 16

const everything = {
  assets: null,
  side: null,
  operation: null,
  status: null,
  fromMs: null,
  toMs: null,
  sortBy: 'created_at',
  sortOrder: 'desc',
  limit: 100,
  offset: 0,
} as const

const homeOf = (id: string): PartitionId => partitionOf(`counter/${id}`, SUITE_PARTITIONS)

/** Two counters of a partition each, so that every case has somebody to send to. */
class World {
  readonly home = new PartitionLog(homeOf('ann'), SUITE_PARTITIONS)
  readonly away = new PartitionLog(homeOf('bob'), SUITE_PARTITIONS)
  readonly writes: ProjectionWrite[] = []
  private position = 0
  private readonly projector: Projector

  constructor(store: ProjectionStore, snapshotEvery = 1_000) {
    const recorded: ProjectionStore = {
      apply: async (write) => {
        this.writes.push(write)
        await store.apply(write)
      },
      checkpoint: (partition) => store.checkpoint(partition),
      partitionSnapshot: (partition) => store.partitionSnapshot(partition),
      actorSnapshots: (partition, actors) => store.actorSnapshots(partition, actors),
      recentKeys: (partition, actors, sinceMs) => store.recentKeys(partition, actors, sinceMs),
      findKey: (partition, actor, key) => store.findKey(partition, actor, key),
    }
    this.projector = new Projector({ kinds: KINDS, store: recorded, snapshotEvery })
  }

  async start(): Promise<void> {
    await this.projector.resume([this.home.partition, this.away.partition])
  }

  /** Projects what was added to both logs. */
  async project(): Promise<void> {
    const batches: StoredBatch[] = []
    for (const log of [this.home, this.away]) if (log.pending > 0) batches.push(log.cutAt(++this.position))
    await this.projector.take(batches)
  }

  async round(): Promise<void> {
    await this.projector.round()
  }
}

export function storeSuite(adapter: string, makeBench: () => StoreBench): void {
  let bench: StoreBench
  let opened: StoreUnderTest
  let world: World

  const reopen = async (): Promise<void> => {
    await opened.close()
    opened = await bench.open()
  }

  /** Everything the port shows of both partitions. */
  async function image(): Promise<unknown> {
    const { store } = opened
    const shown: unknown[] = []
    for (const { partition } of [world.home, world.away]) {
      const actors = ['counter/ann', 'counter/bob', 'counter/cyd']
      const histories = ['ann', 'bob', 'cyd'].map((id) =>
        opened.history({ ...everything, partition, account: account(id) }),
      )
      shown.push(
        await store.checkpoint(partition),
        await store.partitionSnapshot(partition),
        await store.actorSnapshots(partition, actors),
        [...(await store.recentKeys(partition, actors, 0))],
        await Promise.all(histories),
      )
    }
    return shown
  }

  const history = (more: Partial<HistoryQuery> = {}): Promise<HistoryResult> =>
    opened.history({ ...everything, partition: world.home.partition, account: account('ann'), ...more })

  /** Ann has 100, sends Bob 30 and 5; the first arrives. Cyd has one deposit. */
  async function transfers(): Promise<void> {
    deposit(world.home, 'ann', 100n, 'first')
    const sent = send(world.home, 'ann', 'bob', 30n, 'second')
    deposit(world.home, 'cyd', 7n)
    await world.project()
    receive(world.away, sent)
    send(world.home, 'ann', 'bob', 5n, 'third')
    await world.project()
  }

  /** What Ann sent last. */
  function third(): LogRecord {
    const record = world.home.records.at(-1)
    if (record === undefined) throw new Error('nothing was sent')
    return record
  }

  describe(`store: ${adapter}`, () => {
    beforeEach(async () => {
      bench = makeBench()
      opened = await bench.open()
      world = new World(opened.store)
      await world.start()
    })
    afterEach(() => opened.close())

    describe('what recovery reads', () => {
      it('has nothing of a partition that never wrote', async () => {
        const { store } = opened
        expect(await store.checkpoint(9)).to.deep.equal(EMPTY_CHECKPOINT)
        expect(await store.partitionSnapshot(9)).to.equal(null)
        expect(await store.actorSnapshots(9, ['counter/ann'])).to.deep.equal([])
        expect([...(await store.recentKeys(9, ['counter/ann'], 0))]).to.deep.equal([])
        expect(await store.findKey(9, 'counter/ann', 'first')).to.equal(null)
      })

      it('gives back the checkpoint and the last round, of one moment', async () => {
        await transfers()
        await world.round()
        const { store } = opened
        const { partition, hash, seq } = world.home
        expect(await store.checkpoint(partition)).to.deep.equal({ seq, position: 2, hash })
        const snapshot = await store.partitionSnapshot(partition)
        expect(snapshot).to.deep.include({ seq, position: 2, hash, epoch: 1, atMs: world.home.atMs })
        expect(snapshot?.balances).to.deep.equal([
          ['1002', 'USD', '107'],
          ['2006', 'USD', '35'],
        ])
        expect(snapshot?.outbox.map(([, number]) => number)).to.deep.equal([1, 2])
        const [ann] = await store.actorSnapshots(partition, ['counter/ann', 'counter/nobody'])
        expect(ann).to.deep.equal({
          actor: 'counter/ann',
          seq,
          state: ['ann', 3, '65'],
          balances: [['2001:ann', 'USD', '65']],
        })
      })

      it('gives back keys by the time of their record, oldest first', async () => {
        await transfers()
        // The port promises keys up to the partition's snapshot.
        await world.round()
        const { partition } = world.home
        const recent = async (sinceMs: number): Promise<unknown> => {
          const found = await opened.store.recentKeys(partition, ['counter/ann', 'counter/nobody'], sinceMs)
          return [...found].map(([actor, outcomes]) => [actor, outcomes.map(({ key, atMs }) => [key, atMs - START_MS])])
        }
        const [first, second, third] = [
          ['first', 1],
          ['second', 2],
          ['third', 4],
        ]
        expect(await recent(0)).to.deep.equal([['counter/ann', [first, second, third]]])
        expect(await recent(START_MS + 2)).to.deep.equal([['counter/ann', [second, third]]])
        expect(await recent(START_MS + 5)).to.deep.equal([])
      })

      it('finds a key of its actor alone, with what it was answered', async () => {
        await transfers()
        world.home.add({
          actor: 'counter/ann',
          cause: { kind: 'command', name: 'send', key: 'poor', hash: 'h', requestId: 'r' },
          outcome: { kind: 'refused', code: 'wallet.insufficient_funds' },
        })
        await world.project()
        const { store } = opened
        const { partition } = world.home
        expect(await store.findKey(partition, 'counter/ann', 'first')).to.deep.equal({
          key: 'first',
          hash: 'hash-of-first',
          seq: 1,
          atMs: START_MS + 1,
          refused: null,
          reply: { status: 'confirmed' },
        })
        const poor = await store.findKey(partition, 'counter/ann', 'poor')
        expect(poor).to.deep.include({ hash: 'h', refused: 'wallet.insufficient_funds', reply: null })
        expect(await store.findKey(partition, 'counter/cyd', 'first')).to.equal(null)
        expect(await store.findKey(partition, 'counter/ann', 'fourth')).to.equal(null)
      })

      it('finds the newest outcome of a key used again after its window', async () => {
        deposit(world.home, 'ann', 1n, 'again')
        await world.project()
        deposit(world.home, 'ann', 2n, 'again')
        await world.project()
        const found = await opened.store.findKey(world.home.partition, 'counter/ann', 'again')
        expect(found?.seq).to.equal(2)
      })
    })

    describe('guards', () => {
      it('a write applied twice is applied once', async () => {
        await transfers()
        await world.round()
        const before = await image()
        for (const write of world.writes) {
          await opened.store.apply(write)
          await opened.store.apply(write)
        }
        expect(await image()).to.deep.equal(before)
      })

      it('an older write changes nothing, before and after it is opened again', async () => {
        await transfers()
        await world.round()
        const old = [...world.writes]
        receive(world.away, third())
        deposit(world.home, 'ann', 1_000n)
        await world.project()
        await world.round()
        const before = await image()
        for (const write of old) await opened.store.apply(write)
        expect(await image()).to.deep.equal(before)
        await reopen()
        for (const write of old) await opened.store.apply(write)
        expect(await image()).to.deep.equal(before)
      })

      it('a checkpoint only grows', async () => {
        await transfers()
        const { store } = opened
        const { partition } = world.home
        const there = await store.checkpoint(partition)
        const nothing = {
          batches: [],
          replayed: [],
          entries: [],
          balances: [],
          keys: [],
          fates: [],
          closings: [],
          listings: [],
          watermarks: [],
          actors: [],
          partitions: [],
        }
        const checkpoint = { seq: there.seq - 1, position: there.position - 1, hash: 'f'.repeat(64) }
        await store.apply({ ...nothing, checkpoints: [{ partition, checkpoint, watermarks: [] }] })
        expect(await store.checkpoint(partition)).to.deep.equal(there)
      })

      it('goes on where it was after it is opened again', async () => {
        await transfers()
        await world.round()
        const before = await image()
        await reopen()
        expect(await image()).to.deep.equal(before)
        expect((await history()).totalCount).to.equal(3)
      })
    })

    describe('history', () => {
      const lines = ({ rows }: HistoryResult): unknown[] =>
        rows.map((row) => [row.seq, row.operation, row.side, row.amountMinor, row.balanceAfterMinor, row.status])
      const third = [4, 'transfer', 'debit', 5n, 65n, 'pending']
      const second = [2, 'transfer', 'debit', 30n, 70n, 'confirmed']
      const first = [1, 'deposit', 'credit', 100n, 100n, 'confirmed']

      const pages: readonly (readonly [string, Partial<HistoryQuery>, readonly unknown[], number])[] = [
        ['everything, newest first', {}, [third, second, first], 3],
        ['oldest first', { sortOrder: 'asc' }, [first, second, third], 3],
        ['by amount', { sortBy: 'amount' }, [first, second, third], 3],
        ['a page in the middle', { offset: 1, limit: 1 }, [second], 3],
        ['a page beyond the end', { offset: 3 }, [], 3],
        ['one operation', { operation: 'transfer' }, [third, second], 2],
        ['money in', { side: 'credit' }, [first], 1],
        ['what is pending', { status: 'pending' }, [third], 1],
        ['what is confirmed', { status: 'confirmed' }, [second, first], 2],
        ['what failed', { status: 'failed' }, [], 0],
        ['from a time on', { fromMs: START_MS + 2 }, [third, second], 2],
        ['up to a time', { toMs: START_MS + 2 }, [second, first], 2],
        ['within a time', { fromMs: START_MS + 2, toMs: START_MS + 2 }, [second], 1],
        ['an asset', { assets: ['USD'] }, [third, second, first], 3],
        ['other assets', { assets: ['USDC'] }, [], 0],
        ['a filtered page', { operation: 'transfer', offset: 1, limit: 1 }, [second], 2],
      ]
      for (const [what, query, expected, total] of pages) {
        it(`lists ${what}`, async () => {
          await transfers()
          const found = await history(query)
          expect([lines(found), found.totalCount]).to.deep.equal([expected, total])
        })
      }

      it('gives each line its whole record', async () => {
        await transfers()
        const { rows } = await history()
        expect(rows.map(({ record }) => record)).to.deep.equal([3, 1, 0].map((index) => world.home.records[index]))
      })

      it('has nothing of an account it never heard of', async () => {
        await transfers()
        expect(await history({ account: account('nobody') })).to.deep.equal({ rows: [], totalCount: 0 })
      })

      it('finds one line by its record', async () => {
        await transfers()
        const { partition } = world.home
        const row = await opened.transaction(partition, 4, account('ann'))
        expect(row && lines({ rows: [row], totalCount: 1 })).to.deep.equal([third])
        expect(await opened.transaction(partition, 4, account('cyd'))).to.equal(null)
        expect(await opened.transaction(partition, 5, account('ann'))).to.equal(null)
        expect(await opened.transaction(9, 1, account('ann'))).to.equal(null)
      })

      it('turns money sent from pending to failed when it comes back', async () => {
        deposit(world.home, 'ann', 100n)
        const sent = send(world.home, 'ann', 'bob', 30n)
        await world.project()
        const statuses = async (): Promise<unknown> => (await history()).rows.map(({ seq, status }) => [seq, status])
        expect(await statuses()).to.deep.equal([
          [2, 'pending'],
          [1, 'confirmed'],
        ])
        const refusal = refuse(world.away, sent)
        await world.project()
        expect(await statuses()).to.deep.equal([
          [2, 'failed'],
          [1, 'confirmed'],
        ])
        takeBack(world.home, refusal, recordId(world.home.partition, 2))
        await world.project()
        expect(await statuses()).to.deep.equal([
          [3, 'confirmed'],
          [2, 'failed'],
          [1, 'confirmed'],
        ])
        expect((await opened.transaction(world.home.partition, 2, account('ann')))?.status).to.equal('failed')
      })

      for (const fate of ['failed', 'cancelled', 'confirmed'] as const) {
        it(`a withdrawal is pending until its record is told as ${fate}`, async () => {
          const { partition } = world.home
          deposit(world.home, 'ann', 100n)
          withdraw(world.home, 'ann', 30n)
          await world.project()
          const statuses = async (): Promise<unknown> => (await history()).rows.map(({ seq, status }) => [seq, status])
          const was = [
            [2, 'pending'],
            [1, 'confirmed'],
          ]
          expect(await statuses()).to.deep.equal(was)
          expect((await opened.transaction(partition, 2, account('ann')))?.status).to.equal('pending')
          tell(world.home, 'ann', recordId(partition, 2), fate)
          // Told again, and of less weight: what it is stays.
          tell(world.home, 'ann', recordId(partition, 2), 'pending')
          await world.project()
          for (const write of world.writes) await opened.store.apply(write)
          expect(await statuses()).to.deep.equal([[2, fate], ...was.slice(1)])
          expect((await opened.transaction(partition, 2, account('ann')))?.status).to.equal(fate)
          expect(lines(await history({ status: fate })).length).to.equal(fate === 'confirmed' ? 2 : 1)
        })
      }

      it('says by which record a line was reversed, whatever else is told of it', async () => {
        const { partition } = world.home
        deposit(world.home, 'ann', 100n)
        withdraw(world.home, 'ann', 30n)
        await world.project()
        const shown = async (): Promise<unknown> =>
          (await history()).rows.map(({ seq, status, reversedBy }) => [seq, status, reversedBy])
        for (const seq of [2, 1]) tell(world.home, 'ann', recordId(partition, seq), 'reversed')
        tell(world.home, 'ann', recordId(partition, 2), 'confirmed')
        await world.project()
        for (const write of world.writes) await opened.store.apply(write)
        expect(await shown()).to.deep.equal([
          [2, 'confirmed', 3],
          [1, 'confirmed', 4],
        ])
        for (const [seq, by] of [
          [2, 3],
          [1, 4],
        ] as const)
          expect(await opened.transaction(partition, seq, account('ann'))).to.deep.include({ reversedBy: by })
        expect(lines(await history({ status: 'confirmed' })).length).to.equal(2)
      })

      it('lists what has not come to its end, page by page', async () => {
        const { home, away } = world
        deposit(home, 'ann', 100n)
        for (let count = 0; count < 5; count++) withdraw(home, 'ann', 10n)
        deposit(away, 'bob', 100n)
        withdraw(away, 'bob', 10n)
        tell(home, 'ann', recordId(home.partition, 3), 'confirmed')
        tell(home, 'ann', recordId(home.partition, 5), 'cancelled')
        // Pending as well, and no withdrawal.
        tell(home, 'ann', recordId(home.partition, 1), 'pending')
        await world.project()
        const query = { operation: 'withdrawal', after: null, limit: 2 } as const
        const seen: (readonly unknown[])[] = []
        let after: PendingQuery['after'] = null
        for (let page = 0; page < 3; page++) {
          const found: PendingPage = await opened.pending({ ...query, after })
          seen.push(found.rows.map(({ partition, seq, record }) => [partition, seq, record.operation]))
          after = found.next
          if (after === null) break
        }
        const of = (log: PartitionLog, seq: number) => [log.partition, seq, 'withdrawal']
        const all = [of(home, 2), of(home, 4), of(home, 6), of(away, 2)].sort((a, b) => Number(a[0]) - Number(b[0]))
        expect(seen.flat()).to.deep.equal(all)
        expect(seen.slice(0, 2).map((page) => page.length)).to.deep.equal([2, 2])
        expect(await opened.pending({ ...query, operation: 'refund' })).to.deep.equal({ rows: [], next: null })
      })

      it('leaves money parked at its receiver pending', async () => {
        deposit(world.home, 'ann', 100n)
        const sent = send(world.home, 'ann', 'bob', 30n)
        const [envelope] = sent.outbox
        world.away.add({
          actor: 'counter/bob',
          cause: { kind: 'envelope', source: world.home.partition, number: envelope?.number ?? 0, seq: sent.seq },
          outcome: { kind: 'parked', reason: 'threw' },
        })
        await world.project()
        expect((await history()).rows[0]?.status).to.equal('pending')
      })

      it('walks a long history in the right order', async () => {
        for (let batch = 0; batch < 20; batch++) {
          for (let index = 0; index < 10; index++) deposit(world.home, index % 2 === 0 ? 'ann' : 'cyd', 1n)
          await world.project()
        }
        const { rows, totalCount } = await history({ offset: 10, limit: 50 })
        expect(rows.map(({ balanceAfterMinor }) => balanceAfterMinor)).to.deep.equal(
          Array.from({ length: 50 }, (_, index) => BigInt(90 - index)),
        )
        expect(totalCount).to.equal(100)
      })
    })
  })
}
