// `npm run export -- --out PLACE`: the whole ledger of a data folder, or of the services of a cluster, as newline-delimited
// JSON with a manifest (docs/ledger.md, "Export"), servers running or not. Exit code 0 when it is written, 1 when the
// journal is damaged or the moment refused, 2 when it could not be tried.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ReadingError } from './audit/cluster/readingError.ts'
import { auditTarget } from './audit/target.ts'
import { runProgram, UsageError } from './commandLine.ts'
import type { Environment } from './config.ts'
import { linesName, placeOf, writeExport } from './export/exportFile.ts'
import { readManifest } from './export/exportForm.ts'
import { exportPieces, type PlanRefusal, planExport } from './export/exportStream.ts'
import { momentArgument } from './export/momentArgument.ts'
import { refuse, withSource } from './proof/commandFiles.ts'
import type { Outcome } from './proof/outcome.ts'
import { systemClock } from './system.ts'
import { yieldToOthers } from './yieldingThread.ts'

const USAGE = `usage: npm run export -- --out DIR [--gzip] [--as-of TIME] [--data DIR]
       npm run export -- --out FILE.ndjson[.gz] [--as-of TIME] [--data DIR]`

const REFUSALS: Readonly<Record<PlanRefusal, string>> = {
  as_of_in_future: 'that moment is not over',
  as_of_before_first: 'no record is that old',
}

/** Answers the exit code. */
async function run(args: readonly string[], env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: 'string' },
      data: { type: 'string' },
      'as-of': { type: 'string' },
      gzip: { type: 'boolean', default: false },
    },
  })
  if (values.out === undefined || values.out === '') throw new UsageError('--out takes a new folder, or a file')
  const asOfMs = momentArgument(values['as-of'])
  const place = placeOf(resolve(values.out), values.gzip)
  yieldToOthers()
  const written = await withSource(auditTarget(values.data, env), async (source): Promise<Outcome<string>> => {
    const order = { asOfMs, nowMs: systemClock.nowMs(), name: linesName(place) }
    const planned = await planExport(source, order)
    if (planned.kind !== 'planned') return { kind: 'refused', why: REFUSALS[planned.kind] }
    const { plan } = planned
    const manifest = readManifest(await writeExport(place, exportPieces(source, plan)))
    if (manifest === null) throw new Error('an export without a manifest')
    const left = plan.cut?.leftOut ?? 0
    const without = left === 0 ? '' : `, without ${left} whose batches or causes reach beyond it`
    const until = manifest.asOf === null ? '' : ` through ${manifest.asOf}${without}`
    const { records, batches, partitions } = manifest
    return {
      kind: 'done',
      value: `${records} records in ${batches} batches of ${partitions.length} partitions${until}`,
    }
  })
  if (written.kind === 'refused') return refuse(written.why)
  console.log(`${values.out}: ${written.value}`)
  return 0
}

await runProgram({ usage: USAGE, expects: [ReadingError], run })
