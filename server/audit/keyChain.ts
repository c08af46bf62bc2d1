// The keys of one actor boiled down to one hash (M6), whatever order their rows are read in: the sum, bit by bit, of a
// hash for each of them with its place. Found out by it is damage, not somebody who looks for a collision.

import { hash } from 'node:crypto'

export interface KeyOutcomeRow {
  readonly seq: number
  readonly atMs: number
  readonly key: string
  readonly hash: string
  readonly refused: string | null
  /** JSON text. */
  readonly reply: string
}

export class KeyChain {
  count = 0
  /** Of the newest key. */
  lastSeq = 0
  private digest = 0n

  /** The key at a place from 0; the next one where none is named. */
  add(row: KeyOutcomeRow, place = this.count): void {
    const { seq, atMs, key, refused, reply } = row
    const text = JSON.stringify([place, seq, atMs, key, row.hash, refused, reply])
    this.digest ^= BigInt(`0x${hash('sha256', text, 'hex')}`)
    this.count++
    this.lastSeq = Math.max(this.lastSeq, seq)
  }

  equals(other: KeyChain): boolean {
    return this.count === other.count && this.lastSeq === other.lastSeq && this.digest === other.digest
  }
}
