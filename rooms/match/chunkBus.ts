// Tells who watches in this process of each chunk as it is made. Who watches in another reads them from Blobs.

import type { Chunk } from './chunk.ts'

type Listener = (chunk: Chunk) => void

export class ChunkBus {
  private readonly listeners = new Map<string, Set<Listener>>()

  made(chunk: Chunk): void {
    for (const listener of this.listeners.get(chunk.head.match) ?? []) listener(chunk)
  }

  /** Answers a function that ends it. */
  follow(match: string, listener: Listener): () => void {
    const listeners = this.listeners.get(match) ?? new Set()
    this.listeners.set(match, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.listeners.get(match) === listeners) this.listeners.delete(match)
    }
  }
}
