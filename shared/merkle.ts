// A Merkle tree as RFC 6962 defines it, over SHA-256: leaves and nodes are hashed with prefixes of their own, so that
// neither passes for the other, and a tree of any size has one shape. A tree is grown leaf by leaf in memory that grows
// with the logarithm of its size; what it keeps on the way proves one leaf. The size is part of what a proof is checked
// against, like the root: a path fits some other sizes as well.

import { hash } from 'node:crypto'

export type Hash = Uint8Array

export const HASH_BYTES = 32
const LEAF = 0x00
const NODE = 0x01

/** The root of a tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Hash = sha256(new Uint8Array(0))

/** Where prefix and leaf are put together, without a new buffer for each; grows to the largest leaf seen. */
let leafScratch = new Uint8Array(4096)
const nodeScratch = new Uint8Array(1 + 2 * HASH_BYTES)
nodeScratch[0] = NODE

export function leafHash(leaf: Uint8Array): Hash {
  if (leaf.length + 1 > leafScratch.length) leafScratch = new Uint8Array(2 * (leaf.length + 1))
  leafScratch[0] = LEAF
  leafScratch.set(leaf, 1)
  return sha256(leafScratch.subarray(0, leaf.length + 1))
}

export function nodeHash(left: Hash, right: Hash): Hash {
  nodeScratch.set(left, 1)
  nodeScratch.set(right, 1 + HASH_BYTES)
  return sha256(nodeScratch)
}

/** A full subtree, 2^n leaves; the larger ones stand to the left. */
interface Peak {
  readonly hash: Hash
  /** Whether the leaf that is to be proved is in it. */
  readonly holds: boolean
}

/** A tree that is grown. With the index of a leaf it also collects that leaf's path. */
export class MerkleTree {
  private readonly proved: number
  private readonly peaks: Peak[] = []
  private readonly siblings: Hash[] = []
  private leaves = 0

  constructor(proved: number | null = null) {
    this.proved = proved ?? -1
  }

  get size(): number {
    return this.leaves
  }

  add(leaf: Uint8Array): void {
    let peak: Peak = { hash: leafHash(leaf), holds: this.leaves === this.proved }
    // A peak of each size at most: two of a size become one of the next, as a carry does.
    for (let left = this.leaves; left % 2 === 1; left = (left - 1) / 2)
      peak = join(this.peaks.pop(), peak, this.siblings)
    this.peaks.push(peak)
    this.leaves++
  }

  /** Of the leaves added so far. */
  root(): Hash {
    return this.fold([])
  }

  /** Siblings of the proved leaf from the bottom up, as the tree is now, or null where it is not in the tree. */
  path(): readonly Hash[] | null {
    if (this.proved < 0 || this.proved >= this.leaves) return null
    const path = [...this.siblings]
    this.fold(path)
    return path
  }

  private fold(siblings: Hash[]): Hash {
    let right = this.peaks.at(-1)
    if (right === undefined) return EMPTY_ROOT
    for (let index = this.peaks.length - 2; index >= 0; index--) right = join(this.peaks[index], right, siblings)
    return right.hash
  }
}

function join(left: Peak | undefined, right: Peak, siblings: Hash[]): Peak {
  if (left === undefined) throw new Error('a tree with fewer peaks than its size has ones')
  if (left.holds) siblings.push(right.hash)
  else if (right.holds) siblings.push(left.hash)
  return { hash: nodeHash(left.hash, right.hash), holds: left.holds || right.holds }
}

/** The root that a leaf has at this index of a tree of this size, or null where the path is not one of such a leaf. */
export function rootOfPath(leaf: Uint8Array, index: number, size: number, path: readonly Hash[]): Hash | null {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return null
  let hash = leafHash(leaf)
  let node = index
  let last = size - 1
  for (const sibling of path) {
    if (last === 0 || sibling.length !== HASH_BYTES) return null
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      // The last node of a level has no sibling there where the level is odd: it rises to where it has one.
      for (; node % 2 === 0 && node !== 0; node /= 2) last = Math.floor(last / 2)
    } else {
      hash = nodeHash(hash, sibling)
    }
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : null
}

function sha256(bytes: Uint8Array): Hash {
  return hash('sha256', bytes, 'buffer')
}
