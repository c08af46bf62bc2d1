// A Merkle tree as RFC 6962 defines it, over SHA-256: leaves and nodes are hashed with prefixes of their own, so that
// neither passes for the other, and a tree of any size has one shape. A tree is grown leaf by leaf in memory that grows
// with the logarithm of its size; what it keeps on the way proves one leaf, or that the tree it once was is its beginning.
// Sizes are part of what a proof is checked against, like roots: a path fits some other sizes as well.

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
  /** Whether the node is in it whose siblings are kept. */
  readonly holds: boolean
}

/** What a tree is to prove when it is grown: one leaf, or what it was when it had this many. */
export type Proving = { readonly leaf: number } | { readonly size: number }

/** A tree that is grown. */
export class MerkleTree {
  private readonly leaf: number
  private readonly past: number
  private readonly peaks: Peak[] = []
  private readonly siblings: Hash[] = []
  /** The smallest peak of the past tree, which its siblings lead on from. */
  private seed: Hash | null = null
  private leaves = 0

  constructor(proving: Proving | null = null) {
    this.leaf = proving !== null && 'leaf' in proving ? proving.leaf : -1
    this.past = proving !== null && 'size' in proving ? proving.size : -1
  }

  get size(): number {
    return this.leaves
  }

  add(leaf: Uint8Array): void {
    let peak: Peak = { hash: leafHash(leaf), holds: this.leaves === this.leaf }
    // A peak of each size at most: two of a size become one of the next, as a carry does.
    for (let left = this.leaves; left % 2 === 1; left = (left - 1) / 2)
      peak = join(this.peaks.pop(), peak, this.siblings)
    this.leaves++
    if (this.leaves === this.past) {
      this.seed = peak.hash
      peak = { hash: peak.hash, holds: true }
    }
    this.peaks.push(peak)
  }

  /** Of the leaves added so far. */
  root(): Hash {
    return this.fold([])
  }

  /** Siblings of the proved leaf from the bottom up, as the tree is now, or null where it is not in the tree. */
  path(): readonly Hash[] | null {
    return this.leaf >= 0 && this.leaf < this.leaves ? this.siblingsNow() : null
  }

  /** That the tree of the past size is the beginning of this one, or null where this one is smaller. */
  extension(): readonly Hash[] | null {
    if (this.past < 0 || this.past > this.leaves) return null
    // Of nothing, and of itself, every tree is an extension.
    if (this.past === 0 || this.past === this.leaves || this.seed === null) return []
    // A past tree that is one full subtree is known to whoever knows its root.
    return isPowerOfTwo(this.past) ? this.siblingsNow() : [this.seed, ...this.siblingsNow()]
  }

  private siblingsNow(): Hash[] {
    const siblings = [...this.siblings]
    this.fold(siblings)
    return siblings
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
  const climb = new Climb(index, size - 1)
  for (const sibling of path) {
    if (climb.isOver || sibling.length !== HASH_BYTES) return null
    hash = climb.isRight ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    climb.up()
  }
  return climb.isOver ? hash : null
}

/** A root and the number of leaves under it. */
export interface Rooted {
  readonly root: Hash
  readonly size: number
}

/** Whether the path shows that the first `past.size` leaves of the tree `now` are the leaves of the tree `past`. */
export function isExtension(past: Rooted, now: Rooted, path: readonly Hash[]): boolean {
  if (!Number.isSafeInteger(past.size) || !Number.isSafeInteger(now.size)) return false
  if (past.size < 0 || past.size > now.size) return false
  if (past.size === 0) return path.length === 0 && same(past.root, EMPTY_ROOT)
  if (past.size === now.size) return path.length === 0 && same(past.root, now.root)
  const [seed, ...siblings] = isPowerOfTwo(past.size) ? [past.root, ...path] : path
  if (seed === undefined || path.length === 0) return false
  const climb = new Climb(past.size - 1, now.size - 1)
  climb.toSeed()
  let [before, after] = [seed, seed]
  for (const sibling of siblings) {
    if (climb.isOver || sibling.length !== HASH_BYTES) return false
    // What stands to the left was there before; what stands to the right came later.
    if (climb.isRight) before = nodeHash(sibling, before)
    after = climb.isRight ? nodeHash(sibling, after) : nodeHash(after, sibling)
    climb.up()
  }
  return climb.isOver && same(before, past.root) && same(after, now.root)
}

/** The way from a node up to the root: its index among the nodes of its level, and that level's last one. */
class Climb {
  private node: number
  private last: number

  constructor(node: number, last: number) {
    this.node = node
    this.last = last
  }

  get isOver(): boolean {
    return this.last === 0
  }

  /** Whether the next sibling stands to the left. */
  get isRight(): boolean {
    return this.node % 2 === 1 || this.node === this.last
  }

  up(): void {
    // The last node of a level has no sibling there where it is a left one: it rises to where it has one.
    if (this.isRight) while (this.node % 2 === 0 && this.node !== 0) this.level()
    this.level()
  }

  /** From the last leaf of a tree to the root of its smallest peak. */
  toSeed(): void {
    while (this.node % 2 === 1) this.level()
  }

  private level(): void {
    this.node = Math.floor(this.node / 2)
    this.last = Math.floor(this.last / 2)
  }
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size)) && 2 ** Math.log2(size) === size
}

function same(one: Hash, other: Hash): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

function sha256(bytes: Uint8Array): Hash {
  return hash('sha256', bytes, 'buffer')
}
