// `npm run proof -- COMMAND`: signed checkpoints of the ledger, and proofs that a record is under one (docs/ledger.md,
// "Proof"). Works on a data folder or on the services of a cluster, servers running or not; `check` without --data and
// `verify` need neither. Exit code 0 when it is done or holds, 1 when something differs, 2 when it could not be tried.

import { parseArgs } from 'node:util'
import { parseRecordId } from '../shared/ids.ts'
import { ReadingError } from './audit/cluster/readingError.ts'
import { auditTarget } from './audit/target.ts'
import { runProgram, UsageError } from './commandLine.ts'
import type { Environment } from './config.ts'
import {
  checkCheckpoint,
  checkExtension,
  checkProof,
  makeCheckpoint,
  makeExtension,
  makeProof,
} from './proof/commands.ts'

const USAGE = `usage: npm run proof -- checkpoint --key FILE [--out FILE] [--data DIR]
       npm run proof -- check CHECKPOINT --public FILE [--data [DIR]]
       npm run proof -- record PARTITION:SEQ --under CHECKPOINT [--out FILE] [--data DIR]
       npm run proof -- extension --from CHECKPOINT --under CHECKPOINT [--out FILE] [--data DIR]
       npm run proof -- verify PROOF [--from CHECKPOINT] --under CHECKPOINT --public FILE`

const OPTIONS = {
  key: { type: 'string' },
  out: { type: 'string' },
  data: { type: 'string' },
  public: { type: 'string' },
  under: { type: 'string' },
  from: { type: 'string' },
} as const

type Values = Partial<Readonly<Record<keyof typeof OPTIONS, string>>>

const COMMANDS = ['checkpoint', 'check', 'record', 'extension', 'verify'] as const
type Command = (typeof COMMANDS)[number]

const TAKES: Readonly<Record<Command, readonly (keyof Values)[]>> = {
  checkpoint: ['key', 'out', 'data'],
  check: ['public', 'data'],
  record: ['under', 'out', 'data'],
  extension: ['from', 'under', 'out', 'data'],
  verify: ['from', 'under', 'public'],
}

/** Answers the exit code. */
async function run(args: readonly string[], env: Environment): Promise<number> {
  const { positionals, values } = parseArgs({ args: withFolders(args), allowPositionals: true, options: OPTIONS })
  const [word, subject, ...more] = positionals
  const command = COMMANDS.find((one) => one === word)
  if (command === undefined) throw new UsageError(word === undefined ? 'which command?' : `no command ${word}`)
  if (more.length > 0) throw new UsageError(`too many words: ${more.join(' ')}`)
  for (const name of Object.keys(values) as (keyof Values)[]) // of OPTIONS, or parseArgs would have refused it
    if (!TAKES[command].includes(name)) throw new UsageError(`--${name} says nothing to ${command}`)
  return carryOut(command, subject, values, env)
}

/** Words come before the data set, so that a mistake in them is what is told. */
async function carryOut(command: Command, subject: string | undefined, values: Values, env: Environment) {
  const target = () => auditTarget(values.data === '' ? undefined : values.data, env)
  const outFile = values.out ?? null
  const publicFile = () => given(values.public, '--public takes a file of public keys')
  const underFile = () => given(values.under, '--under takes a checkpoint')
  switch (command) {
    case 'checkpoint': {
      if (subject !== undefined) throw new UsageError(`too many words: ${subject}`)
      const keyFile = given(values.key, '--key takes the file of a private key')
      return makeCheckpoint(target(), { keyFile, outFile, at: new Date().toISOString() })
    }
    case 'check': {
      const file = given(subject, 'check takes a checkpoint')
      return checkCheckpoint(file, publicFile(), values.data === undefined ? null : target())
    }
    case 'record': {
      const place = parseRecordId(given(subject, 'record takes PARTITION:SEQ').replace(':', '-'))
      if (place === null) throw new UsageError(`${subject} is no record: PARTITION:SEQ, such as 3:18`)
      const files = { underFile: underFile(), outFile }
      return makeProof(target(), place, files)
    }
    case 'extension': {
      if (subject !== undefined) throw new UsageError(`too many words: ${subject}`)
      const files = { fromFile: given(values.from, '--from takes the older checkpoint'), underFile: underFile() }
      return makeExtension(target(), files, outFile)
    }
    case 'verify': {
      const file = given(subject, 'verify takes a proof')
      if (values.from === undefined) return checkProof(file, underFile(), publicFile())
      return checkExtension(file, { fromFile: values.from, underFile: underFile() }, publicFile())
    }
  }
}

function given(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new UsageError(what)
  return value
}

/** `--data` may stand alone, and means then the data set that the variables name. */
function withFolders(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const next = args[index + 1]
    return arg === '--data' && (next === undefined || next.startsWith('--')) ? '--data=' : arg
  })
}

await runProgram({ usage: USAGE, expects: [ReadingError], run })
