// What every Journal adapter has to do (J1, J2). A bench opens the same data set each time it is asked within one test,
// and stands in for whatever the adapter writes to where a case needs that to fail.

import { expect } from 'chai'
import type { AppendOutcome, Journal, Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'

export interface JournalBench {
  /** Opens the data set, making it where it is missing. */
  open(): Promise<Journal>
  /** The process is gone without a stop: what was answered `committed` has to be there at the next `open`. */
  crash(journal: Journal): Promise<void>
  close(journal: Journal): Promise<void>
  /** From now on nothing more can be written, and again it can. Null where the adapter has no way to show it. */
  readonly disk: { fill(journal: Journal): void; free(journal: Journal): void } | null
}

/** Partitions of the data sets this suite writes. */
export const SUITE_PARTITIONS = 16

const text = (batch: string): Uint8Array => Buffer.from(batch, 'utf8')
const FENCED: AppendOutcome = { kind: 'fenced' }

export function journalSuite(adapter: string, makeBench: () => JournalBench): void {
  let bench: JournalBench
  let journal: Journal

  const append = (partition: PartitionId, expected: Position, batch: string) =>
    journal.append(partition, expected, text(batch))

  async function committed(partition: PartitionId, expected: Position, batch: string): Promise<Position> {
    const outcome = await append(partition, expected, batch)
    if (outcome.kind !== 'committed') throw new Error(`${batch}: ${outcome.kind}`)
    return outcome.position
  }

  async function chain(partition: PartitionId, ...batches: string[]): Promise<Position[]> {
    const positions: Position[] = []
    for (const batch of batches) positions.push(await committed(partition, positions.at(-1) ?? 0, batch))
    return positions
  }

  async function read(after: readonly (readonly [PartitionId, Position])[]): Promise<StoredBatch[]> {
    const batches: StoredBatch[] = []
    for await (const group of journal.replay(new Map(after))) batches.push(...group)
    return batches
  }

  const texts = (batches: readonly StoredBatch[], partition: PartitionId): string[] =>
    batches.filter((batch) => batch.partition === partition).map((batch) => Buffer.from(batch.bytes).toString('utf8'))

  describe(`journal: ${adapter}`, () => {
    beforeEach(async () => {
      bench = makeBench()
      journal = await bench.open()
    })
    afterEach(() => bench.close(journal))

    describe('append', () => {
      it('gives growing positions to the batches of a partition', async () => {
        const [first = 0, second = 0, third = 0] = await chain(3, 'a', 'b', 'c')
        expect([first > 0, second > first, third > second]).to.deep.equal([true, true, true])
      })

      it('takes the appends of several partitions at once, each to its own place', async () => {
        const all = [...Array(SUITE_PARTITIONS).keys()]
        const first = await Promise.all(all.map((partition) => committed(partition, 0, `first of ${partition}`)))
        await Promise.all(all.map((partition, at) => committed(partition, first[at] ?? 0, `second of ${partition}`)))
        const batches = await read(all.map((partition) => [partition, 0]))
        for (const partition of all) {
          expect(texts(batches, partition)).to.deep.equal([`first of ${partition}`, `second of ${partition}`])
        }
      })

      it('fences an owner that has not seen the last batch, and leaves nothing of it', async () => {
        const [first = 0] = await chain(1, 'a', 'b')
        expect(await append(1, first, 'stale')).to.deep.equal(FENCED)
        expect(await append(1, 0, 'staler')).to.deep.equal(FENCED)
        expect(texts(await read([[1, 0]]), 1)).to.deep.equal(['a', 'b'])
      })

      it('fences an append beyond the last batch', async () => {
        const [last = 0] = await chain(1, 'a')
        expect(await append(1, last + 1, 'from nowhere')).to.deep.equal(FENCED)
      })

      it('lets one of two owners win a place', async () => {
        const outcomes = await Promise.all([append(1, 0, 'mine'), append(1, 0, 'yours')])
        expect(outcomes.map((outcome) => outcome.kind)).to.deep.equal(['committed', 'fenced'])
        expect(texts(await read([[1, 0]]), 1)).to.deep.equal(['mine'])
      })

      it('keeps the fences of partitions apart', async () => {
        const [first = 0] = await chain(1, 'a')
        await chain(2, 'b', 'c')
        expect((await append(1, first, 'd')).kind).to.equal('committed')
      })
    })

    describe('repeat (a lost acknowledgement)', () => {
      it('answers identical bytes with their first position, and writes them once', async () => {
        const [first = 0, second = 0] = await chain(1, 'a', 'b')
        expect(await append(1, first, 'b')).to.deep.equal({ kind: 'committed', position: second })
        expect(texts(await read([[1, 0]]), 1)).to.deep.equal(['a', 'b'])
      })

      it('does so when others have written since, and after a crash', async () => {
        const [first = 0, second = 0] = await chain(1, 'a', 'b', 'c')
        await chain(2, 'd', 'e')
        expect(await append(1, first, 'b')).to.deep.equal({ kind: 'committed', position: second })
        await bench.crash(journal)
        journal = await bench.open()
        expect(await append(1, first, 'b')).to.deep.equal({ kind: 'committed', position: second })
        expect(await append(1, first, 'B')).to.deep.equal(FENCED)
      })

      it('finds it however much others wrote before and after', async () => {
        const [first = 0] = await chain(1, 'a')
        await chain(2, 'x', 'y', 'z')
        const second = await committed(1, first, 'b')
        await chain(3, 'u', 'v', 'w')
        expect(await append(1, first, 'b')).to.deep.equal({ kind: 'committed', position: second })
        expect(await append(1, 0, 'a')).to.deep.equal({ kind: 'committed', position: first })
      })

      it('repeats while the first is still on its way', async () => {
        const [one, two] = await Promise.all([append(1, 0, 'a'), append(1, 0, 'a')])
        expect(one).to.deep.equal(two)
        expect(texts(await read([[1, 0]]), 1)).to.deep.equal(['a'])
      })

      it("leaves the caller's bytes alone, so that they can be repeated", async () => {
        const bytes = text('keep me')
        const outcome = await journal.append(1, 0, bytes)
        expect(Buffer.from(bytes).toString('utf8')).to.equal('keep me')
        expect(await journal.append(1, 0, bytes)).to.deep.equal(outcome)
      })
    })

    describe('replay', () => {
      it('gives nothing of an empty journal', async () => {
        expect(await read([[0, 0]])).to.deep.equal([])
      })

      it('begins with the batch at the position, of each partition asked for, and of no other', async () => {
        const ones = await chain(1, 'a', 'b', 'c')
        await chain(2, 'd', 'e')
        await chain(3, 'f')
        const batches = await read([
          [1, ones[1] ?? 0],
          [2, 0],
        ])
        expect([1, 2, 3].map((partition) => texts(batches, partition))).to.deep.equal([['b', 'c'], ['d', 'e'], []])
        const positions = batches.filter((batch) => batch.partition === 1).map((batch) => batch.position)
        expect(positions).to.deep.equal(ones.slice(1))
      })

      it('gives the last batch, and it alone, of a partition read to its end', async () => {
        const ones = await chain(1, 'a', 'b')
        const twos = await chain(2, 'c')
        await committed(1, ones.at(-1) ?? 0, 'd')
        const batches = await read([
          [1, ones.at(-1) ?? 0],
          [2, twos.at(-1) ?? 0],
        ])
        expect([1, 2].map((partition) => texts(batches, partition))).to.deep.equal([['b', 'd'], ['c']])
      })

      it('gives of a partition without a batch at the position only what follows, if anything does', async () => {
        const ones = await chain(1, 'a')
        const twos = await chain(2, 'b', 'c')
        const beyond = (twos.at(-1) ?? 0) + 10
        expect(await read([[1, beyond]])).to.deep.equal([])
        expect(await read([[3, ones.at(-1) ?? 0]])).to.deep.equal([])
      })

      it('keeps the order, and its groups small', async () => {
        const batch = (index: number): string => `${index} ${'x'.repeat(30_000)}`
        const expected = Array.from({ length: 60 }, (_, index) => batch(index))
        const positions = await chain(5, ...expected)
        const seen: string[] = []
        for await (const group of journal.replay(new Map([[5, 0]]))) {
          expect(group.reduce((size, { bytes }) => size + bytes.byteLength, 0)).to.be.below(600_000)
          seen.push(...texts(group, 5))
        }
        expect(seen).to.deep.equal(expected)
        expect(positions).to.deep.equal([...positions].sort((a, b) => a - b))
      })

      it('may be left before its end, and begun again', async () => {
        await chain(1, 'a', 'b')
        for await (const _group of journal.replay(new Map([[1, 0]]))) break
        expect(texts(await read([[1, 0]]), 1)).to.deep.equal(['a', 'b'])
      })
    })

    describe('durability', () => {
      it('has everything it answered for, after a stop and after a crash', async () => {
        const [first = 0] = await chain(1, 'a')
        await bench.close(journal)
        journal = await bench.open()
        const second = await committed(1, first, 'b')
        await bench.crash(journal)
        journal = await bench.open()
        expect(texts(await read([[1, 0]]), 1)).to.deep.equal(['a', 'b'])
        expect(await append(1, first, 'stale')).to.deep.equal(FENCED)
        expect((await append(1, second, 'c')).kind).to.equal('committed')
      })

      it('answers uncertain when nothing can be written, and takes the same bytes once it can', async function () {
        const { disk } = bench
        if (disk === null) return this.skip()
        const [first = 0] = await chain(1, 'a')
        disk.fill(journal)
        const big = 'b'.repeat(400_000)
        expect(await append(1, first, big)).to.deep.equal({ kind: 'uncertain' })
        expect(await append(1, first, big)).to.deep.equal({ kind: 'uncertain' })
        disk.free(journal)
        const position = await committed(1, first, big)
        expect(await append(1, first, big)).to.deep.equal({ kind: 'committed', position })
        await committed(1, position, 'c')
        expect(texts(await read([[1, 0]]), 1)).to.deep.equal(['a', big, 'c'])
      })
    })
  })
}
