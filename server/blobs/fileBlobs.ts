// Blobs as files below one folder. Each is written beside its place, synced, and renamed, so that a reader finds all of it
// or nothing, and it outlives a power cut once `put` has resolved.

import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Blobs } from '../../rooms/blobs.ts'
import { assertBlobName, assertBlobPrefix } from './blobName.ts'

/** A name that no blob has: it begins with a dot. */
const UNFINISHED = '.unfinished-'

export class FileBlobs implements Blobs {
  private readonly folder: string

  /** It is made when the first blob is. */
  constructor(folder: string) {
    this.folder = folder
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.pathOf(name)
    const folder = dirname(path)
    await this.makeFolder(folder)
    const beside = join(folder, `${UNFINISHED}${randomBytes(9).toString('base64url')}`)
    try {
      const file = await open(beside, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(beside, path)
    } catch (error) {
      await rm(beside, { force: true })
      throw error
    }
    await syncFolder(folder)
  }

  async get(name: string): Promise<Uint8Array | null> {
    try {
      return await readFile(this.pathOf(name))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    assertBlobPrefix(prefix)
    const names: string[] = []
    await this.gather(join(this.folder, prefix), names)
    return names.sort()
  }

  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true })
  }

  private async gather(folder: string, names: string[]): Promise<void> {
    let entries: Awaited<ReturnType<typeof readEntries>>
    try {
      entries = await readEntries(folder)
    } catch (error) {
      if (isMissing(error)) return
      throw error
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) await this.gather(path, names)
      else names.push(relative(this.folder, path).split('\\').join('/'))
    }
  }

  private pathOf(name: string): string {
    assertBlobName(name)
    return join(this.folder, name)
  }

  /** The folder's own place in the one above has to outlive a power cut as well. */
  private async makeFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
  }
}

function readEntries(folder: string) {
  return readdir(folder, { withFileTypes: true })
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
}
