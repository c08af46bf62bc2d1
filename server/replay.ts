// `npm run replay -- verify MATCH|all [--data DIR]`: plays recordings of matches again from their inputs, and holds what
// comes of it against the results in the ledger. On a data folder or on the services of a cluster, servers running or not.
// Exit code 0 when all are the same, 1 when one differs, 2 when it could not be tried.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { recordingName, type Verdict, verifyRecording } from '../rooms/match/recording.ts'
import { GAMES } from '../shared/games/registry.ts'
import { ReadingError } from './audit/cluster/readingError.ts'
import { auditTarget, type Target } from './audit/target.ts'
import { openBlobs } from './blobs/openBlobs.ts'
import { runProgram, UsageError } from './commandLine.ts'
import { type BlobsPlace, type Environment, parseConfig } from './config.ts'
import { recordedResults } from './play/recordedResults.ts'
import { openSource } from './proof/source.ts'

const USAGE = 'usage: npm run replay -- verify MATCH|all [--data DIR]'

/** Answers the exit code. */
async function run(args: readonly string[], env: Environment): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { data: { type: 'string' } },
  })
  const [command, match, ...more] = positionals
  if (command !== 'verify' || match === undefined || more.length > 0) throw new UsageError('verify what?')
  const target = auditTarget(values.data, env)
  const source = await openSource(target)
  if (source.kind === 'refused') {
    console.error(`Cannot do that: ${source.why}`)
    return 2
  }
  const { blobs, close } = openBlobs(placeOf(target, env))
  let [same, different, without] = [0, 0, 0]
  try {
    for (const [id, result] of await recordedResults(source.value, match === 'all' ? null : match)) {
      if (result.recordingSha256 === null) {
        without++
        console.log(`${id}: no recording could be kept`)
        continue
      }
      const bytes = await blobs.get(recordingName(id, result.recordingSha256))
      const missing: Verdict = { kind: 'differs', what: 'the recording is not there' }
      const verdict = bytes === null ? missing : await verifyRecording(bytes, result, (game) => GAMES.get(game) ?? null)
      if (verdict.kind === 'verified') same++
      else different++
      console.log(`${id}: ${textOf(verdict)}`)
    }
  } finally {
    close()
    await source.value.close()
  }
  if (match !== 'all' && same + different + without === 0) {
    console.error(`Cannot do that: no result of ${match} was computed here`)
    return 2
  }
  console.log(`${same} the same, ${different} not, ${without} without a recording`)
  return different === 0 ? 0 : 1
}

function textOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'verified':
      return `the same outcome after ${verdict.ticks} ticks`
    case 'differs':
      return `DIFFERS: ${verdict.what}`
    case 'unreadable':
      return `cannot be played: ${verdict.why}`
    default:
      return verdict satisfies never
  }
}

function placeOf(target: Target, env: Environment): BlobsPlace {
  // Only where recordings are is asked of it.
  const { blobs } = parseConfig({ BLOBS_URL: env.BLOBS_URL, S3_ENDPOINT: env.S3_ENDPOINT, S3_REGION: env.S3_REGION })
  if (blobs.kind !== 'files' || target.kind !== 'folder') return blobs
  return env.BLOBS_URL === undefined ? { kind: 'files', folder: resolve(target.folder, 'blobs') } : blobs
}

await runProgram({ usage: USAGE, expects: [ReadingError], run })
