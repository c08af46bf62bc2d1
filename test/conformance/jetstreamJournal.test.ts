// The journal on JetStream: the suite of the port on a real nats-server, and what only a wire and a server that ends can
// get wrong.

import { expect } from 'chai'
import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import { newDataSet, type OpenJournal, openJournal, type Wanted } from '../support/jetstreamBench.ts'
import { describeWithServices, type NatsService, startNats } from '../support/services.ts'
import { TcpProxy } from '../support/tcpProxy.ts'
import { until } from '../support/until.ts'
import { journalSuite, SUITE_PARTITIONS } from './journal.suite.ts'

const text = (batch: string): Uint8Array => Buffer.from(batch, 'utf8')

describeWithServices(['nats'], 'on one nats-server', () => {
  let server: NatsService
  let proxy: TcpProxy
  let opened: OpenJournal[] = []

  before(async () => {
    server = await startNats()
    proxy = await TcpProxy.start(() => server.port)
  })
  afterEach(async () => {
    proxy.restore()
    for (const { close } of opened) await close()
    opened = []
  })
  after(async () => {
    await proxy.close()
    await server.kill()
  })

  async function open(dataSet: string, more: Partial<Wanted> = {}): Promise<OpenJournal> {
    const wanted = { partitions: SUITE_PARTITIONS, streams: 3, monitorUrls: [server.monitorUrl] }
    const found = await openJournal({ urls: [proxy.url], dataSet, ...wanted, ...more })
    opened.push(found)
    return found
  }

  async function contents(found: OpenJournal, partition: number): Promise<string[]> {
    const batches: StoredBatch[] = []
    for await (const group of found.journal.replay(new Map([[partition, 0]]))) batches.push(...group)
    return batches.map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
  }

  async function committed(found: OpenJournal, partition: number, at: Position, batch: string): Promise<Position> {
    const outcome = await found.journal.append(partition, at, text(batch))
    if (outcome.kind !== 'committed') throw new Error(`${batch}: ${outcome.kind}`)
    return outcome.position
  }

  journalSuite('JetStream', () => {
    const dataSet = newDataSet()
    const find = (journal: unknown): OpenJournal | undefined => opened.find((found) => found.journal === journal)
    return {
      open: async () => (await open(dataSet)).journal,
      crash: async (journal) => {
        await server.kill()
        await find(journal)?.close()
        await server.start()
      },
      close: async (journal) => find(journal)?.close(),
      disk: { fill: () => proxy.refuse(), free: () => proxy.restore() },
    }
  })

  describe('an acknowledgement that is lost', () => {
    it('after the append has landed: the retry finds it committed, once', async () => {
      const found = await open(newDataSet())
      const first = await committed(found, 1, 0, 'a')
      proxy.swallow()
      expect(await found.journal.append(1, first, text('b'))).to.deep.equal({ kind: 'uncertain' })
      expect(proxy.swallowed).to.be.above(0)
      proxy.restore()
      const position = await committed(found, 1, first, 'b')
      await committed(found, 1, position, 'c')
      expect(await contents(found, 1)).to.deep.equal(['a', 'b', 'c'])
    })

    it('with the connection: the append itself finds out, once it stands again', async () => {
      const found = await open(newDataSet(), { appendWithinMs: 5_000 })
      const first = await committed(found, 1, 0, 'a')
      proxy.swallow()
      const appended = found.journal.append(1, first, text('b'))
      await until('the answer is swallowed', () => proxy.swallowed > 0)
      proxy.restore()
      expect((await appended).kind).to.equal('committed')
      expect(await contents(found, 1)).to.deep.equal(['a', 'b'])
    })

    it('while another owner has written: fenced', async () => {
      const dataSet = newDataSet()
      const [stale, other] = [await open(dataSet), await open(dataSet, { urls: [server.url] })]
      const first = await committed(stale, 1, 0, 'a')
      await committed(other, 1, first, 'theirs')
      proxy.swallow()
      expect(await stale.journal.append(1, first, text('ours'))).to.deep.equal({ kind: 'uncertain' })
      proxy.restore()
      expect(await stale.journal.append(1, first, text('ours'))).to.deep.equal({ kind: 'fenced' })
      expect(await contents(other, 1)).to.deep.equal(['a', 'theirs'])
    })
  })

  it('lets one of two owners win each place, whatever their timing', async () => {
    const dataSet = newDataSet()
    const owners = [await open(dataSet), await open(dataSet, { urls: [server.url] })]
    let head = 0
    const winners: string[] = []
    for (let round = 0; round < 40; round++) {
      const batches = owners.map((_, owner) => `${round} of ${owner}`)
      const both = await Promise.all(
        owners.map(({ journal }, owner) => journal.append(1, head, text(batches[owner] ?? ''))),
      )
      expect(both.map(({ kind }) => kind).sort()).to.deep.equal(['committed', 'fenced'])
      for (const [owner, outcome] of both.entries()) {
        if (outcome.kind !== 'committed') continue
        head = outcome.position
        winners.push(batches[owner] ?? '')
      }
    }
    const [found] = owners
    expect(found === undefined ? [] : await contents(found, 1)).to.deep.equal(winners)
  })

  it('hears within a moment that the server is gone, and goes on when it is back', async () => {
    const found = await open(newDataSet(), { appendWithinMs: 10_000 })
    const first = await committed(found, 1, 0, 'a')
    server.signal('SIGSTOP')
    const appended = found.journal.append(1, first, text('b'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const began = performance.now()
    await server.kill()
    expect(await appended).to.deep.equal({ kind: 'uncertain' })
    expect(performance.now() - began).to.be.below(4_000)
    await server.start()
    const position = await until('the retry is settled', async () => {
      const outcome = await found.journal.append(1, first, text('b'))
      return outcome.kind === 'committed' ? outcome.position : null
    })
    expect(await found.journal.head(1)).to.equal(position)
    expect(await contents(found, 1)).to.deep.equal(['a', 'b'])
    expect(found.alarms).to.include.members([
      'nats.disconnected',
      'nats.reconnected',
      'journal.write_failed',
      'journal.write_recovered',
    ])
  })

  it('loses nothing it answered for, and writes nothing twice, when the server is killed under load', async () => {
    const found = await open(newDataSet())
    const written = Array.from({ length: SUITE_PARTITIONS }, (): string[] => [])
    let stop = false
    const writers = written.map(async (batches, partition) => {
      let head = 0
      while (!stop) {
        const batch = `${partition}:${batches.length} ${'x'.repeat(2_000)}`
        const outcome = await found.journal.append(partition, head, text(batch))
        if (outcome.kind === 'fenced') throw new Error(`fenced at ${batch.slice(0, 20)}`)
        if (outcome.kind === 'uncertain') continue
        head = outcome.position
        batches.push(batch)
      }
    })
    for (let kills = 0; kills < 2; kills++) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      await server.kill()
      await server.start()
      const counts = written.map(({ length }) => length)
      await until('every partition goes on', () => written.every(({ length }, at) => length > (counts[at] ?? 0) + 2))
    }
    stop = true
    await Promise.all(writers)
    for (const [partition, batches] of written.entries()) {
      expect(await contents(found, partition)).to.deep.equal(batches)
    }
  })

  it('opens what is there: the same data set id, streams and batches; three starting at once make one', async () => {
    const dataSet = newDataSet()
    const three = await Promise.all([open(dataSet), open(dataSet), open(dataSet)])
    expect(new Set(three.map(({ journal }) => journal.dataSet.dataSetId)).size).to.equal(1)
    for (const [at, found] of three.entries()) await committed(found, at, 0, `of ${at}`)
    const again = await open(dataSet)
    const [first] = three
    expect(again.journal.dataSet).to.deep.equal(first?.journal.dataSet)
    expect([await contents(again, 0), await contents(again, 2)]).to.deep.equal([['of 0'], ['of 2']])
  })

  it('takes a batch of the size it names, and answers uncertain for one that no server takes', async () => {
    const found = await open(newDataSet())
    const { maxBatchBytes } = found.journal
    expect(maxBatchBytes).to.be.within(900_000, 1024 * 1024)
    const largest = 'x'.repeat(maxBatchBytes + 32 * 1024)
    const position = await committed(found, 1, 0, largest)
    expect(await found.journal.append(1, 0, text(largest))).to.deep.equal({ kind: 'committed', position })
    expect(await contents(found, 1)).to.deep.equal([largest])
    expect(await found.journal.append(1, position, text(`${largest}${'x'.repeat(512)}`))).to.deep.equal({
      kind: 'uncertain',
    })
    expect(found.alarms).to.deep.equal(['journal.write_failed'])
  })

  it('answers uncertain where there is no space, and reads on', async () => {
    const config = 'accounts { A { jetstream { max_file: 2MB }, users: [{ user: leet, password: leet }] } }'
    const small = await startNats({ config })
    const urls = [small.url.replace('//', '//leet:leet@')]
    const found = await open(newDataSet(), { urls, monitorUrls: [small.monitorUrl] })
    const batch = 'x'.repeat(300_000)
    let head = 0
    const batches: string[] = []
    for (;;) {
      const outcome = await found.journal.append(1, head, text(batch))
      if (outcome.kind !== 'committed') break
      head = outcome.position
      batches.push(batch)
    }
    expect(batches.length).to.be.within(4, 7)
    expect(await found.journal.append(1, head, text(batch))).to.deep.equal({ kind: 'uncertain' })
    expect(await contents(found, 1)).to.deep.equal(batches)
    expect(found.alarms).to.include('journal.write_failed')
    await small.kill()
  })

  it('reads pieces after a position, for who follows a partition', async () => {
    const found = await open(newDataSet())
    const batches = Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(10_000)}`)
    let head = 0
    for (const batch of batches) head = await committed(found, 5, head, batch)
    const seen: StoredBatch[] = []
    for (;;) {
      const piece = await found.journal.read(5, seen.at(-1)?.position ?? 0, 64 * 1024)
      expect(piece.length).to.be.below(8)
      if (piece.length === 0) break
      seen.push(...piece)
    }
    expect(seen.map(({ bytes }) => Buffer.from(bytes).toString('utf8'))).to.deep.equal(batches)
    expect(seen.at(-1)?.position).to.equal(head)
  })

  it('rejects a replay of what cannot be reached, and names the stream', async () => {
    const dataSet = newDataSet()
    const found = await open(dataSet, { readWithinMs: 1_000 })
    await committed(found, 1, 0, 'a')
    proxy.refuse()
    const failure = await contents(found, 1).then(String, (error: unknown) => String(error))
    expect(failure).to.match(new RegExp(`journal stream LEET_${dataSet.toUpperCase()}_J1, partition 1: `))
  })
})
