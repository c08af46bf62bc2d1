// The three services together: all of them answer, or none is left running.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_MONITOR_PORT, DEFAULT_PORTS, prepare } from './commands.ts'
import { forget, remember, stillRunning } from './earlier.ts'
import { freePortFrom } from './ports.ts'
import { findProgram, SERVICE_NAMES, type ServiceName } from './programs.ts'
import { ServiceProcess } from './serviceProcess.ts'

export interface RunningServices {
  readonly services: readonly ServiceProcess[]
  /** Where NATS' monitoring answers. */
  readonly monitorPort: number
  /** The first that ends by itself. */
  readonly firstEnded: Promise<ServiceProcess>
  stop(): Promise<void>
}

/**
 * `ports` where somebody else has not got them, else the next ones. Rejects, with what to do, where a program is missing,
 * one does not start, or those of an earlier run are still there; `stop` ends a start that is under way.
 */
export async function startServices(
  folder: string,
  ports: Readonly<Record<ServiceName, number>> = DEFAULT_PORTS,
  stop: AbortSignal,
): Promise<RunningServices> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const earlier = stillRunning(folder)
  if (earlier.length > 0) {
    const list = earlier.map(({ file, pid }) => `${file} (pid ${pid})`).join(', ')
    const pids = earlier.map(({ pid }) => pid).join(' ')
    throw new Error(`${folder} is in use by ${list}. End that run, or what it left: kill ${pids}`)
  }
  const services: ServiceProcess[] = []
  const stopAll = async (): Promise<void> => {
    // The journal's last: who writes still can.
    for (const service of [...services].reverse()) await service.stop()
    forget(folder)
  }
  const monitorPort = await freePortFrom(DEFAULT_MONITOR_PORT)
  try {
    for (const name of SERVICE_NAMES) {
      stop.throwIfAborted()
      const service = await launch(name, folder, await freePortFrom(ports[name]), monitorPort)
      services.push(service)
      remember(
        folder,
        services.map(({ pid, launch: { program } }) => ({ file: program.file, pid })),
      )
    }
    await Promise.all(services.map((service) => service.ready()))
    stop.throwIfAborted()
  } catch (error) {
    await stopAll()
    throw error
  }
  const firstEnded = Promise.race(services.map((service) => service.ended.then(() => service)))
  return { services, monitorPort, firstEnded, stop: stopAll }
}

async function launch(
  service: ServiceName,
  folder: string,
  port: number,
  monitorPort: number,
): Promise<ServiceProcess> {
  const found = findProgram(service)
  if (found.kind === 'missing') throw new Error(found.why)
  const { program } = found
  const { args, url } = prepare(service, program, folder, port, monitorPort)
  return new ServiceProcess({ service, program, args, port, url, logFile: join(folder, `${program.file}.log`) })
}
