// Disks: one that has not enough room is told, wherever it ends, and what was begun there is taken away again; and the root
// of a disk, which cannot be renamed, is as good a place as any.

import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { checkedBackup } from '../../server/backup/checkedBackup.ts'
import { restoreBackup } from '../../server/backup/restoreBackup.ts'
import { contentOf } from '../export/bench.ts'
import { doneOf } from '../proof/bench.ts'
import { mountSmallDisk, type SmallDisk } from '../support/fullDisk.ts'
import { temporaryFolder } from '../support/server.ts'
import { backedUp, filesBelow, fullFolder, NOW_MS } from './bench.ts'

const DISK_BYTES = 1024 * 1024
/** The folder's files are some 440 KB. */
const ROOMS = [0, 4, 40, 100, 200, 300, 400].map((kilobytes) => kilobytes * 1024)

describe('backup and restore on small disks', () => {
  let disk: SmallDisk
  let data: string
  let backup: string
  before(async function () {
    const mounted = mountSmallDisk(1)
    if (typeof mounted === 'string') {
      console.log(`      skipped: ${mounted}`)
      return this.skip()
    }
    disk = mounted
    data = (await fullFolder()).path
    backup = join(temporaryFolder(), 'backup')
    doneOf(await backedUp(data, { out: backup }))
  })
  after(() => disk?.unmount())

  const withRoom = async (bytes: number, work: (folder: string) => Promise<unknown>): Promise<void> => {
    const ballast = join(disk.folder, 'ballast')
    const folder = join(disk.folder, 'folder')
    mkdirSync(folder)
    // The folder itself counts as a page.
    writeFileSync(ballast, Buffer.alloc(DISK_BYTES - bytes - 4096))
    const told = await work(folder).then(JSON.stringify, String)
    expect(told, `with ${bytes} bytes`).to.match(/(?:ENOSPC|disk is full).*Make room on its disk/)
    expect(readdirSync(folder), 'left over').to.deep.equal([])
    expect(openBelow(disk.folder), 'files that are still open').to.deep.equal([])
    rmSync(ballast)
    rmSync(folder, { recursive: true })
  }

  for (const room of ROOMS)
    it(`with room for ${room / 1024} KB: told, and nothing is left`, async () => {
      await withRoom(room, (out) => backedUp(data, { out }))
      await withRoom(room, (folder) => restoreBackup({ from: backup, data: folder, asOfMs: null, nowMs: NOW_MS }))
      if (room > 100 * 1024) return
      await withRoom(room, (folder) => restoreBackup({ from: backup, data: folder, asOfMs: NOW_MS, nowMs: NOW_MS }))
    })

  it('at the root of a disk, where the file system has a folder of its own', async () => {
    const own = join(disk.folder, 'lost+found')
    mkdirSync(own)
    doneOf(await backedUp(data, { out: disk.folder }))
    doneOf(checkedBackup(disk.folder))
    for (const name of readdirSync(disk.folder))
      if (name !== 'lost+found') rmSync(join(disk.folder, name), { recursive: true })
    doneOf(await restoreBackup({ from: backup, data: disk.folder, asOfMs: null, nowMs: NOW_MS }))
    expect(await contentOf(disk.folder)).to.deep.equal(await contentOf(data))
    expect(readdirSync(disk.folder)).to.include('lost+found')
    expect(filesBelow(disk.folder)).to.include('restored.json')
  })
})

/** Files of this process, where the system lists them. */
function openBelow(folder: string): readonly string[] {
  const list = '/proc/self/fd'
  return readdirSync(list).flatMap((name) => {
    try {
      const file = readlinkSync(join(list, name))
      return file.startsWith(folder) ? [file] : []
    } catch {
      // Closed since: it was the list's own.
      return []
    }
  })
}
