// The game that docs/games.md shows is whole: the very block is loaded, its types checked, registered and played.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { AnyGame } from '../../shared/games/game.ts'
import { GAMES, registryOf } from '../../shared/games/registry.ts'
import { rulesOfGame } from '../../shared/games/rules.ts'
import { conformance } from './support/conformance.ts'
import { hex, playOut, setupOf } from './support/playing.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const document = readFileSync(join(ROOT, 'docs/games.md'), 'utf8')
const [, block = ''] = /```ts\n([\s\S]*?)```/.exec(document) ?? []
// Outside the tree, so that nothing is left in it; its neighbours are named by their whole paths.
const folder = mkdtempSync(join(tmpdir(), 'games-'))
const file = join(folder, 'nim.mts')
writeFileSync(
  file,
  block.replaceAll(/ from '\.\//g, () => ` from '${join(ROOT, 'shared/games/')}`),
)
const { nim } = (await import(pathToFileURL(file).href)) as { nim: AnyGame } // what the block exports

describe('docs/games.md', () => {
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('shows a game in under a hundred lines', () => {
    expect(block.split('\n').length).to.be.within(40, 100)
    expect(block.split('\n').every((line) => line.length <= 120)).to.equal(true)
  })

  it('whose types are right', () => {
    const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noImplicitReturns']
    const module = [
      '--module',
      'nodenext',
      '--allowImportingTsExtensions',
      '--erasableSyntaxOnly',
      '--verbatimModuleSyntax',
    ]
    const around = [
      '--target',
      'es2024',
      '--types',
      'node',
      '--typeRoots',
      join(ROOT, 'node_modules/@types'),
      '--skipLibCheck',
    ]
    const script = join(ROOT, 'node_modules/typescript/bin/tsc')
    const args = [script, '--noEmit', '--ignoreConfig', ...strict, ...module, ...around, file]
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: ROOT })
    expect(stdout).to.equal('')
    expect(status).to.equal(0)
  })

  it('that can be registered beside the others and offered to queues', () => {
    const registry = registryOf([...GAMES.values(), nim])
    expect(registry.get('nim')).to.equal(nim)
    const rules = rulesOfGame(nim)
    expect([...rules.modes.keys()]).to.deep.equal(['long', 'short'])
    expect(rules.modes.get('short')?.formats).to.deep.equal(['1v1'])
  })

  it('and is played to its end, twice the same', () => {
    for (const seed of ['one', 'two', 'three']) {
      const [first, second] = [0, 1].map(() => playOut(nim, setupOf(nim, { seed })))
      expect(first?.outcome).to.deep.equal(second?.outcome)
      expect(hex(nim.serialise(first?.state))).to.equal(hex(nim.serialise(second?.state)))
      expect(first?.events.reduce((taken, { value }) => taken + (value ?? 0), 0)).to.be.within(25, 30)
    }
  })

  it('names what is there', () => {
    for (const game of GAMES.values()) {
      for (const name of [...game.modes, ...game.maps]) expect(document).to.include(`\`${name}\``)
    }
  })
})

conformance(nim)
