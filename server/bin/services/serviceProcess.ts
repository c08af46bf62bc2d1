// One service as a child of this process, in a group of its own: Ctrl-C reaches this process alone, which then ends its
// children in order, each by its id. What a service prints goes to a file beside its data.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { answers } from './ports.ts'
import type { Program, ServiceName } from './programs.ts'

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 10_000
const POLL_MS = 25
const SHOWN_OUTPUT = 3 * 1024

export interface Launch {
  readonly service: ServiceName
  readonly program: Program
  readonly args: readonly string[]
  readonly port: number
  readonly url: string
  readonly logFile: string
}

export class ServiceProcess {
  readonly launch: Launch
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>
  private readonly child: ChildProcess
  private over = false
  private trouble = ''

  constructor(launch: Launch) {
    this.launch = launch
    const log = openSync(launch.logFile, 'w', 0o600)
    this.child = spawn(launch.program.path, launch.args, { stdio: ['ignore', log, log], detached: true })
    closeSync(log)
    living.add(this.child)
    this.ended = new Promise((resolve) => {
      const finish = (trouble: string): void => {
        living.delete(this.child)
        this.over = true
        this.trouble = trouble
        resolve()
      }
      this.child.once('error', (error) => finish(error.message))
      this.child.once('exit', (code, signal) => finish(signal === null ? `exit code ${code}` : signal))
    })
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  /** Rejects, with what it printed, where it ends instead of answering. */
  async ready(): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS
    for (;;) {
      if (this.over) throw new Error(this.whyEnded())
      if (await answers(this.launch.port)) return
      if (performance.now() > deadline) throw new Error(`${this.name} does not answer:\n${this.printed()}`)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  /** For a service that ended by itself. */
  whyEnded(): string {
    return `${this.name} has ended (${this.trouble}):\n${this.printed()}`
  }

  async stop(): Promise<void> {
    if (this.over) return
    this.child.kill('SIGTERM')
    const hurry = setTimeout(() => this.child.kill('SIGKILL'), STOP_WITHIN_MS)
    await this.ended
    clearTimeout(hurry)
  }

  private get name(): string {
    return this.launch.program.file
  }

  private printed(): string {
    return readFileSync(this.launch.logFile, 'utf8').slice(-SHOWN_OUTPUT)
  }
}

// However this process comes to its end, as long as it hears of it.
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})
