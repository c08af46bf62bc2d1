// Files by their bytes: how many and which, as a manifest says it, and copies of them that are on the disk.

import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFile } from '../journal/journalFile.ts'

const CHUNK_BYTES = 1024 * 1024

export interface FileDigest {
  readonly bytes: number
  readonly sha256: string
}

export function digestOf(file: string): FileDigest {
  return read(file, () => {})
}

/** Answers what was written, which is synced; the folder's names are the caller's to sync. */
export function copyFile(from: string, to: string): FileDigest {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  const fd = openSync(to, 'wx', 0o600)
  try {
    const digest = read(from, (chunk) => {
      for (let at = 0; at < chunk.byteLength; ) at += writeSync(fd, chunk, at)
    })
    fsyncSync(fd)
    return digest
  } finally {
    closeSync(fd)
  }
}

/** The names in the folders below, which `copyFile` has made. */
export function syncFolders(folder: string, files: readonly { readonly name: string }[]): void {
  const folders = new Set<string>()
  for (let { name } of files)
    while (name.includes('/')) {
      name = name.slice(0, name.lastIndexOf('/'))
      folders.add(name)
    }
  for (const name of folders) syncFile(join(folder, name))
}

function read(file: string, each: (chunk: Uint8Array) => void): FileDigest {
  const fd = openSync(file, 'r')
  try {
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    let bytes = 0
    for (;;) {
      const length = readSync(fd, buffer, 0, CHUNK_BYTES, null)
      if (length === 0) return { bytes, sha256: hash.digest('hex') }
      const chunk = buffer.subarray(0, length)
      hash.update(chunk)
      each(chunk)
      bytes += length
    }
  } finally {
    closeSync(fd)
  }
}
