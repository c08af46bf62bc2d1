// A start that finds no room, or cannot write what it says about itself: one line that names the folder and DATA_DIR, no
// stack, and nothing that sounds as if data were broken.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { mountSmallDisk } from '../support/fullDisk.ts'
import { type RunResult, runServer, temporaryFolder } from '../support/server.ts'

const DISK_MEGABYTES = 4
const KB = 1024

describe('a start', () => {
  // Room for nothing, for lock.db alone, and for part of the journal.
  for (const kilobytes of [0, 4, 64]) {
    it(`with ${kilobytes} KB left on its disk says that there is no room`, async function () {
      const disk = mountSmallDisk(DISK_MEGABYTES)
      if (typeof disk === 'string') {
        console.log(`      skipped: ${disk}`)
        return this.skip()
      }
      try {
        const room = join(disk.folder, 'room')
        writeFileSync(room, Buffer.alloc(kilobytes * KB))
        disk.fill()
        rmSync(room)
        const result = await runServer({ DATA_DIR: disk.folder, PORT: '0', PARTITIONS: '4' })
        expectOneLine(result, disk.folder, 'Make room', 'DATA_DIR')
      } finally {
        disk.unmount()
      }
    })
  }

  for (const file of ['lock.pid', 'server.json']) {
    it(`that cannot write ${file} says so`, async () => {
      const folder = temporaryFolder()
      mkdirSync(join(folder, file))
      const result = await runServer({ DATA_DIR: folder, PORT: '0', PARTITIONS: '4' })
      expectOneLine(result, folder, file, 'DATA_DIR')
    })
  }
})

function expectOneLine(result: RunResult | 'started', ...says: readonly string[]): void {
  if (result === 'started') throw new Error('the server started')
  expect(result.code, result.output).to.equal(2)
  const lines = result.output.trim().split('\n')
  expect(lines, result.output).to.have.length(1)
  for (const part of says) expect(lines[0]).to.include(part)
}
