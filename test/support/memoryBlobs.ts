// Blobs in memory that can be slow, away, or lose what was written.

import type { Blobs } from '../../rooms/blobs.ts'

export class MemoryBlobs implements Blobs {
  readonly all = new Map<string, Uint8Array>()
  isAway = false
  private held: (() => void)[] | null = null

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.reach()
    this.all.set(name, bytes)
  }

  async get(name: string): Promise<Uint8Array | null> {
    await this.reach()
    return this.all.get(name) ?? null
  }

  async list(prefix: string): Promise<readonly string[]> {
    await this.reach()
    return [...this.all.keys()].filter((name) => name.startsWith(prefix)).sort()
  }

  async remove(name: string): Promise<void> {
    await this.reach()
    this.all.delete(name)
  }

  /** Nothing is answered from now on. */
  hold(): void {
    this.held = []
  }

  release(): void {
    const held = this.held ?? []
    this.held = null
    for (const resolve of held) resolve()
  }

  private async reach(): Promise<void> {
    const { held } = this
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve))
    if (this.isAway) throw new Error('blobs are away')
  }
}
