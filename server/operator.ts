// `npm run operator -- COMMAND`: what is done about partitions that stand still, about the first admin, a lost second factor and the audit log
// (docs/operations.md). Exit code 0 when it was done, 1 when it was refused, nobody did it, or the audit log is broken, 2
// when it could not be tried.

import { parseArgs } from 'node:util'
import { ServiceError } from '../shared/errors.ts'
import { runProgram, UsageError } from './commandLine.ts'
import { type Environment, parseConfig } from './config.ts'
import { DataSetError } from './dataSetError.ts'
import { CHOICES, type Choice } from './operator/decision.ts'
import { makeOwnKey } from './operator/operatorKeys.ts'
import { resume } from './operator/resume.ts'
import { showHalts } from './operator/showHalts.ts'
import { type Cluster, connectAsOperator } from './operator/toolConnection.ts'
import { makeAdmin } from './staff/makeAdmin.ts'
import { resetFactor } from './staff/resetFactor.ts'
import { withBooks } from './staff/toolBooks.ts'
import { readHead, verifyAuditLog } from './staff/verifyAuditLog.ts'

const USAGE = `usage: npm run operator -- keygen NAME [--key FILE]
       npm run operator -- halted
       npm run operator -- resume --partition N --decision retry|rebuild --key FILE --note TEXT
       npm run operator -- admin EMAIL [--create] [--recover] [--data DIR]
       npm run operator -- reset-factor EMAIL [--data DIR]
       npm run operator -- audit verify [--head SEQ:HASH] [--data DIR]`

const TAKES_A_WORD: ReadonlySet<string> = new Set(['keygen', 'admin', 'reset-factor', 'audit'])

/** Answers the exit code. */
async function run(args: readonly string[], env: Environment): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      partition: { type: 'string' },
      decision: { type: 'string' },
      key: { type: 'string' },
      note: { type: 'string' },
      data: { type: 'string' },
      head: { type: 'string' },
      create: { type: 'boolean', default: false },
      recover: { type: 'boolean', default: false },
    },
  })
  const [command = '', name, ...more] = positionals
  if (more.length > 0 || (name !== undefined && !TAKES_A_WORD.has(command))) throw new UsageError('too many words')
  switch (command) {
    case 'keygen': {
      if (name === undefined) throw new UsageError('keygen takes a name')
      const file = values.key ?? `${name}.operator.key`
      const line = makeOwnKey(name, file)
      console.log(`${file} is the private key: keep it. For the file that OPERATOR_KEYS_FILE names:\n${line}`)
      return 0
    }
    case 'halted':
      return withCluster(env, showHalts)
    case 'resume': {
      const { partition, key: keyFile, note } = values
      const decision = choiceOf(values.decision)
      if (partition === undefined || !/^\d{1,4}$/.test(partition)) throw new UsageError('--partition takes a number')
      if (keyFile === undefined) throw new UsageError('--key takes the file of a private key')
      if (note === undefined || note === '') throw new UsageError('--note takes a reason')
      return withCluster(env, (cluster) => resume(cluster, { partition: Number(partition), decision, keyFile, note }))
    }
    case 'admin': {
      if (name === undefined) throw new UsageError('admin takes the email address of a user')
      return withBooks(env, values.data, (books) => makeAdmin(books, { email: name, ...values }))
    }
    case 'reset-factor': {
      if (name === undefined) throw new UsageError('reset-factor takes the email address of a user')
      return withBooks(env, values.data, (books) => resetFactor(books, name))
    }
    case 'audit': {
      if (name !== 'verify') throw new UsageError('audit takes verify')
      const noted = values.head === undefined ? null : readHead(values.head)
      if (noted === undefined) throw new UsageError('--head takes SEQ:HASH, as an earlier run has printed it')
      return withBooks(env, values.data, ({ auditLog }) => verifyAuditLog(auditLog, noted))
    }
    default:
      throw new UsageError('which command?')
  }
}

function choiceOf(text: string | undefined): Choice {
  const choice = CHOICES.find((one) => one === text)
  if (choice === undefined) throw new UsageError(`--decision takes ${CHOICES.join(' or ')}`)
  return choice
}

async function withCluster(env: Environment, work: (cluster: Cluster) => Promise<number>): Promise<number> {
  // What serving needs and this does not.
  const { backing } = parseConfig({
    ...env,
    REDIS_URL: env.REDIS_URL ?? 'redis://none',
    TOKEN_SECRET: 'this tool signs no tokens, ever, at all',
    TOKEN_SECRET_FILE: undefined,
  })
  if (backing.kind !== 'cluster') {
    throw new DataSetError('NATS_URL, MONGO_URL', 'not set', 'Give them as the processes of the data set have them')
  }
  const cluster = await connectAsOperator(backing)
  try {
    return await work(cluster)
  } finally {
    await cluster.close()
  }
}

await runProgram({ usage: USAGE, expects: [ServiceError], run })
