// `npm run proof -- COMMAND`: signed checkpoints of the ledger, and proofs that a record is under one (docs/ledger.md,
// "Proof"). Works on a data folder or on the services of a cluster, servers running or not; `check` without --data and
// `verify` need neither. Exit code 0 when it is done or holds, 1 when something differs, 2 when it could not be tried.

import { parseArgs } from 'node:util'
import { parseRecordId } from '../shared/ids.ts'
import { ReadingError } from './audit/cluster/readingError.ts'
import { auditTarget } from './audit/target.ts'
import { ConfigError, type Environment } from './config.ts'
import { DataSetError, messageOf } from './dataSetError.ts'
import { checkCheckpoint, checkProof, makeCheckpoint, makeProof } from './proof/commands.ts'

const USAGE = `usage: npm run proof -- checkpoint --key FILE [--out FILE] [--data DIR]
       npm run proof -- check CHECKPOINT --public FILE [--data [DIR]]
       npm run proof -- record PARTITION:SEQ --under CHECKPOINT [--out FILE] [--data DIR]
       npm run proof -- verify PROOF --under CHECKPOINT --public FILE`

class UsageError extends Error {}

const OPTIONS = {
  key: { type: 'string' },
  out: { type: 'string' },
  data: { type: 'string' },
  public: { type: 'string' },
  under: { type: 'string' },
} as const

type Values = Partial<Readonly<Record<keyof typeof OPTIONS, string>>>

/** Answers the exit code. */
async function run(args: readonly string[], env: Environment): Promise<number> {
  const { positionals, values } = parseArgs({ args: withFolders(args), allowPositionals: true, options: OPTIONS })
  const [command, subject, ...more] = positionals
  if (more.length > 0) throw new UsageError(`too many words: ${more.join(' ')}`)
  const target = () => auditTarget(values.data === '' ? undefined : values.data, env)
  switch (command) {
    case 'checkpoint': {
      if (subject !== undefined) throw new UsageError(`too many words: ${subject}`)
      const keyFile = taken(values, ['key', 'out', 'data'], 'key', 'the file of a private key')
      return makeCheckpoint(target(), { keyFile, outFile: values.out ?? null, at: new Date().toISOString() })
    }
    case 'check': {
      const publicFile = taken(values, ['public', 'data'], 'public', 'a file of public keys')
      return checkCheckpoint(named(subject, 'a checkpoint'), publicFile, values.data === undefined ? null : target())
    }
    case 'record': {
      const place = parseRecordId(named(subject, 'a record, as PARTITION:SEQ').replace(':', '-'))
      if (place === null) throw new UsageError(`${subject} is no record: PARTITION:SEQ, such as 3:18`)
      const underFile = taken(values, ['under', 'out', 'data'], 'under', 'a checkpoint')
      return makeProof(target(), place, { underFile, outFile: values.out ?? null })
    }
    case 'verify': {
      const underFile = taken(values, ['under', 'public'], 'under', 'a checkpoint')
      const publicFile = taken(values, ['under', 'public'], 'public', 'a file of public keys')
      return checkProof(named(subject, 'a proof'), underFile, publicFile)
    }
    default:
      throw new UsageError(command === undefined ? 'which command?' : `no command ${command}`)
  }
}

/** `--data` may stand alone, and means then the data set that the variables name. */
function withFolders(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const next = args[index + 1]
    return arg === '--data' && (next === undefined || next.startsWith('--')) ? '--data=' : arg
  })
}

/** The option that a command cannot do without. Throws UsageError where it is missing, or another makes no sense. */
function taken(values: Values, known: readonly (keyof Values)[], wanted: keyof Values, what: string): string {
  const names = Object.keys(OPTIONS) as (keyof Values)[] // what it was made of
  const odd = names.find((name) => values[name] !== undefined && !known.includes(name))
  if (odd !== undefined) throw new UsageError(`--${odd} says nothing to this command`)
  const value = values[wanted]
  if (value === undefined || value === '') throw new UsageError(`--${wanted} takes ${what}`)
  return value
}

function named(subject: string | undefined, what: string): string {
  if (subject === undefined || subject === '') throw new UsageError(`this command takes ${what}`)
  return subject
}

/** Of parseArgs. */
function isParseError(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

try {
  process.exitCode = await run(process.argv.slice(2), process.env)
} catch (error) {
  const isUsage = error instanceof UsageError || isParseError(error)
  const isKnown = [DataSetError, ConfigError, ReadingError].some((known) => error instanceof known)
  if (!isUsage && !isKnown) throw error
  const text = error instanceof ConfigError ? error.problems.join('; ') : messageOf(error)
  console.error(`Cannot do that: ${text}${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = 2
}
