// Lists as routes ask for them: through the desk, over the thread that reads the store's file.

import { join } from 'node:path'
import { expect } from 'chai'
import { Projector } from '../../actors/projection/projector.ts'
import { type ListWish, StoreListDesk } from '../../server/lists/listDesk.ts'
import { SqliteLedgerReader } from '../../server/store/ledgerReader.ts'
import { SqliteStore } from '../../server/store/sqliteStore.ts'
import { command, PartitionLog, START_MS } from '../support/batches.ts'
import { LISTED_KINDS } from '../support/listedKind.ts'
import { temporaryFolder } from '../support/server.ts'

const dataSet = { id: 'lists', partitions: 1 }

class Bench {
  readonly store: SqliteStore
  readonly reader: SqliteLedgerReader
  readonly desk: StoreListDesk
  readonly failures: unknown[] = []
  private readonly log = new PartitionLog(0, 1)
  private readonly projector: Projector
  private position = 0
  /** Done by the store while a question waits for it. */
  pending: (() => Promise<void>) | null = null

  constructor() {
    const storeFile = join(temporaryFolder(), 'store.db')
    this.store = new SqliteStore(storeFile, dataSet)
    this.reader = new SqliteLedgerReader({ storeFile, dataSet })
    this.projector = new Projector({ kinds: LISTED_KINDS, store: this.store })
    this.desk = new StoreListDesk({
      store: this.reader,
      catchUp: async () => this.pending?.(),
      nowMs: () => START_MS,
      failed: (error) => this.failures.push(error),
    })
  }

  /** A batch of as many open lobbies as are named. */
  async make(...names: readonly string[]): Promise<void> {
    if (this.position === 0) await this.projector.resume([0])
    for (const name of names) {
      const listing = { status: 'open', sortMs: START_MS + this.log.seq, tags: ['game:arena'], fields: { name } }
      this.log.add({ actor: `listed/${name}`, cause: command('make', name), events: [listing] })
    }
    await this.projector.take([this.log.cutAt(++this.position)])
  }

  async names(wish: Partial<ListWish> = {}): Promise<readonly string[]> {
    const answer = await this.desk.page({ of: 'listed', ...wish })
    if (answer.kind === 'refused') throw new Error(answer.code)
    return answer.rows.map(({ actor }) => actor.slice('listed/'.length))
  }

  async close(): Promise<void> {
    await this.reader.close()
    this.store.close()
  }
}

describe('list desk', () => {
  let bench: Bench
  beforeEach(() => {
    bench = new Bench()
  })
  afterEach(() => bench.close())

  it('shows the newest first, twenty of them, and goes on', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `l_${String(index).padStart(2, '0')}`)
    await bench.make(...names)
    const page = await bench.desk.page({ of: 'listed', tags: ['game:arena', 'game:arena'] })
    if (page.kind === 'refused') throw new Error(page.code)
    expect([page.total, page.rows.length, page.asOfMs]).to.deep.equal([25, 20, START_MS + 25])
    expect(page.rows[0]).to.deep.include({ actor: 'listed/l_24', status: 'open', fields: { name: 'l_24' } })
    expect(await bench.names({ after: page.next })).to.deep.equal(names.slice(0, 5).toReversed())
    expect(await bench.names({ order: 'oldest', offset: 24 })).to.deep.equal(['l_24'])
  })

  it('waits for the store: who has just made a lobby finds it', async () => {
    await bench.make('l_first')
    bench.pending = () => bench.make('l_second')
    expect(await bench.names()).to.deep.equal(['l_second', 'l_first'])
  })

  it('has nothing of a kind that lists nothing', async () => {
    await bench.make('l_first')
    expect(await bench.names({ of: 'wallet' })).to.deep.equal([])
  })

  it('is unavailable where the store is gone', async () => {
    await bench.reader.close()
    const answer = await bench.desk.page({ of: 'listed' })
    expect(answer).to.deep.equal({ kind: 'refused', code: 'unavailable' })
    expect(bench.failures).to.have.length(1)
  })

  for (const [what, wish] of [
    ['a page too long', { limit: 101 }],
    ['a negative offset', { offset: -1 }],
    ['an offset too far', { offset: 10_001 }],
    ['a status that none is', { status: 'No Status' }],
    ['a tag that none is', { tags: ['arena'] }],
    ['too many tags', { tags: Array.from({ length: 9 }, (_, index) => `player:u_${index}`) }],
  ] as const satisfies readonly (readonly [string, Partial<ListWish>])[]) {
    it(`does not take ${what}`, async () => {
      const failed = await bench.names(wish).then(
        () => null,
        (error: unknown) => error,
      )
      expect(failed).to.be.an('error')
    })
  }
})
