// A disk of its own that a test can fill: a small tmpfs under a temporary folder. Mounting takes root; whoever asks
// without it is told why not.

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './server.ts'

export interface SmallDisk {
  readonly folder: string
  /** Not a byte more fits afterwards. */
  fill(): void
  /** Takes back what `fill` put there. */
  free(): void
  unmount(): void
}

const CHUNK_BYTES = [1 << 20, 4096, 1] as const

const mounted = new Set<string>()
process.on('exit', () => {
  for (const folder of mounted) unmountQuietly(folder)
})

/** The disk, or the reason why this machine cannot have one. */
export function mountSmallDisk(megabytes: number): SmallDisk | string {
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    return `no tmpfs can be mounted here (${error instanceof Error ? error.message.trim() : String(error)})`
  }
  mounted.add(folder)
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill: () => fill(ballast),
    free: () => rmSync(ballast, { force: true }),
    unmount() {
      execFileSync('umount', [folder], { stdio: 'pipe' })
      mounted.delete(folder)
    },
  }
}

function fill(file: string): void {
  const descriptor = openSync(file, 'a')
  try {
    for (const bytes of CHUNK_BYTES) writeUntilFull(descriptor, Buffer.alloc(bytes, 0x5a))
  } finally {
    closeSync(descriptor)
  }
}

function writeUntilFull(descriptor: number, chunk: Uint8Array): void {
  try {
    for (;;) writeSync(descriptor, chunk)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}

// Lazily: a server killed a moment ago may still hold it.
function unmountQuietly(folder: string): void {
  try {
    execFileSync('umount', ['-l', folder], { stdio: 'pipe' })
  } catch {
    // the others are unmounted all the same
  }
}
