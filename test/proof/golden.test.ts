// Documents that were signed once are accepted for ever: by the program, and by a checker written after docs/ledger.md that
// shares no code with it. What it does is what a third party has to do.

import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Checkpoint, readCheckpoint } from '../../server/proof/checkpoint.ts'
import { runProgram } from '../support/server.ts'
import { difference, doneOf, extending, goldenFolder, proved } from './bench.ts'

const GOLDEN = join(import.meta.dirname, 'golden')
const fileOf = (name: string): string => join(GOLDEN, name)
const textOf = (name: string): string => readFileSync(fileOf(name), 'utf8')

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const leaf = (line: string): Buffer => sha256(Buffer.of(0), Buffer.from(line))
const node = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.of(1), left, right)

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves
  if (first === undefined) return sha256()
  if (leaves.length === 1) return first
  const cut = 2 ** Math.ceil(Math.log2(leaves.length) - 1)
  return node(rootOf(leaves.slice(0, cut)), rootOf(leaves.slice(cut)))
}

/** From the top down: the last sibling of the path stands beside the larger part of the tree, or beside what is left. */
function climb(hash: Buffer, index: number, size: number, path: readonly string[]): Buffer {
  if (size === 1) return path.length === 0 ? hash : sha256()
  const cut = 2 ** Math.ceil(Math.log2(size) - 1)
  const sibling = Buffer.from(path.at(-1) ?? '', 'hex')
  const rest = path.slice(0, -1)
  return index < cut
    ? node(climb(hash, index, cut, rest), sibling)
    : node(sibling, climb(hash, index - cut, size - cut, rest))
}

/** The roots of a tree when it had `past` leaves and now, as the path and the root of then have them; top down as above. */
function grown(past: number, now: number, path: readonly string[], then: Buffer | null): readonly [Buffer, Buffer] {
  if (past === now) {
    const known = then ?? Buffer.from(path[0] ?? '', 'hex')
    return [known, known]
  }
  const cut = 2 ** Math.ceil(Math.log2(now) - 1)
  const sibling = Buffer.from(path.at(-1) ?? '', 'hex')
  const rest = path.slice(0, -1)
  if (past <= cut) {
    const [before, after] = grown(past, cut, rest, then)
    return [before, node(after, sibling)]
  }
  const [before, after] = grown(past - cut, now - cut, rest, null)
  return [node(sibling, before), node(sibling, after)]
}

/** The lines of a checkpoint, parsed, or null where it is not what the holder of the key has signed. */
function checked(text: string, publicKey: string) {
  const lines = text.split('\n').slice(0, -1)
  const { root, signature } = JSON.parse(lines.pop() ?? '')
  if (rootOf(lines.map(leaf)).toString('hex') !== root) return null
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  const signed = Buffer.from(`leetgaming ledger checkpoint 1\n${root}\n`)
  return verify(null, signed, key, Buffer.from(signature, 'base64'))
    ? { root, lines: lines.map((l) => JSON.parse(l)) }
    : null
}

describe('proof: golden documents', () => {
  for (const name of ['wallet-1']) {
    const [checkpoint, older, publicFile] = [`${name}.checkpoint`, `${name}.older`, `${name}.public`]
    const [proof, extension] = [`${name}.proof`, `${name}.extension`]

    it(`${name}: the program accepts them`, async () => {
      const pair = ['--from', fileOf(older), '--under', fileOf(checkpoint), '--public', fileOf(publicFile)]
      const extended = await runProgram('server/proof.ts', 'verify', fileOf(extension), ...pair)
      expect(extended.output).to.match(/has all 60 records of that of 2025.* and 3 more\n$/s)
      expect(extended.code).to.equal(0)
      const under = ['--under', fileOf(checkpoint), '--public', fileOf(publicFile)]
      const ended = await runProgram('server/proof.ts', 'verify', fileOf(proof), ...under)
      expect(ended.output).to.match(
        /^record 1:3 is under the checkpoint of 2026-01-01T10:00:00\.000Z, signed by ann:\n/,
      )
      expect(ended.code).to.equal(0)
    })

    it(`${name}: the journal is still what they say, and gives the same proof`, async () => {
      const folder = goldenFolder(name)
      for (const text of [checkpoint, older].map(textOf)) expect(await difference(folder, text)).to.equal(null)
      const read = (file: string): Checkpoint => doneOf(readCheckpoint(textOf(file)))
      const extended = await extending(folder, read(older), read(checkpoint))
      expect(doneOf(extended)).to.deep.equal(JSON.parse(textOf(extension)))
      expect(await proved(folder, textOf(checkpoint), '1:3')).to.deep.equal(JSON.parse(textOf(proof)))
      folder.remove()
    })

    it(`${name}: a third party accepts the newer one as an extension of the older one`, () => {
      const [, key = ''] = textOf(publicFile).trim().split(' ')
      const [before, after] = [older, checkpoint].map((file) => checked(textOf(file), key))
      const { from, to, partitions } = JSON.parse(textOf(extension))
      expect([from, to]).to.deep.equal([before?.root, after?.root])
      for (const [index, path] of partitions.entries()) {
        const past = before?.lines[1 + before.lines[0].assets + index]
        const now = after?.lines[1 + after.lines[0].assets + index]
        const then = Buffer.from(past.root, 'hex')
        const roots = grown(past.count, now.count, path, then).map((root) => root.toString('hex'))
        expect(roots).to.deep.equal([past.root, now.root])
      }
    })

    it(`${name}: a third party accepts them, and nothing else`, () => {
      const [signer, key = ''] = textOf(publicFile).trim().split(' ')
      const accepted = checked(textOf(checkpoint), key)
      expect(accepted?.lines[0]).to.include({ signer, records: 63, assets: 3, partitions: 3 })
      const { record, path, line, linePath, partition, seq } = JSON.parse(textOf(proof))
      const { count, root } = JSON.parse(line)
      const index = 1 + accepted?.lines[0].assets + partition
      expect(climb(leaf(record), seq - 1, count, path).toString('hex')).to.equal(root)
      expect(climb(leaf(line), index, accepted?.lines.length ?? 0, linePath).toString('hex')).to.equal(accepted?.root)
      expect(climb(leaf(`${record} `), seq - 1, count, path).toString('hex')).to.not.equal(root)
      expect(checked(textOf(checkpoint).replace('99325', '99326'), key)).to.equal(null)
    })
  }
})
