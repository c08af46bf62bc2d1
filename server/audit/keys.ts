// M6: (actor, key) has one outcome for at least 24 h of record time. A partition's keys are kept as 128 bits of SHA-256
// each, in two generations of a day: as the younger one grows a day old, the older is forgotten. 32 bytes a slot.

import { hash } from 'node:crypto'
import { broken } from './violation.ts'

const WINDOW_MS = 24 * 60 * 60 * 1000
const WORDS = 4

export class KeyWindow {
  private young = new KeyTable()
  private old = new KeyTable()
  private youngSinceMs = 0

  /** Notes the outcome of record `seq` under the key; a second one within the window is a finding. */
  note(actor: string, key: string, seq: number, atMs: number): void {
    if (atMs - this.youngSinceMs >= WINDOW_MS) this.rotate(atMs)
    const fingerprint = fingerprintOf(actor, key)
    const earlier = this.young.find(fingerprint) ?? this.old.find(fingerprint)
    if (earlier !== null && atMs - earlier.atMs < WINDOW_MS) {
      broken('M6', `key ${JSON.stringify(key)} of ${actor} already has the outcome of record ${earlier.seq}`)
    }
    this.young.add(fingerprint, seq, atMs)
  }

  private rotate(atMs: number): void {
    // Nothing in `young` is older than a day when the next generation begins, unless the partition slept for longer.
    this.old = this.young
    this.young = new KeyTable()
    this.youngSinceMs = atMs
  }
}

type Fingerprint = readonly [number, number, number, number]

// The separator is a line feed, which no actor key contains.
function fingerprintOf(actor: string, key: string): Fingerprint {
  const digest = hash('sha256', `${actor}\n${key}`, 'binary')
  return [word(digest, 0), word(digest, 4), word(digest, 8), word(digest, 12)]
}

function word(digest: string, at: number): number {
  const high = (digest.charCodeAt(at) << 8) | digest.charCodeAt(at + 1)
  const low = (digest.charCodeAt(at + 2) << 8) | digest.charCodeAt(at + 3)
  return ((high << 16) | low) >>> 0
}

/** Open addressing over typed arrays; a slot is free while its seq is 0, and no record has that. */
class KeyTable {
  private capacity = 64
  private used = 0
  private words = new Uint32Array(this.capacity * WORDS)
  private seqs = new Float64Array(this.capacity)
  private times = new Float64Array(this.capacity)

  find(fingerprint: Fingerprint): { readonly seq: number; readonly atMs: number } | null {
    const slot = this.slotOf(fingerprint)
    const seq = this.seqs[slot] ?? 0
    return seq === 0 ? null : { seq, atMs: this.times[slot] ?? 0 }
  }

  add(fingerprint: Fingerprint, seq: number, atMs: number): void {
    if (this.used * 3 >= this.capacity * 2) this.grow()
    const slot = this.slotOf(fingerprint)
    if (this.seqs[slot] === 0) this.used++
    this.words.set(fingerprint, slot * WORDS)
    this.seqs[slot] = seq
    this.times[slot] = atMs
  }

  private slotOf(fingerprint: Fingerprint): number {
    const mask = this.capacity - 1
    let slot = fingerprint[0] & mask
    while (this.seqs[slot] !== 0 && !this.holds(slot, fingerprint)) slot = (slot + 1) & mask
    return slot
  }

  private holds(slot: number, [a, b, c, d]: Fingerprint): boolean {
    const { words } = this
    const at = slot * WORDS
    return words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d
  }

  private grow(): void {
    const { capacity, words, seqs, times } = this
    this.capacity = capacity * 2
    this.used = 0
    this.words = new Uint32Array(this.capacity * WORDS)
    this.seqs = new Float64Array(this.capacity)
    this.times = new Float64Array(this.capacity)
    for (let slot = 0; slot < capacity; slot++) {
      const seq = seqs[slot] ?? 0
      if (seq === 0) continue
      const at = slot * WORDS
      this.add([words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0], seq, times[slot] ?? 0)
    }
  }
}
