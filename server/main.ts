// The composition root's front: reads the configuration, starts the server, says where it is, and drains on a signal.
// Exit codes: 0 after a drained stop, 1 when something was left over or went wrong, 2 when the start was refused.

import { setFlagsFromString } from 'node:v8'
import { CorruptBatchError } from '../actors/runtime/codec.ts'
import { BrokenLogError } from '../actors/runtime/recovery.ts'
import { type RunningServer, startServer } from './app.ts'
import { printBanner } from './banner.ts'
import { ConfigError, parseConfig } from './config.ts'
import { DataSetError } from './dataSetError.ts'
import { SOCKET_LIMITS } from './http/transport.ts'
import { createLog, type Log } from './log.ts'

// The young generation that this process was started with is the main thread's. Left in place, the flag would give as
// much to every thread, whatever its own limits say: 200 MB more.
setFlagsFromString('--max-semi-space-size=0')

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const log = createLog(config.logLevel)
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'))
  // In place before anything is open: a start takes its time, and serves before it is over.
  const stop = whenSignalled(log)
  const server = await startServer(config, log, SOCKET_LIMITS, stop)
  const end = (): void => void drainAndExit(server, log)
  if (stop.aborted) return end()
  stop.addEventListener('abort', end)
  server.announce()
  await printBanner(config, server)
}

/** Aborted by the first SIGINT or SIGTERM. npm passes Ctrl-C on to a process that got it already: others change nothing. */
function whenSignalled(log: Log): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) return
      log.info({ signal }, 'draining')
      stop.abort()
    })
  }
  return stop.signal
}

async function drainAndExit(server: RunningServer, log: Log): Promise<void> {
  try {
    const clean = await server.stop()
    log.info({ clean }, clean ? 'drained' : 'stopped with work left over; the next start takes it up')
    process.exit(clean ? 0 : 1)
  } catch (error) {
    log.fatal({ err: error }, 'stop failed')
    process.exit(1)
  }
}

main().catch((error: unknown) => {
  const expected =
    [ConfigError, DataSetError, BrokenLogError, CorruptBatchError].some((kind) => error instanceof kind) ||
    isRefusal(error)
  console.error(expected ? `Cannot start: ${(error as Error).message}` : error) // each of the five is an Error
  process.exit(expected ? 2 : 1)
})

/** Errors of the start that carry their remedy: a taken port. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ListenError'
}
