// Backups, restores, exports and imports that are killed on their way, as real processes: what they read stays as it was;
// what they wrote is either whole, or says that it is not, and neither a server nor the same program takes it for whole;
// and the same again into a new place works.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { KINDS } from '../../actors/kinds.ts'
import { auditDataSet } from '../../server/audit/dataset.ts'
import { checkedBackup } from '../../server/backup/checkedBackup.ts'
import { UNFINISHED_FILE } from '../../server/folderMarks.ts'
import { lockDataFolder } from '../../server/journal/lock.ts'
import { contentOf } from '../export/bench.ts'
import { doneOf } from '../proof/bench.ts'
import {
  PROJECT_ROOT,
  type RunResult,
  runProgram,
  runProgramWith,
  runServer,
  temporaryFolder,
} from '../support/server.ts'
import { filesBelow, fullFolder, rowsOf } from './bench.ts'

const LONG = process.env.LONG === '1'
/** Steps between two kills: each try starts the program anew, which takes some 40 of them; an export fewer. */
const EVERY = 9
const EVERY_OF_EXPORT = 2
const KILLED = 128

type Words = readonly string[]

interface Tried {
  readonly target: string
  readonly step: number
}

/** Kills the program at one step after the other, until it comes to its end. Answers what it left each time. */
async function killedAll(program: string, words: (target: string) => Words, every = EVERY): Promise<readonly Tried[]> {
  const tried: Tried[] = []
  for (let step = LONG ? 1 : 2; ; step += LONG ? 1 : every) {
    const target = join(temporaryFolder(), 'target')
    const env = { NODE_OPTIONS: `--import ${join(PROJECT_ROOT, 'test/support/killAt.ts')}`, KILL_AT: String(step) }
    const { code, output } = await runProgramWith(env, program, ...words(target))
    tried.push({ target, step })
    if (code === KILLED) continue
    expect(code, output).to.equal(0)
    expect(tried, 'it was killed').to.have.length.greaterThan(2)
    return tried
  }
}

function isEmpty(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).length === 0
}

function isUnfinished(folder: string): boolean {
  return existsSync(join(folder, UNFINISHED_FILE))
}

/** The program again: refused where something is left, done in a new place. */
async function again(program: string, words: (target: string) => Words, left: string): Promise<void> {
  const refused = await runProgram(program, ...words(left))
  expect(refused.output).to.match(/is not whole: the \w+ that process \d+ began at|is there: another \w+ writes it/)
  expect(refused.code, refused.output).to.equal(2)
  const { code, output } = await runProgram(program, ...words(join(temporaryFolder(), 'target')))
  expect(code, output).to.equal(0)
}

async function expectNoServerOn(folder: string): Promise<void> {
  const before = filesBelow(folder)
  const result = (await runServer({ DATA_DIR: folder, PORT: '0', PARTITIONS: '2' })) as RunResult // or it has started
  expect(result.output).to.match(/^Cannot start: .* is not whole: .*(?:remove the folder)/)
  expect(result.code).to.equal(2)
  expect(filesBelow(folder), 'nothing was touched').to.deep.equal(before)
}

function lastOf(tried: readonly Tried[], wanted: (target: string) => boolean): string {
  const found = tried.findLast(({ target }) => wanted(target))
  if (found === undefined) throw new Error('no kill left such a folder')
  return found.target
}

describe('SIGKILL on the way', () => {
  let data: string
  let backup: string
  let rows: readonly string[]
  const databases = (folder: string): readonly string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.db') && name !== 'lock.db')
      .map((name) => `${name} ${rowsOf(join(folder, name))}`)
  before(async function () {
    this.timeout(60_000)
    data = (await fullFolder()).path
    rows = databases(data)
    backup = join(temporaryFolder(), 'backup')
    expect((await runProgram('server/backup.ts', '--data', data, '--out', backup)).code).to.equal(0)
  })
  afterEach(async () => {
    expect(databases(data), 'the data set is as it was').to.deep.equal(rows)
    expect(auditDataSet(data, KINDS).violation).to.equal(null)
    doneOf(checkedBackup(backup))
  })

  const wholeOrMarked = (tried: readonly Tried[], expectWhole: (target: string) => unknown): Promise<unknown> =>
    Promise.all(
      tried.map(async ({ target, step }) => {
        if (isEmpty(target)) return
        if (isUnfinished(target)) expect(() => lockDataFolder(target), `step ${step}`).to.throw(/is not whole/)
        else await expectWhole(target)
      }),
    )

  it('of a backup', async function () {
    this.timeout(600_000)
    const words = (target: string): Words => ['--data', data, '--out', target]
    const tried = await killedAll('server/backup.ts', words)
    await wholeOrMarked(tried, (target) => doneOf(checkedBackup(target)))
    const left = lastOf(tried, isUnfinished)
    await again('server/backup.ts', words, left)
    const restored = await runProgram('server/restore.ts', '--from', left, '--data', join(temporaryFolder(), 'x'))
    expect(restored.output).to.match(/is not whole: the backup that process/)
    await expectNoServerOn(left)
  })

  for (const asOf of [null, new Date().toISOString()])
    it(`of a restore${asOf === null ? '' : ' as of a moment'}`, async function () {
      this.timeout(600_000)
      const words = (target: string): Words => [
        ...['--from', backup, '--data', target],
        ...(asOf === null ? [] : ['--as-of', asOf]),
      ]
      const tried = await killedAll('server/restore.ts', words)
      await wholeOrMarked(tried, async (target) => {
        expect(await contentOf(target)).to.deep.equal(await contentOf(data))
        expect(auditDataSet(target, KINDS).violation).to.equal(null)
      })
      const left = lastOf(tried, isUnfinished)
      await again('server/restore.ts', words, left)
      await expectNoServerOn(left)
    })

  it('of an export', async function () {
    this.timeout(600_000)
    const words = (target: string): Words => ['--data', data, '--out', target]
    const tried = await killedAll('server/export.ts', words, EVERY_OF_EXPORT)
    for (const { target } of tried.filter((one) => existsSync(one.target))) await expectImported(target, data)
    await again(
      'server/export.ts',
      words,
      lastOf(tried, (target) => existsSync(`${target}.partial`)),
    )
  })

  it('of an import', async function () {
    this.timeout(600_000)
    const from = join(temporaryFolder(), 'export')
    expect((await runProgram('server/export.ts', '--data', data, '--out', from)).code).to.equal(0)
    const words = (target: string): Words => ['--from', from, '--data', target]
    const tried = await killedAll('server/import.ts', words)
    for (const { target } of tried)
      if (!isEmpty(target)) expect(await contentOf(target)).to.deep.equal(await contentOf(data))
    const left = lastOf(tried, (target) => isUnfinished(`${target}.partial`))
    await again('server/import.ts', words, left)
    await expectNoServerOn(`${left}.partial`)
  })
})

async function expectImported(from: string, data: string): Promise<void> {
  const target = join(temporaryFolder(), 'data')
  const { code, output } = await runProgram('server/import.ts', '--from', from, '--data', target)
  expect(code, output).to.equal(0)
  expect(await contentOf(target)).to.deep.equal(await contentOf(data))
}
