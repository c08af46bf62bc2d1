// What an earlier run has left: the ids of its services, kept beside their data. Two NATS servers over one folder would
// ruin it, so that nothing starts while one of them lives, be it that the run goes on or that it was killed.

import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const FILE = 'running.json'

const SERVICES = z.array(z.object({ file: z.string(), pid: z.int().positive() }))

export type RunningPrograms = z.infer<typeof SERVICES>

export function remember(folder: string, programs: RunningPrograms): void {
  writeFileSync(join(folder, FILE), `${JSON.stringify(programs)}\n`)
}

export function forget(folder: string): void {
  rmSync(join(folder, FILE), { force: true })
}

/** Those that live still. */
export function stillRunning(folder: string): RunningPrograms {
  let text: string
  try {
    text = readFileSync(join(folder, FILE), 'utf8')
  } catch {
    return []
  }
  const parsed = SERVICES.safeParse(jsonOf(text))
  // The id may be somebody else's by now: the program tells.
  return parsed.success ? parsed.data.filter(({ file, pid }) => commandOf(pid).includes(file)) : []
}

/** Half a file is what a full disk leaves. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // not there, or no Linux
    return spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).stdout ?? ''
  }
}
