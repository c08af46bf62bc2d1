// What every store has to answer about many actors (S1): the pages of lists are those of a plain fold of the whole log,
// whatever was written twice, late, after a restart, or from the journal anew.

import { expect } from 'chai'
import fc from 'fast-check'
import type { ProjectionStore, ProjectionWrite } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import type { Listing } from '../../actors/runtime/listing.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { answerQuestion } from '../../server/ledger/answerer.ts'
import type { LedgerReads } from '../../server/ledger/ports.ts'
import type { ListAnswer } from '../../server/ledger/questions.ts'
import type { ListQuery } from '../../server/lists/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { partitionOf } from '../../shared/partition.ts'
import { command, PartitionLog } from '../support/batches.ts'
import { LISTED_KINDS, listedOtherwise, listingJson } from '../support/listedKind.ts'

export const LIST_PARTITIONS = 3

export interface ListsUnderTest {
  readonly store: ProjectionStore
  /** For one question. */
  reads(): LedgerReads
  /** The same data set without what the store has of it. */
  emptied(): Promise<ListsUnderTest>
  close(): Promise<void>
}

export interface ListsBench {
  /** Opens a data set of LIST_PARTITIONS, a new one each time. */
  open(): Promise<ListsUnderTest>
  readonly runs: number
  readonly steps: number
}

export const EVERYTHING: ListQuery = {
  ...{ of: 'listed', status: null, tags: [], order: 'newest' },
  ...{ after: null, offset: 0, limit: 100 },
}

interface Step {
  readonly actor: string
  readonly listing: Listing | null
  readonly cut: boolean
}

/** Actors of every partition with their listings, as the log says them. */
export class Log {
  readonly batches: StoredBatch[] = []
  readonly truth = new Map<string, Listing>()
  private readonly logs = Array.from(
    { length: LIST_PARTITIONS },
    (_, partition) => new PartitionLog(partition, LIST_PARTITIONS),
  )

  constructor() {
    for (const log of this.logs) log.epochRecord()
  }

  add({ actor, listing, cut }: Step): void {
    const log = this.logs[partitionOf(actor, LIST_PARTITIONS)]
    if (log === undefined) throw new Error('no such partition')
    log.add({ actor, cause: command('list', `k${log.seq + 1}`), events: [listingJson(listing)] })
    if (listing === null) this.truth.delete(actor)
    else this.truth.set(actor, listing)
    if (cut) this.cut()
  }

  cut(): void {
    for (const log of this.logs) if (log.pending > 0) this.batches.push(log.cutAt(this.batches.length + 1))
  }

  /** Another owner of each partition. */
  epoch(): void {
    for (const log of this.logs) {
      log.epoch++
      log.epochRecord()
    }
    this.cut()
  }

  /** Keys of those that suit, in the order of the list. */
  listed({ status, tags, order }: ListQuery): readonly string[] {
    const rows = [...this.truth].filter(
      ([, row]) => (status === null || row.status === status) && tags.every((tag) => row.tags.includes(tag)),
    )
    rows.sort(([a, { sortMs: first }], [b, { sortMs: second }]) => first - second || (a < b ? -1 : 1))
    if (order === 'newest') rows.reverse()
    return rows.map(([actor]) => actor)
  }
}

const TAGS = ['game:arena', 'game:chess', 'region:eu-west', 'player:u_ann', 'player:u_bob']

const listings: fc.Arbitrary<Listing | null> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 6,
    arbitrary: fc.record({
      status: fc.constantFrom('open', 'live', 'over'),
      sortMs: fc.integer({ min: 1_750_000_000_000, max: 1_750_000_000_006 }),
      tags: fc.subarray(TAGS),
      fields: fc.constantFrom<Listing['fields']>(null, { 'a.$': [[1], 'ä'] }, { seats: 2 }),
    }),
  },
)

export const steps = (count: number): fc.Arbitrary<readonly Step[]> => {
  const actor = fc.nat(11).map((index) => `listed/l_${index}`)
  const step = fc.record({ actor, listing: listings, cut: fc.boolean() })
  return fc.array(step, { minLength: count / 2, maxLength: count })
}

