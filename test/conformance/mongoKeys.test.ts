// M6 on MongoDB: keys are written with rounds, from memory. None may be lost to a restart, a change of owners, a round
// that did not concern its actor's money, or for being one of many.

import { expect } from 'chai'
import type { ProjectionWrite } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { MongoStore } from '../../server/mongo/mongoStore.ts'
import { command, PartitionLog } from '../support/batches.ts'
import { deposit, KINDS } from '../support/counterKind.ts'
import { mongoForTests } from '../support/mongo.ts'
import { MemoryProjectionStore } from '../support/projectionStore.ts'
import { describeWithServices } from '../support/services.ts'
import { SUITE_PARTITIONS } from './store.suite.ts'

const PARTITION = 3
const ANN = 'counter/ann'

describeWithServices(['mongo'], 'keys over MongoDB', () => {
  const mongo = mongoForTests()
  const opened: MongoStore[] = []
  let database: string
  let log: PartitionLog
  /** The journal. */
  let batches: StoredBatch[]

  beforeEach(() => {
    database = mongo.newDatabase()
    log = new PartitionLog(PARTITION, SUITE_PARTITIONS)
    batches = []
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  async function open(): Promise<MongoStore> {
    const store = await MongoStore.open(await mongo.connect(database), { id: 'keys', partitions: SUITE_PARTITIONS })
    opened.push(store)
    return store
  }

  /** A projector that starts where the store is, over a store that knows nothing yet. */
  async function start(): Promise<Projector> {
    const projector = new Projector({ kinds: KINDS, store: await open(), snapshotEvery: 10_000 })
    const from = (await projector.resume([PARTITION])).get(PARTITION) ?? 0
    await projector.take(batches.filter(({ position }) => position > from))
    return projector
  }

  /** Deposits to Ann, one batch. */
  function journal(keys: readonly string[]): StoredBatch {
    for (const key of keys) deposit(log, 'ann', 1n, key)
    const batch = log.cutAt(batches.length + 1)
    batches.push(batch)
    return batch
  }

  const numbered = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => `key-${from + index}`)

  async function recent(sinceMs = 0): Promise<readonly string[]> {
    const found = await (await open()).recentKeys(PARTITION, [ANN], sinceMs)
    return (found.get(ANN) ?? []).map(({ key }) => key)
  }

  it('has those projected before a restart that no round had covered', async () => {
    const first = await start()
    await first.take([journal(['a', 'b'])])
    await first.round()
    await first.take([journal(['c', 'd'])])
    // Stops here, without a round. The store has the records, and only a new projector can have the keys.
    const second = await start()
    await second.take([journal(['e'])])
    await second.round()
    expect(await recent()).to.deep.equal(['a', 'b', 'c', 'd', 'e'])
  })

  it('has those that were only ever written by an owner before the last', async () => {
    const first = await start()
    await first.take([journal(['a'])])
    const second = await start()
    await second.take([journal(['b'])])
    await second.round()
    await second.take([journal(['c'])])
    // The first one, back again, has never seen what the second wrote; its own start comes first.
    const again = await start()
    await again.round()
    expect(await recent()).to.deep.equal(['a', 'b', 'c'])
  })

  it('has a refusal, which changes nothing else of its actor', async () => {
    const projector = await start()
    await projector.take([journal(['a'])])
    await projector.round()
    log.add({ actor: ANN, cause: command('send', 'poor'), outcome: { kind: 'refused', code: 'wallet.closed' } })
    log.add({ actor: 'counter/new', cause: command('send', 'x'), outcome: { kind: 'refused', code: 'wallet.closed' } })
    await projector.take([journal([])])
    await projector.round()
    expect(await recent()).to.deep.equal(['a', 'poor'])
    const store = await open()
    const found = await store.recentKeys(PARTITION, ['counter/new'], 0)
    expect(found.get('counter/new')?.[0]).to.include({ key: 'x', refused: 'wallet.closed' })
    expect(await store.actorSnapshots(PARTITION, ['counter/new'])).to.deep.equal([])
  })

  for (const perRound of [1, 15, 16, 17, 100]) {
    it(`has every one of many, ${perRound} to a round`, async () => {
      const all = numbered(0, 150)
      let projector = await start()
      for (let at = 0; at < all.length; at += perRound) {
        await projector.take([journal(all.slice(at, at + perRound))])
        await projector.round()
        if (at === perRound) projector = await start()
      }
      expect(await recent()).to.deep.equal(all)
      // One key a millisecond: the window ends inside a bucket.
      const { atMs } = log
      for (const last of [1, 22, 64, 65, 149]) expect(await recent(atMs - last + 1)).to.deep.equal(all.slice(-last))
      expect(await recent(atMs + 1)).to.deep.equal([])
    })
  }

  it('finds any of them, with or without a round', async () => {
    const projector = await start()
    await projector.take([journal(numbered(0, 70))])
    await projector.round()
    await projector.take([journal(['late'])])
    const store = await open()
    for (const key of ['key-0', 'key-40', 'key-69', 'late'])
      expect((await store.findKey(PARTITION, ANN, key))?.key).to.equal(key)
    expect(await store.findKey(PARTITION, 'counter/bob', 'late')).to.equal(null)
  })

  it('takes no write that leaves keys out: a store that was not told of them', async () => {
    const projector = await start()
    await projector.take([journal(['a'])])
    const { store: writes, projector: other } = await recording()
    await other.take([...batches, journal(['b'])])
    await other.take([journal(['c'])])
    const fresh = await open()
    const [, second] = writes
    if (second === undefined) throw new Error('nothing was written')
    const said = await fresh.apply(second).then(
      () => 'taken',
      (error: unknown) => String(error),
    )
    expect(said).to.match(/keys of records 1 to 2 were not handed over/)
  })

  /** A projector from the beginning, and what it writes. */
  async function recording(): Promise<{ store: readonly ProjectionWrite[]; projector: Projector }> {
    const store = new MemoryProjectionStore()
    const projector = new Projector({ kinds: KINDS, store })
    await projector.resume([PARTITION])
    return { store: store.writes, projector }
  }
})
