// `npm run proof` as its user sees it: what it prints and writes, how it exits, and what it says to what makes no sense.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { tamper } from '../support/dataFolder.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { type RunResult, runProgram, runProgramWith, temporaryFolder } from '../support/server.ts'
import { newKeys, type ProofFolder, proofFolder } from './bench.ts'

const PROGRAM = 'server/proof.ts'

describe('proof: command line', () => {
  const keys = newKeys('ann', 'eve')
  const eveAsAnn = join(temporaryFolder(), 'public')
  const own = temporaryFolder()
  const checkpoint = join(own, 'checkpoint')
  const proof = join(own, 'proof')
  let folder: ProofFolder
  /** The same records, as another data set. */
  let other: ProofFolder

  before(async () => {
    folder = proofFolder(sampleLog().log.seal())
    other = proofFolder(sampleLog().log.seal())
    const lines = readFileSync(keys.publicFile, 'utf8').split('\n')
    writeFileSync(eveAsAnn, `${lines[1]?.replace('eve', 'ann')}\n`)
    const made = await run('checkpoint', '--key', keys.fileOf('ann'), '--out', checkpoint, '--data', folder.path)
    expect(made.output).to.match(
      /checkpoint: 22 records in 2 partitions as of 20.*Z, signed by ann, root [0-9a-f]{64}\n$/,
    )
    expect(made.code).to.equal(0)
    const proved = await run('record', '0:3', '--under', checkpoint, '--out', proof, '--data', folder.path)
    expect(proved).to.deep.equal({ code: 0, output: '' })
  })
  after(() => {
    folder.remove()
    other.remove()
  })

  const run = (...args: readonly string[]): Promise<RunResult> => runProgram(PROGRAM, ...args)
  const withData = (...args: readonly string[]): Promise<RunResult> =>
    runProgramWith({ DATA_DIR: folder.path }, PROGRAM, ...args)

  it('checks a checkpoint with the public key alone, and against the data set', async () => {
    const alone = await run('check', checkpoint, '--public', keys.publicFile)
    expect(alone.output).to.match(/22 records in 2 partitions as of .*, signed by ann, .*; its signature holds\n$/)
    expect(alone.code).to.equal(0)
    for (const told of [
      await withData('check', checkpoint, '--public', keys.publicFile, '--data'),
      await withData('check', checkpoint, '--data', '--public', keys.publicFile),
      await run('check', checkpoint, '--public', keys.publicFile, '--data', folder.path),
    ]) {
      expect(told.output).to.include(`\n${folder.path} holds every record and every sum of it\n`)
      expect(told.code).to.equal(0)
    }
  })

  it('prints what no file is named for', async () => {
    const printed = await withData('checkpoint', '--key', keys.fileOf('ann'))
    expect(printed.output.split('\n').slice(1)).to.deep.include(readFileSync(checkpoint, 'utf8').split('\n')[1])
    const proved = await withData('record', '0:3', '--under', checkpoint)
    expect(proved.output).to.equal(readFileSync(proof, 'utf8'))
  })

  it('verifies a proof far from the data, and shows the record', async () => {
    const { code, output } = await run('verify', proof, '--under', checkpoint, '--public', keys.publicFile)
    expect(output).to.match(/^record 0:3 is under the checkpoint of 20.*, signed by ann:\n\{"s":3,.*"deposit".*\}\n$/)
    expect(code).to.equal(0)
  })

  it('makes and verifies an extension', async () => {
    const grown = proofFolder(sampleLog().log.seal(), 2, folder.dataSetId)
    const { log, carol } = sampleLog()
    log.cut(log.home(carol))
    log.deposit(carol, 1n)
    grown.extend(log.seal().slice(-1))
    const [newer, extension] = [join(own, 'newer'), join(own, 'extension')]
    const at = ['--data', grown.path, '--out']
    expect((await run('checkpoint', '--key', keys.fileOf('eve'), ...at, newer)).code).to.equal(0)
    const made = await run('extension', '--from', checkpoint, '--under', newer, ...at, extension)
    grown.remove()
    expect(made).to.deep.equal({ code: 0, output: '' })
    const pair = ['--from', checkpoint, '--under', newer, '--public', keys.publicFile]
    const held = await run('verify', extension, ...pair)
    expect(held.output).to.match(
      /^the checkpoint of .*, signed by eve, has all 22 records of that of .*,\nsigned by ann, .* and 1 more\n$/,
    )
    expect(held.code).to.equal(0)
    const swapped = await run('verify', extension, '--from', newer, '--under', checkpoint, '--public', keys.publicFile)
    expect(swapped.output).to.match(/^Refused: .*extension does not hold: partition 0 ends at 15 in the newer one/)
    const asProof = await run('verify', extension, '--under', newer, '--public', keys.publicFile)
    expect(asProof.output).to.match(/^Refused: .*extension is no proof/)
    const foreign = await run('verify', proof, ...pair)
    expect(foreign.output).to.match(/^Refused: .*proof is no extension that this program can read/)
    expect([swapped.code, asProof.code, foreign.code]).to.deep.equal([1, 1, 1])
  })

  it('names what differs, with 1', async () => {
    const damaged = proofFolder(sampleLog().log.seal(), 2, folder.dataSetId)
    tamper(damaged.path, 'journal.db', 'UPDATE commits SET checksum = 1 WHERE id = 3')
    const checked = await run('check', checkpoint, '--public', keys.publicFile, '--data', damaged.path)
    expect(checked.output).to.match(/Refused: .* is not what .*checkpoint says: BROKEN J3 at 1:4: .*commit 3/)
    const made = await run('checkpoint', '--key', keys.fileOf('ann'), '--data', damaged.path)
    expect(made.output).to.match(/^Refused: no checkpoint was made: BROKEN J3 at 1:4: .*\.\n$/)
    const proved = await run('record', '0:3', '--under', checkpoint, '--data', damaged.path)
    expect(proved.output).to.match(/^Refused: .*journal\.db: damaged \(commit 3 is not what was written\)\. .*\.\n$/)
    damaged.remove()
    expect([checked.code, made.code, proved.code]).to.deep.equal([1, 1, 1])
  })

  it('finds a file that is no journal, and a log that is torn, with 1', async () => {
    const damaged = proofFolder(sampleLog().log.seal(), 2, folder.dataSetId)
    writeFileSync(join(damaged.path, 'journal.db-wal'), Buffer.alloc(4_000, 1))
    const torn = await run('check', checkpoint, '--public', keys.publicFile, '--data', damaged.path)
    writeFileSync(join(damaged.path, 'journal.db-wal'), '')
    tamper(damaged.path, 'journal.db', 'DROP TABLE facts')
    const none = await run('checkpoint', '--key', keys.fileOf('ann'), '--data', damaged.path)
    damaged.remove()
    expect(torn.output).to.match(/\nRefused: .* is not what .*checkpoint says: .*journal\.db: .*\. Restore this file/)
    expect(none.output).to.match(/^Refused: .*journal\.db: not readable as a journal/)
    expect([torn.code, none.code]).to.deep.equal([1, 1])
  })

  const copy = (name: string, text: string): string => {
    const file = join(own, name)
    writeFileSync(file, text)
    return file
  }

  const ANSWERED: readonly (readonly [what: string, args: () => readonly string[], code: number, says: RegExp])[] = [
    [
      'a changed checkpoint',
      () => [
        'check',
        copy('changed', readFileSync(checkpoint, 'utf8').replace('16875', '16876')),
        '--public',
        keys.publicFile,
      ],
      1,
      /^Refused: .*changed was changed: its lines have the root/,
    ],
    [
      'the wrong key',
      () => ['check', checkpoint, '--public', eveAsAnn],
      1,
      /^Refused: .*checkpoint is not signed with the key of ann that was given\.\n$/,
    ],
    [
      'a signer without a key',
      () => ['check', checkpoint, '--public', copy('nobody', '# nobody\n')],
      1,
      /says that ann signed it, of whom no key was given/,
    ],
    [
      'another data set',
      () => ['check', checkpoint, '--public', keys.publicFile, '--data', other.path],
      1,
      /the checkpoint was made of the data set .*, and this one is/,
    ],
    [
      'a proof wanted of another data set',
      () => ['record', '0:3', '--under', checkpoint, '--data', other.path],
      1,
      /was made of the data set/,
    ],
    [
      'a record that came later',
      () => ['record', '0:16', '--under', checkpoint, '--data', folder.path],
      1,
      /record 0:16 is not under the checkpoint of .*, which ends at 0:15: take a newer one\.\n$/,
    ],
    [
      'a proof cut off',
      () => [
        'verify',
        copy('cut', readFileSync(proof, 'utf8').slice(0, 400)),
        '--under',
        checkpoint,
        '--public',
        keys.publicFile,
      ],
      1,
      /^Refused: .*cut is no proof that this program can read, or not a whole one\.\n$/,
    ],
    [
      'a proof under the wrong key',
      () => ['verify', proof, '--under', checkpoint, '--public', eveAsAnn],
      1,
      /is not signed with the key of ann/,
    ],
    [
      'a checkpoint for a proof',
      () => ['verify', checkpoint, '--under', checkpoint, '--public', keys.publicFile],
      1,
      /is no proof/,
    ],
    [
      'a missing file',
      () => ['check', join(own, 'none'), '--public', keys.publicFile],
      2,
      /^Cannot do that: .*none: ENOENT.*Name a checkpoint or a proof/,
    ],
    [
      'a folder for a file',
      () => ['check', own, '--public', keys.publicFile],
      2,
      /^Cannot do that: .*EISDIR.*Name a checkpoint or a proof/,
    ],
    [
      'a file that is too large',
      () => ['check', copy('large', 'x'.repeat(17 << 20)), '--public', keys.publicFile],
      2,
      /larger than any such document/,
    ],
    [
      'a file of keys that is none',
      () => ['check', checkpoint, '--public', checkpoint],
      2,
      /line 1 is no operator's key/,
    ],
    [
      'a public key to sign with',
      () => ['checkpoint', '--key', keys.publicFile, '--data', folder.path],
      2,
      /is no operator's private key/,
    ],
    [
      'a file that is there already',
      () => ['checkpoint', '--key', keys.fileOf('ann'), '--out', checkpoint, '--data', folder.path],
      2,
      /is there already\. Name another file with --out/,
    ],
    [
      'a proof to a file that is there',
      () => ['record', '0:3', '--under', checkpoint, '--out', proof, '--data', folder.path],
      2,
      /is there already/,
    ],
    [
      'a file that cannot be written',
      () => ['record', '0:3', '--under', checkpoint, '--out', join(own, 'no', 'where'), '--data', folder.path],
      2,
      /ENOENT.*Name another file with --out/,
    ],
    [
      'no data set',
      () => ['checkpoint', '--key', keys.fileOf('ann'), '--data', own],
      2,
      /no data set is here \(journal\.db\)/,
    ],
  ]
  for (const [what, args, code, says] of ANSWERED) {
    it(`answers ${what} with one line and ${code}`, async () => {
      const ended = await run(...args())
      expect(ended.output).to.match(says)
      expect(
        ended.output
          .replace(/^.*its signature holds\n/, '')
          .trim()
          .split('\n'),
      ).to.have.length(1)
      expect(ended.code).to.equal(code)
      expect(ended.output).to.not.match(/\.ts:\d+/)
    })
  }

  const MISUSED: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [[], /which command\?/],
    [['make'], /no command make/],
    [['checkpoint'], /--key takes the file of a private key/],
    [['checkpoint', 'now', '--key', 'x'], /too many words: now/],
    [['checkpoint', '--key', 'x', '--public', 'y'], /--public says nothing to checkpoint/],
    [['check', '--public', 'x'], /check takes a checkpoint/],
    [['check', 'x'], /--public takes a file of public keys/],
    [['check', 'x', 'y', '--public', 'z'], /too many words: y/],
    [['record', '3-', '--under', 'x'], /3- is no record: PARTITION:SEQ, such as 3:18/],
    [['record', '0:0', '--under', 'x'], /0:0 is no record/],
    [['record', '0:99999999999999999999', '--under', 'x'], /is no record/],
    [['record', '0:1'], /--under takes a checkpoint/],
    [['verify', 'x', '--under', 'y'], /--public takes/],
    [['verify', 'x', '--under', 'y', '--public', 'z', '--data'], /--data says nothing to verify/],
    [['check', 'x', '--public'], /--public/],
    [['extension', 'x', '--from', 'y', '--under', 'z'], /too many words: x/],
    [['extension', '--under', 'x'], /--from takes the older checkpoint/],
    [['extension', '--from', 'x'], /--under takes a checkpoint/],
    [['record', '0:1', '--from', 'x', '--under', 'y'], /--from says nothing to record/],
  ]
  for (const [args, says] of MISUSED) {
    it(`says how it is used to: ${args.join(' ')}`, async () => {
      const { code, output } = await run(...args)
      expect(output).to.match(says).and.to.include('\nusage: npm run proof -- checkpoint --key FILE')
      expect(code).to.equal(2)
    })
  }

  it('makes no folder where none is', async () => {
    const none = join(own, 'none-here')
    const { code } = await run('checkpoint', '--key', keys.fileOf('ann'), '--data', none)
    expect([code, existsSync(none)]).to.deep.equal([2, false])
  })
})
