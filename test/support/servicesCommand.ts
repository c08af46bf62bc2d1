// `npm run services` as a process of its own. Ended with SIGTERM, never killed: what it has started ends with it.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { PROJECT_ROOT } from './server.ts'

const CLI = join(PROJECT_ROOT, 'server', 'bin', 'services', 'cli.ts')

export interface ServicesCommand {
  readonly child: ChildProcess
  readonly ended: Promise<number>
  output(): string
}

const children = new Set<ChildProcess>()
process.on('exit', () => {
  // SIGTERM: what it started ends with it.
  for (const child of children) child.kill('SIGTERM')
})

/** Under this process's environment, in a folder that is not the project's. */
export function startServicesCommand(args: readonly string[]): ServicesCommand {
  const flags = ['--disable-warning=ExperimentalWarning', CLI]
  const child = spawn(process.execPath, [...flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' })
  children.add(child)
  let output = ''
  const keep = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number>((resolve) =>
    child.once('close', (code) => {
      children.delete(child)
      resolve(code ?? -1)
    }),
  )
  return { child, ended, output: () => output }
}

/** Until it ends by itself. */
export async function runServicesCommand(
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const started = startServicesCommand(args)
  return { code: await started.ended, output: started.output() }
}
