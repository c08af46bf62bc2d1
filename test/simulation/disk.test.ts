// The simulator's own disk keeps the promises of J2 that the runtime relies on, or its findings would mean nothing.

import { expect } from 'chai'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { Disk } from './disk.ts'
import { Prng } from './prng.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

describe('simulated disk', () => {
  const make = () => {
    const landed: StoredBatch[] = []
    return { landed, disk: new Disk(2, new Prng(1), (batch) => landed.push(batch)) }
  }

  it('takes a batch only at the head, and fences every other writer for good', () => {
    const { disk, landed } = make()
    const first = disk.write(0, 0, bytes('a'))
    expect(first.kind).to.equal('committed')
    expect(disk.write(0, 0, bytes('b')).kind).to.equal('fenced')
    const head = disk.head(0)
    expect(disk.write(0, head, bytes('c')).kind).to.equal('committed')
    expect(disk.write(0, head, bytes('d')).kind).to.equal('fenced')
    expect(landed.map((batch) => Buffer.from(batch.bytes).toString())).to.deep.equal(['a', 'c'])
  })

  it('answers the same bytes at the same place with their first position, however late', () => {
    const { disk, landed } = make()
    const first = disk.write(0, 0, bytes('a'))
    disk.write(0, disk.head(0), bytes('b'))
    expect(disk.write(0, 0, bytes('a'))).to.deep.equal(first)
    expect(landed).to.have.length(2)
  })

  it('keeps what it was given, whatever becomes of the buffer', () => {
    const { disk } = make()
    const buffer = bytes('abc')
    disk.write(1, 0, buffer)
    buffer[0] = 0
    expect(disk.after(1, 0).map((batch) => Buffer.from(batch.bytes).toString())).to.deep.equal(['abc'])
    expect(disk.head(0)).to.equal(0)
  })
})
