// Builds FerretDB with its index on `_id` made of the expression that its queries ask with. As it is, the two differ by
// quotes, and SQLite uses no index: finding one document of 20,000 takes 70 ms, which no MongoDB does.

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runStep, type Step, type StepOutcome } from './step.ts'

export const FERRETDB_PROGRAM = 'leet-ferretdb-2'

const SOURCE = join(import.meta.dirname, 'ferretdb')
const REGISTRY = 'vendor/github.com/FerretDB/FerretDB/internal/backends/sqlite/metadata/registry.go'
/** The end of the line that says what an index is over. */
const COLUMN_LINE = 'strings.Join(fields, "->"))\n'
const ID_COLUMN = 'if key.Field == "_id" {\ncolumns[i] = IDColumn\n}\n'

/** Leaves the program in `folder`, which is removed by whoever made it. */
export async function buildFerretdb(
  go: string,
  folder: string,
  env: Readonly<Record<string, string>>,
  stop: AbortSignal,
): Promise<StepOutcome> {
  const source = join(folder, 'source')
  cpSync(SOURCE, source, { recursive: true })
  const step = (what: string, ...args: readonly string[]): Step => ({ what, command: [go, '-C', source, ...args], env })
  const fetched = await runStep(step('fetching FerretDB and what it is made of', 'mod', 'vendor'), stop)
  if (fetched.kind !== 'done') return fetched
  const file = join(source, REGISTRY)
  const [before, after, ...more] = readFileSync(file, 'utf8').split(COLUMN_LINE)
  if (before === undefined || after === undefined || more.length > 0) {
    return { kind: 'failed', why: 'FerretDB is not the version this was written for', output: REGISTRY }
  }
  writeFileSync(file, `${before}${COLUMN_LINE}${ID_COLUMN}${after}`)
  const program = join(folder, FERRETDB_PROGRAM)
  const what = `building ${FERRETDB_PROGRAM} (a minute or two)`
  return runStep(step(what, 'build', '-mod=vendor', '-o', program, '.'), stop)
}