const queries: fc.Arbitrary<ListQuery> = fc.record({
  of: fc.constant('listed'),
  status: fc.constantFrom(null, 'open', 'live'),
  tags: fc.subarray(TAGS, { maxLength: 3 }),
  order: fc.constantFrom('newest' as const, 'oldest' as const),
  after: fc.constant(null),
  offset: fc.constant(0),
  limit: fc.integer({ min: 1, max: 5 }),
})

export function logOf(script: readonly Step[]): Log {
  const log = new Log()
  for (const step of script) log.add(step)
  log.cut()
  return log
}

export function listsSuite(adapter: string, bench: ListsBench): void {
  let opened: ListsUnderTest
  const writes: ProjectionWrite[] = []

  async function projector(
    kinds: ReadonlyMap<string, AnyKind> = LISTED_KINDS,
    failed: string[] = [],
  ): Promise<Projector> {
    const { store } = opened
    const recorded: ProjectionStore = Object.assign(Object.create(store), {
      async apply(write: ProjectionWrite) {
        writes.push(write)
        await store.apply(write)
      },
    })
    const onListingFailed = (actor: string): number => failed.push(actor)
    const made = new Projector({ kinds, store: recorded, snapshotEvery: 8, onListingFailed })
    await made.resume([...Array(LIST_PARTITIONS).keys()])
    return made
  }

  async function project(log: Log, from = 0): Promise<void> {
    const made = await projector()
    for (const batch of log.batches.slice(from)) await made.take([batch])
    expect([...made.halted]).to.deep.equal([])
  }

  async function list(query: ListQuery): Promise<ListAnswer> {
    const answer = await answerQuestion(opened.reads(), { kind: 'list', ...query })
    if (answer.kind !== 'list') throw new Error(`refused: ${JSON.stringify(answer)}`)
    return answer
  }

  /** All pages, by cursor and by offset, are those of the log. */
  async function check(log: Log, query: ListQuery): Promise<void> {
    const expected = log.listed(query)
    const found: string[] = []
    for (let after: ListQuery['after'] = null; ; ) {
      const page: ListAnswer = await list({ ...query, after })
      expect(page.total).to.equal(expected.length)
      for (const { actor, status, sortMs, tags, fields } of page.rows) {
        found.push(actor)
        expect({ status, sortMs, tags, fields }).to.deep.equal(log.truth.get(actor))
      }
      if (page.next === null) break
      after = page.next
    }
    expect(found).to.deep.equal(expected)
    const offset = Math.floor(expected.length / 2)
    const { rows } = await list({ ...query, offset })
    expect(rows.map(({ actor }) => actor)).to.deep.equal(expected.slice(offset, offset + query.limit))
  }

  /** Everything that lists show. */
  const shown = async (): Promise<unknown> => (await list(EVERYTHING)).rows

  describe(`lists: ${adapter}`, () => {
    beforeEach(async () => {
      writes.length = 0
      opened = await bench.open()
    })
    afterEach(() => opened.close())

    it('are those of the whole log, page by page, in either order', async () => {
      await fc.assert(
        fc.asyncProperty(
          steps(bench.steps),
          fc.array(queries, { minLength: 8, maxLength: 8 }),
          async (script, asked) => {
            await opened.close()
            opened = await bench.open()
            const log = logOf(script)
            await project(log)
            await check(log, { ...EVERYTHING, limit: 4 })
            for (const query of asked) await check(log, query)
          },
        ),
        { numRuns: bench.runs },
      )
    })

    it('say how far the store was, and only count where nothing is to be shown', async () => {
      const log = logOf([{ actor: 'listed/l_1', listing: some('open'), cut: true }])
      await project(log)
      const { rows, total, positions, asOfMs, next } = await list({ ...EVERYTHING, limit: 0 })
      expect([rows, total, next]).to.deep.equal([[], 1, null])
      expect(positions).to.deep.include({ partition: partitionOf('listed/l_1', LIST_PARTITIONS), seq: 2 })
      expect(asOfMs).to.be.greaterThan(0)
      expect(await list({ ...EVERYTHING, of: 'liste' })).to.include({ total: 0 })
    })

    it('are the same after a restart in the midst of it, and once more from the journal', async () => {
      const [script = []] = fc.sample(steps(bench.steps), { seed: 7, numRuns: 1 })
      const log = logOf(script)
      for (let from = 0; from < log.batches.length; from += 7) {
        const made = await projector()
        // What was folded before is told again, as after a crash: its journal is read from the last round.
        for (const batch of log.batches.slice(0, from + 7)) await made.take([batch])
      }
      await check(log, { ...EVERYTHING, limit: 5 })
      const before = await shown()
      opened = await opened.emptied()
      expect(await shown()).to.deep.equal([])
      await project(log)
      expect(await shown()).to.deep.equal(before)
    })

    it('are the same when writes come twice, or older ones late', async () => {
      const [script = []] = fc.sample(steps(bench.steps), { seed: 11, numRuns: 1 })
      const log = logOf(script)
      await project(log)
      const before = await shown()
      const done = [...writes]
      for (const write of done) await opened.store.apply(write)
      expect(await shown()).to.deep.equal(before)
      for (const write of done.toReversed()) await opened.store.apply(write)
      expect(await shown()).to.deep.equal(before)
    })

    it('lose an actor that is in none any more, and it can come back', async () => {
      const log = new Log()
      for (const listing of [some('open'), null, some('live'), null]) {
        log.add({ actor: 'listed/l_1', listing, cut: true })
        opened = await opened.emptied()
        writes.length = 0
        await project(log)
        await check(log, { ...EVERYTHING, tags: ['game:arena'] })
      }
    })

    it('are made anew, once, where a later release lists otherwise', async () => {
      const [script = []] = fc.sample(steps(bench.steps), { seed: 3, numRuns: 1 })
      const log = logOf(script)
      await project(log)
      for (const version of [2, 3]) {
        // A new owner begins with a record, and with it the next round is another.
        log.epoch()
        const made = await projector(listedOtherwise(version))
        for (const batch of log.batches) await made.take([batch])
        await made.round()
        const tag = `release:${version}`
        const { rows } = await list({ ...EVERYTHING, tags: [tag] })
        expect(rows.map(({ actor }) => actor)).to.deep.equal(log.listed(EVERYTHING))
        expect(rows.every(({ tags }) => tags.at(-1) === tag)).to.equal(true)
        expect(await list({ ...EVERYTHING, tags: [`release:${version - 1}`] })).to.include({ total: 0 })
        // Again by the same release, it is taken up where the last round left it.
        const again = new Projector({ kinds: listedOtherwise(version), store: opened.store })
        const positions = await again.resume([...Array(LIST_PARTITIONS).keys()])
        expect([...positions.values()].every((position) => position > 0)).to.equal(true)
      }
    })

    it('leave out an actor whose kind says what it must not, and go on', async () => {
      const wrong: readonly Listing[] = [
        { ...some('open'), status: 'throws' },
        { ...some('open'), status: 'No Status' },
        { ...some('open'), sortMs: -1 },
        { ...some('open'), tags: ['no tag'] },
        { ...some('open'), tags: ['game:arena', 'game:arena'] },
        { ...some('open'), tags: Array.from({ length: 65 }, (_, index) => `player:u_${index}`) },
        { ...some('open'), fields: 'x'.repeat(5_000) },
      ]
      const log = new Log()
      for (const [index, listing] of wrong.entries()) log.add({ actor: `listed/l_${index}`, listing, cut: false })
      log.add({ actor: 'listed/l_9', listing: some('open'), cut: true })
      const failed: string[] = []
      const made = await projector(LISTED_KINDS, failed)
      await made.take(log.batches)
      expect([...made.halted]).to.deep.equal([])
      expect(failed.toSorted()).to.deep.equal(wrong.map((_, index) => `listed/l_${index}`))
      expect((await list(EVERYTHING)).rows.map(({ actor }) => actor)).to.deep.equal(['listed/l_9'])
    })
  })
}

function some(status: string): Listing {
  return { status, sortMs: 1_750_000_000_000, tags: ['game:arena'], fields: { seats: 2 } }
}

export const homeOf = (actor: string): PartitionId => partitionOf(actor, LIST_PARTITIONS)
