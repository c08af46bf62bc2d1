// Blobs as files: the suite, and what only files can get wrong.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { FileBlobs } from '../../server/blobs/fileBlobs.ts'
import { temporaryFolder } from '../support/server.ts'
import { blobsSuite } from './blobs.suite.ts'

blobsSuite('files', async (name) => new FileBlobs(join(temporaryFolder(), name)))

describe('blobs: files alone', () => {
  it('do not list what a dead process left unfinished', async () => {
    const folder = temporaryFolder()
    const blobs = new FileBlobs(folder)
    await blobs.put('m/1', Buffer.from('x'))
    writeFileSync(join(folder, 'm', '.unfinished-abc'), 'half')
    expect(await blobs.list('')).to.deep.equal(['m/1'])
  })

  it('leave nothing beside the place where a put failed', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'taken'))
    const blobs = new FileBlobs(folder)
    const error = await blobs.put('taken', Buffer.from('x')).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).to.be.instanceOf(Error)
    expect(readdirSync(folder)).to.deep.equal(['taken'])
  })

  it('make no folder before there is a blob', async () => {
    const folder = join(temporaryFolder(), 'blobs')
    const blobs = new FileBlobs(folder)
    expect([await blobs.list(''), await blobs.get('x'), existsSync(folder)]).to.deep.equal([[], null, false])
  })
})
