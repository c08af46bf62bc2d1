// The Merkle tree against the published vectors of Certificate Transparency, against a tree written after the RFC's own
// recursive definition, and: every leaf of every size is proved, and nothing else is.

import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { EMPTY_ROOT, type Hash, isExtension, leafHash, MerkleTree, nodeHash, rootOfPath } from '../../shared/merkle.ts'

const hex = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('hex')
const bytes = (text: string): Buffer => Buffer.from(text, 'hex')

/** Leaves of the test tree of Certificate Transparency, and its root after each. */
const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const CT_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
/** [index, size, path] of proofs in that tree. */
const CT_PATHS: readonly (readonly [number, number, readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
]

/** [past size, size, proof] in that tree. */
const CT_EXTENSIONS: readonly (readonly [number, number, readonly string[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]

/** As RFC 6962, 2.1 and 2.1.1 write them. */
function definedRoot(leaves: readonly Uint8Array[]): Hash {
  const [leaf] = leaves
  if (leaf === undefined) return createHash('sha256').digest()
  if (leaves.length === 1) return createHash('sha256').update(Buffer.of(0)).update(leaf).digest()
  const cut = cutOf(leaves.length)
  const halves = [definedRoot(leaves.slice(0, cut)), definedRoot(leaves.slice(cut))]
  return createHash('sha256')
    .update(Buffer.concat([Buffer.of(1), ...halves]))
    .digest()
}

function definedPath(index: number, leaves: readonly Uint8Array[]): readonly Hash[] {
  if (leaves.length === 1) return []
  const cut = cutOf(leaves.length)
  const [left, right] = [leaves.slice(0, cut), leaves.slice(cut)]
  if (index < cut) return [...definedPath(index, left), definedRoot(right)]
  return [...definedPath(index - cut, right), definedRoot(left)]
}

function cutOf(size: number): number {
  let cut = 1
  while (cut * 2 < size) cut *= 2
  return cut
}

/** PROOF(m, D[n]) of RFC 6962, 2.1.2. */
function definedExtension(past: number, leaves: readonly Uint8Array[], isWhole = true): readonly Hash[] {
  if (past === leaves.length) return isWhole ? [] : [definedRoot(leaves)]
  const cut = cutOf(leaves.length)
  const [left, right] = [leaves.slice(0, cut), leaves.slice(cut)]
  if (past <= cut) return [...definedExtension(past, left, isWhole), definedRoot(right)]
  return [...definedExtension(past - cut, right, false), definedRoot(left)]
}

function treeOf(leaves: readonly Uint8Array[], proved: number | null = null): MerkleTree {
  const tree = new MerkleTree(proved === null ? null : { leaf: proved })
  for (const leaf of leaves) tree.add(leaf)
  return tree
}

const extensionOf = (leaves: readonly Uint8Array[], past: number): readonly Hash[] => {
  const tree = new MerkleTree({ size: past })
  for (const leaf of leaves) tree.add(leaf)
  return tree.extension() ?? []
}

const rooted = (leaves: readonly Uint8Array[]) => ({ root: treeOf(leaves).root(), size: leaves.length })

const pathOf = (leaves: readonly Uint8Array[], index: number): readonly Hash[] => treeOf(leaves, index).path() ?? []

/** Leaves that differ from each other, with the index of one. */
const someTree = fc
  .uniqueArray(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 70, selector: (leaf) => hex(leaf) })
  .chain((leaves) => fc.record({ leaves: fc.constant(leaves), index: fc.nat(leaves.length - 1) }))

function flipped(hash: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(hash)
  const at = (bit >> 3) % Math.max(1, copy.length)
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7))
  return copy
}

