// What every place for blobs does: whole or nothing, the newest under a name, lists in order, names that stay inside.

import { expect } from 'chai'
import type { Blobs } from '../../rooms/blobs.ts'

export function blobsSuite(adapter: string, open: (name: string) => Promise<Blobs>): void {
  let blobs: Blobs
  let round = 0
  const text = (words: string): Uint8Array => Buffer.from(words)
  const read = async (name: string): Promise<string | null> => {
    const bytes = await blobs.get(name)
    return bytes === null ? null : Buffer.from(bytes).toString()
  }

  describe(`blobs: ${adapter}`, () => {
    beforeEach(async () => {
      round++
      blobs = await open(`b${round}`)
    })

    it('gives back what was put, byte for byte', async () => {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) & 0xff)
      await blobs.put('matches/m_1/1/000001', bytes)
      expect(Buffer.from((await blobs.get('matches/m_1/1/000001')) ?? []).equals(bytes)).to.equal(true)
      await blobs.put('empty', new Uint8Array(0))
      expect(await read('empty')).to.equal('')
    })

    it('says null of a name that nobody put, and of a folder', async () => {
      await blobs.put('a/b/c', text('x'))
      expect([await read('nothing'), await read('a/b'), await read('a/b/d'), await read('a/b/c/d')]).to.deep.equal([
        ...[null, null, null, null],
      ])
    })

    it('has the newest under a name', async () => {
      await blobs.put('n', text('one'))
      await blobs.put('n', text('two'))
      expect(await read('n')).to.equal('two')
    })

    it('lists what begins so, in order, and nothing else', async () => {
      for (const name of ['m/2/b', 'm/1/z', 'm/1/a', 'm/10/a', 'other/1']) await blobs.put(name, text(name))
      expect(await blobs.list('m/1/')).to.deep.equal(['m/1/a', 'm/1/z'])
      expect(await blobs.list('m/')).to.deep.equal(['m/1/a', 'm/1/z', 'm/10/a', 'm/2/b'])
      expect(await blobs.list('none/')).to.deep.equal([])
      expect(await blobs.list('')).to.have.length(5)
    })

    it('lists more than one answer of a server holds', async () => {
      const names = Array.from({ length: 1_050 }, (_, index) => `many/${String(index).padStart(5, '0')}`)
      for (let from = 0; from < names.length; from += 50)
        await Promise.all(names.slice(from, from + 50).map((name) => blobs.put(name, text('x'))))
      expect(await blobs.list('many/')).to.deep.equal(names)
    })

    it('removes, and does so again without complaint', async () => {
      await blobs.put('gone', text('x'))
      await blobs.remove('gone')
      await blobs.remove('gone')
      expect(await read('gone')).to.equal(null)
    })

    it('never shows half of one', async () => {
      const versions = ['a', 'b', 'c', 'd'].map((letter) => text(letter.repeat(200_000)))
      await blobs.put('racing', versions[0] ?? text(''))
      let writing = true
      const written = Promise.all(versions.map((bytes) => blobs.put('racing', bytes))).then(() => {
        writing = false
      })
      do {
        const seen = (await read('racing')) ?? ''
        expect(seen.length).to.equal(200_000)
        expect(new Set(seen).size).to.equal(1)
      } while (writing)
      await written
    })

    it('takes no name that leads elsewhere', async () => {
      for (const name of ['', '/', '../x', 'a/../b', 'a//b', '.hidden', 'a/.b', 'a\\b', 'ä', 'a b', 'x'.repeat(200)]) {
        for (const attempt of [() => blobs.put(name, text('x')), () => blobs.get(name), () => blobs.remove(name)]) {
          const error = await attempt().then(
            () => null,
            (thrown: unknown) => thrown,
          )
          expect(error, JSON.stringify(name)).to.be.instanceOf(RangeError)
        }
      }
    })
  })
}
