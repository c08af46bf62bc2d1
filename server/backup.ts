// `npm run backup -- --out FOLDER`: everything of a data folder as of one moment, its server running or not, with a manifest
// (docs/operations.md, "Backup and restore"). Exit code 0 when it is made, 1 when something that is copied is damaged, and
// nothing is left then, 2 when it could not be tried.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { auditTarget } from './audit/target.ts'
import { makeBackup } from './backup/makeBackup.ts'
import { runProgram, UsageError } from './commandLine.ts'
import type { Environment } from './config.ts'
import { refuse } from './proof/commandFiles.ts'
import { systemClock } from './system.ts'
import { yieldToOthers } from './yieldingThread.ts'

const USAGE = 'usage: npm run backup -- --out FOLDER [--data DIR] [--with-secret] [--without-store]'

/** Answers the exit code. */
async function run(args: readonly string[], env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: 'string' },
      data: { type: 'string' },
      'with-secret': { type: 'boolean', default: false },
      'without-store': { type: 'boolean', default: false },
    },
  })
  if (values.out === undefined || values.out === '') throw new UsageError('--out takes a new folder')
  const target = auditTarget(values.data, env)
  if (target.kind === 'services')
    throw new UsageError('services are backed up by their own tools; --data names a data folder')
  yieldToOthers()
  const made = await makeBackup({
    ...{ data: target.folder, out: resolve(values.out), nowMs: () => systemClock.nowMs() },
    ...{ withSecret: values['with-secret'], withStore: !values['without-store'] },
  })
  if (made.kind === 'refused') return refuse(made.why)
  const { records, partitions, files, journalAt, notIncluded, sha256 } = made.value
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  console.log(`${values.out}: ${records} records in ${partitions.length} partitions through ${journalAt}`)
  console.log(`${files.length} files, ${bytes} bytes; the manifest's digest is ${sha256}`)
  if (notIncluded.length > 0)
    console.log(`Not in it, and to be kept elsewhere where it is needed: ${notIncluded.join(', ')}`)
  return 0
}

await runProgram({ usage: USAGE, expects: [], run })
