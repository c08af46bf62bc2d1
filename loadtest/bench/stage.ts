// What a part of the benchmark plays on: a data folder on the checkout's own disk, the real server over it, and the
// audit when the load is over. Folders are removed afterwards.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from '../client/httpClient.ts'
import { ROOT, type RunningServer, runScript, startServer } from '../server.ts'
import type { AuditResult } from './figures.ts'

const AUDIT_TIMEOUT_MS = 1_800_000
const scratch = join(ROOT, 'tmp')

export interface Stage {
  readonly dataDir: string
  /** Starts the server over the stage's data. `profile` names a file to write a CPU profile of it to. */
  start(env?: Readonly<Record<string, string>>): Promise<RunningServer>
  /** Stops the server (a stop that is not clean fails the part) and audits what it wrote. */
  stopAndAudit(server: RunningServer): Promise<AuditResult>
}

/** For profiling the server by hand: a folder that its CPU profiles go to. */
let profileDir: string | null = null
export function profileInto(folder: string | null): void {
  profileDir = folder
}

export async function onStage<T>(play: (stage: Stage) => Promise<T>): Promise<T> {
  mkdirSync(scratch, { recursive: true })
  const dataDir = mkdtempSync(join(scratch, 'bench-'))
  const running = new Set<RunningServer>()
  const nodeFlags = profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]
  try {
    return await play({
      dataDir,
      async start(env = {}) {
        const server = await startServer({ dataDir, env, nodeFlags })
        running.add(server)
        return server
      },
      async stopAndAudit(server) {
        running.delete(server)
        const code = await server.stop()
        if (code !== 0) throw new Error(`the server did not stop cleanly: exit code ${code}`)
        return audit(dataDir)
      },
    })
  } finally {
    for (const server of running) await server.kill()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** The auditor, as anybody would run it. */
export async function audit(dataDir: string): Promise<AuditResult> {
  const { code, output, elapsedMs } = await runScript(
    'server/verify.ts',
    ['--data', dataDir, '--json'],
    AUDIT_TIMEOUT_MS,
  )
  return { passed: code === 0, records: recordsOf(output), elapsedMs, problem: output.trim().slice(-2_000) }
}

/** The number of records in what the auditor printed, 0 where it says none. */
function recordsOf(output: string): number {
  try {
    const report: unknown = JSON.parse(output)
    const summary = isObject(report) && isObject(report.summary) ? report.summary : report
    return isObject(summary) && typeof summary.records === 'number' ? summary.records : 0
  } catch {
    return 0
  }
}
