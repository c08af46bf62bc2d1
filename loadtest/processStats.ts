// What the system says of a process: memory and CPU time from /proc. Where there is none (not Linux), zeros: the figures
// that need it then read "not measured".

import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

export interface ProcessStats {
  readonly rssMb: number
  /** Highest so far. */
  readonly peakRssMb: number
  /** User and system time since the process began. */
  readonly cpuMs: number
}

const TICKS_PER_SECOND = 100

export function processStats(pid: number): ProcessStats {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    // The name in brackets may hold spaces; the fields behind it are fixed: utime and stime are the 12th and 13th.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return {
      rssMb: kilobytes(status, 'VmRSS') / 1024,
      peakRssMb: kilobytes(status, 'VmHWM') / 1024,
      cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
    }
  } catch {
    return { rssMb: 0, peakRssMb: 0, cpuMs: 0 }
  }
}

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryMb: number
  readonly node: string
  readonly platform: string
  /** Over the last minute, before anything was started. */
  readonly loadAverage: number
}

export function machine(): Machine {
  const all = cpus()
  return {
    cores: all.length,
    cpu: all[0]?.model ?? 'unknown',
    memoryMb: Math.round(totalmem() / 1024 / 1024),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    loadAverage: loadavg()[0] ?? 0,
  }
}

function kilobytes(status: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)
  return match === null ? 0 : Number(match[1])
}
