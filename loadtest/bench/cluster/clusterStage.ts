// Services of the benchmark's own, and servers over them: each data set by its name, its processes with folders of their
// own. Everything is stopped and removed at the end.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startServices } from '../../../server/bin/services/running.ts'
import { ROOT, type RunningServer, runScript, startServer } from '../../server.ts'
import type { AuditResult } from '../figures.ts'

/** Far from the usual ones, which may be somebody's. */
const PORTS = { nats: 14_222, mongo: 37_017, redis: 16_379 } as const
const AUDIT_TIMEOUT_MS = 300_000

export interface DataSetShape {
  readonly name: string
  readonly partitions: number
  readonly streams: number
}

export interface ClusterStage {
  start(shape: DataSetShape): Promise<RunningServer>
  stop(server: RunningServer): Promise<void>
  /** The store takes nothing while this runs, and goes on afterwards. */
  withoutStore<T>(run: () => Promise<T>): Promise<T>
  audit(shape: DataSetShape): Promise<AuditResult>
}

export async function onClusterStage<T>(play: (stage: ClusterStage) => Promise<T>): Promise<T> {
  const scratch = join(ROOT, 'tmp')
  mkdirSync(scratch, { recursive: true })
  const folder = mkdtempSync(join(scratch, 'bench-cluster-'))
  const running = new Set<RunningServer>()
  const stopped = new AbortController()
  const services = await startServices(join(folder, 'services'), PORTS, stopped.signal)
  const ended = (): void => {
    for (const { pid } of services.services) if (pid !== undefined) killQuietly(pid)
  }
  // A bench that is told to stop leaves nothing behind.
  process.once('exit', ended)
  const url = (name: string): string =>
    services.services.find(({ launch }) => launch.service === name)?.launch.url ?? ''
  const signal = (name: string, what: NodeJS.Signals): void => {
    const pid = services.services.find(({ launch }) => launch.service === name)?.pid
    if (pid !== undefined) process.kill(pid, what)
  }
  const env = (shape: DataSetShape): Record<string, string> => ({
    NATS_URL: url('nats'),
    NATS_MONITOR_URL: `http://127.0.0.1:${services.monitorPort}`,
    MONGO_URL: url('mongo'),
    REDIS_URL: url('redis'),
    TOKEN_SECRET: 'a secret of the benchmark, for nobody else',
    DATA_SET: shape.name,
    PARTITIONS: String(shape.partitions),
    JOURNAL_STREAMS: String(shape.streams),
  })
  let folders = 0
  try {
    return await play({
      async start(shape) {
        const server = await startServer({ dataDir: join(folder, `server-${folders++}`), env: env(shape) })
        running.add(server)
        return server
      },
      async stop(server) {
        running.delete(server)
        const code = await server.stop()
        if (code !== 0) throw new Error(`the server did not stop cleanly: exit code ${code}`)
      },
      async withoutStore(run) {
        signal('mongo', 'SIGSTOP')
        try {
          return await run()
        } finally {
          signal('mongo', 'SIGCONT')
        }
      },
      async audit(shape) {
        const { code, output, elapsedMs } = await runScript(
          'server/verify.ts',
          ['--json'],
          AUDIT_TIMEOUT_MS,
          env(shape),
        )
        return { passed: code === 0, records: recordsOf(output), elapsedMs, problem: output.trim().slice(-2_000) }
      },
    })
  } finally {
    for (const server of running) await server.kill()
    await services.stop()
    process.off('exit', ended)
    rmSync(folder, { recursive: true, force: true })
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // gone already
  }
}

function recordsOf(output: string): number {
  try {
    const { summary } = JSON.parse(output) as { summary?: { records?: unknown } } // what it prints, if it is that
    return typeof summary?.records === 'number' ? summary.records : 0
  } catch {
    return 0
  }
}
