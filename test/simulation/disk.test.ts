// The simulator's own disk keeps the promises of J2 that the runtime relies on, or its findings would mean nothing.

import { expect } from 'chai'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { Disk } from './disk.ts'
import { Prng } from './prng.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

describe('simulated disk', () => {
  const make = () => {
    const landed: StoredBatch[] = []
    const disk = new Disk(2, new Prng(1), { landed: (batch) => landed.push(batch), found: () => {} })
    const write = (partition: number, expected: number, content: Uint8Array) =>
      disk.write(partition, expected, content, 'n0')
    return { landed, disk, write }
  }

  it('takes a batch only at the head, and fences every other writer for good', () => {
    const { disk, landed, write } = make()
    const first = write(0, 0, bytes('a'))
    expect(first.kind).to.equal('committed')
    expect(write(0, 0, bytes('b')).kind).to.equal('fenced')
    const head = disk.head(0)
    expect(write(0, head, bytes('c')).kind).to.equal('committed')
    expect(write(0, head, bytes('d')).kind).to.equal('fenced')
    expect(landed.map((batch) => Buffer.from(batch.bytes).toString())).to.deep.equal(['a', 'c'])
  })

  it('answers the same bytes at the same place with their first position, however late', () => {
    const { disk, landed, write } = make()
    const first = write(0, 0, bytes('a'))
    write(0, disk.head(0), bytes('b'))
    expect(write(0, 0, bytes('a'))).to.deep.equal(first)
    expect(landed).to.have.length(2)
  })

  it('keeps what it was given, whatever becomes of the buffer', () => {
    const { disk, write } = make()
    const buffer = bytes('abc')
    write(1, 0, buffer)
    buffer[0] = 0
    expect(disk.after(1, 0).map((batch) => Buffer.from(batch.bytes).toString())).to.deep.equal(['abc'])
    expect(disk.head(0)).to.equal(0)
  })
})
