// Rows compared by chunks: the same rows make the same digests, and another row changes that of its chunk alone.

import { expect } from 'chai'
import { chunkRange, type Row, RowHasher, StoredDigests } from '../../server/audit/cluster/rowDigests.ts'

const PARTITION = 3

const row = (seq: number, text = 'as it was'): Row => ({ seq, fields: { text: `${text} ${seq}` } })

function stored(rows: readonly Row[]): StoredDigests {
  const digests = new StoredDigests()
  digests.add(0, row(1))
  for (const one of rows) digests.add(PARTITION, one)
  digests.add(PARTITION + 1, row(1))
  digests.seal()
  return digests
}

/** Chunks in which these rows are not those of the store. */
function differing(digests: StoredDigests, rows: readonly Row[]): readonly number[] {
  const hasher = new RowHasher()
  const found: number[] = []
  const compare = (digest: string): void => {
    if (digest !== digests.digest(PARTITION, hasher.chunk)) found.push(hasher.chunk)
  }
  for (const one of rows) {
    for (const digest of hasher.before(one)) compare(digest)
    hasher.take(one)
  }
  compare(hasher.finish())
  return found
}

describe('digests of rows', () => {
  const [, end] = chunkRange(0)
  // Several to a chunk, one at each edge, and chunks without any.
  const seqs = [1, 2, 3, end, end + 1, end + 2, end * 5, end * 5 + 1, end * 9]
  const rows = seqs.map((seq) => row(seq))

  it('are the same for the same rows', () => {
    expect(differing(stored(rows), rows)).to.deep.equal([])
    expect(stored(rows).chunks(PARTITION)).to.equal(Math.floor((end * 9) / (end + 1)) + 1)
  })

  for (const [index, seq] of seqs.entries()) {
    const chunk = Math.floor(seq / (end + 1))

    it(`tell another row at ${seq}`, () => {
      expect(differing(stored(rows), rows.with(index, row(seq, 'changed')))).to.deep.equal([chunk])
    })

    it(`tell a row less at ${seq}`, () => {
      const fewer = rows.toSpliced(index, 1)
      expect(differing(stored(fewer), rows)).to.deep.equal([chunk])
    })
  }
})