describe('merkle tree', () => {
  it('has the published root for no leaves, and after each of the published ones', () => {
    expect(hex(EMPTY_ROOT)).to.equal('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(hex(new MerkleTree().root())).to.equal(hex(EMPTY_ROOT))
    const tree = new MerkleTree()
    for (const [index, leaf] of CT_LEAVES.entries()) {
      tree.add(bytes(leaf))
      expect(hex(tree.root()), `${index + 1} leaves`).to.equal(CT_ROOTS[index])
    }
  })

  for (const [index, size, path] of CT_PATHS) {
    it(`has the published path of leaf ${index} among ${size}`, () => {
      const leaves = CT_LEAVES.slice(0, size).map(bytes)
      expect(pathOf(leaves, index).map(hex)).to.deep.equal(path)
      expect(hex(rootOfPath(leaves[index] ?? EMPTY_ROOT, index, size, path.map(bytes)))).to.equal(CT_ROOTS[size - 1])
    })
  }

  it('proves every leaf of every size up to 130, as the definition does', () => {
    const all = Array.from({ length: 130 }, (_, index) => Buffer.from(`leaf ${index}`))
    for (let size = 1; size <= all.length; size++) {
      const leaves = all.slice(0, size)
      const root = hex(definedRoot(leaves))
      expect(hex(treeOf(leaves).root())).to.equal(root)
      for (const index of size < 20 ? leaves.keys() : [0, 1, size >> 1, size - 2, size - 1]) {
        const path = pathOf(leaves, index)
        expect(path.map(hex), `${index} of ${size}`).to.deep.equal(definedPath(index, leaves).map(hex))
        expect(hex(rootOfPath(leaves[index] ?? EMPTY_ROOT, index, size, path))).to.equal(root)
      }
    }
  })

  it('proves leaves of any bytes and length', () => {
    fc.assert(
      fc.property(someTree, ({ leaves, index }) => {
        const root = hex(treeOf(leaves).root())
        expect(hex(rootOfPath(leaves[index] ?? EMPTY_ROOT, index, leaves.length, pathOf(leaves, index)))).to.equal(root)
      }),
    )
  })

  it('proves no other leaf, index or path', () => {
    fc.assert(
      fc.property(someTree, fc.nat(), fc.nat(), fc.nat(), ({ leaves, index }, bit, other, step) => {
        const size = leaves.length
        const leaf = leaves[index] ?? EMPTY_ROOT
        const path = pathOf(leaves, index)
        const root = hex(treeOf(leaves).root())
        const fails = (changed: Uint8Array, at: number, siblings: readonly Hash[]): void => {
          expect(hex(rootOfPath(changed, at, size, siblings))).to.not.equal(root)
        }
        fails(Buffer.concat([leaf, Buffer.of(bit & 255)]), index, path)
        if (leaf.length > 0) fails(flipped(leaf, bit), index, path)
        if (other % size !== index) fails(leaf, other % size, path)
        fails(leaf, size + (other % 5), path)
        fails(leaf, index, [...path, EMPTY_ROOT])
        if (path.length === 0) return
        const at = step % path.length
        fails(leaf, index, path.toSpliced(at, 1, flipped(path[at] ?? EMPTY_ROOT, bit)))
        fails(leaf, index, path.toSpliced(at, 1))
        fails(leaf, index, path.toSpliced(at, 1, (path[at] ?? EMPTY_ROOT).slice(1)))
        if (path.length > 1) fails(leaf, index, path.toReversed())
      }),
    )
  })

  it('proves nothing against the root of another size', () => {
    fc.assert(
      fc.property(someTree, fc.nat(), ({ leaves, index }, other) => {
        const size = 1 + (other % leaves.length)
        fc.pre(size !== leaves.length)
        const root = hex(treeOf(leaves.slice(0, size)).root())
        expect(hex(rootOfPath(leaves[index] ?? EMPTY_ROOT, index, size, pathOf(leaves, index)))).to.not.equal(root)
      }),
    )
  })

  it('takes neither a node for a leaf, nor numbers that are none', () => {
    const [one, two] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))]
    expect(hex(leafHash(Buffer.concat([one, two])))).to.not.equal(hex(nodeHash(one, two)))
    for (const [index, size] of [
      [-1, 1],
      [0, 0],
      [0.5, 1],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
      [2 ** 53, 2 ** 54],
    ] as const)
      expect(rootOfPath(EMPTY_ROOT, index, size, [])).to.equal(null)
  })

  it('has a path only for a leaf that is in it, and keeps the paths of the past', () => {
    const tree = new MerkleTree({ leaf: 2 })
    for (const leaf of ['a', 'b']) tree.add(Buffer.from(leaf))
    expect([tree.path(), new MerkleTree().path()]).to.deep.equal([null, null])
    tree.add(Buffer.from('c'))
    const early = (tree.path() ?? []).map(hex)
    tree.add(Buffer.from('d'))
    expect(tree.path()).to.have.length(2)
    expect(early).to.have.length(1)
  })

  for (const [past, now, path] of CT_EXTENSIONS) {
    it(`has the published proof that ${now} leaves begin with ${past}`, () => {
      const leaves = CT_LEAVES.slice(0, now).map(bytes)
      expect(extensionOf(leaves, past).map(hex)).to.deep.equal(path)
      expect(isExtension(rooted(leaves.slice(0, past)), rooted(leaves), path.map(bytes))).to.equal(true)
    })
  }

  it('proves every size up to 40 to extend every smaller one, as the definition does', () => {
    const all = Array.from({ length: 40 }, (_, index) => Buffer.from(`leaf ${index}`))
    for (let now = 0; now <= all.length; now++) {
      const leaves = all.slice(0, now)
      const tree = rooted(leaves)
      for (let past = 0; past <= now; past++) {
        const path = extensionOf(leaves, past)
        const defined = past === 0 ? [] : definedExtension(past, leaves)
        expect(path.map(hex), `${past} of ${now}`).to.deep.equal(defined.map(hex))
        expect(isExtension(rooted(leaves.slice(0, past)), tree, path), `${past} of ${now}`).to.equal(true)
      }
    }
  })

  it('proves no tree to extend one with other leaves, nor by another path', () => {
    fc.assert(
      fc.property(someTree, fc.nat(), fc.nat(), fc.nat(), ({ leaves, index }, bit, step, other) => {
        const past = 1 + (step % leaves.length)
        const path = extensionOf(leaves, past)
        const before = rooted(leaves.slice(0, past))
        const now = rooted(leaves)
        const fails = (...args: Parameters<typeof isExtension>): void => {
          expect(isExtension(...args)).to.equal(false)
        }
        expect(isExtension(before, now, path)).to.equal(true)
        const changed = leaves.toSpliced(index, 1, Buffer.concat([leaves[index] ?? EMPTY_ROOT, Buffer.of(bit & 255)]))
        if (index < past) {
          fails(before, rooted(changed), extensionOf(changed, past))
          fails(before, rooted(changed), path)
        }
        fails({ ...before, root: flipped(before.root, bit) }, now, path)
        fails(before, { ...now, root: flipped(now.root, bit) }, path)
        fails(before, now, [...path, EMPTY_ROOT])
        fails({ ...before, size: leaves.length + 1 + (other % 3) }, now, path)
        const size = other % (leaves.length + 1)
        if (size !== past) fails({ ...rooted(leaves.slice(0, size)), size: past }, now, path)
        if (path.length === 0) return
        const at = step % path.length
        fails(before, now, path.toSpliced(at, 1, flipped(path[at] ?? EMPTY_ROOT, bit)))
        fails(before, now, path.toSpliced(at, 1))
        fails(before, now, [])
      }),
    )
  })
})
