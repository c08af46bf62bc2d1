// The names met lately (actors, accounts, assets, keys of fields), one to a slot: a name that comes again is found by its
// bytes and needs no new string, and equal names being one string are found faster in a map. Bounded; only saves time.

const MOST_SLOTS = 1 << 16

export class Names {
  private names: string[] = []
  private copies: (Uint8Array | null)[] = []
  private mask = -1
  private misses = 0

  constructor() {
    this.resize(1 << 8)
  }

  /** The ASCII text of bytes[start, end), whose hash the reader has computed on the way. */
  keep(bytes: Buffer, start: number, end: number, hash: number): string {
    const slot = (hash ^ (hash >>> 15)) & this.mask
    const copy = this.copies[slot] ?? null
    if (copy !== null && standsAt(copy, bytes, start, end)) return this.names[slot] ?? ''
    const name = bytes.toString('latin1', start, end)
    this.names[slot] = name
    this.copies[slot] = new Uint8Array(bytes.subarray(start, end))
    if (++this.misses > this.mask && this.mask + 1 < MOST_SLOTS) this.resize((this.mask + 1) * 4)
    return name
  }

  private resize(slots: number): void {
    this.names = Array.from({ length: slots }, () => '')
    this.copies = Array.from({ length: slots }, () => null)
    this.mask = slots - 1
    this.misses = 0
  }
}

function standsAt(copy: Uint8Array, bytes: Buffer, start: number, end: number): boolean {
  if (copy.length !== end - start) return false
  for (let index = 0; index < copy.length; index++) if (copy[index] !== bytes[start + index]) return false
  return true
}
