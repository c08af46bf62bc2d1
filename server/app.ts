// The composition root: puts journal, store, runtime, identity and the two wires together, and takes them down again in
// the opposite order. Nothing below knows of more than its ports.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tellRestored } from './backup/restoredMark.ts'
import { openClusterIdentity } from './cluster/clusterIdentity.ts'
import { openClusterSide } from './cluster/clusterSide.ts'
import type { Config } from './config.ts'
import { type FrontDoor, openFrontDoor } from './frontDoor.ts'
import { SOCKET_LIMITS, type SocketLimits } from './http/transport.ts'
import { lockDataFolder, unusable } from './journal/lock.ts'
import type { Log } from './log.ts'
import { Metrics } from './metrics.ts'
import { type MoneySide, openMoneySide } from './moneySide.ts'

export interface RunningServer {
  readonly url: string
  /** Says where it is, for tools on the same machine: `<data>/server.json`, there while it serves. Throws DataSetError. */
  announce(): void
  /** A guest with an open wallet, for whoever tries the server by hand. */
  newGuest(): Promise<{ readonly token: string; readonly walletId: string }>
  /** For a program that runs the server inside itself. */
  readonly actors: MoneySide['actors']
  /** Drains and closes. Answers whether nothing was left over. */
  stop(): Promise<boolean>
}

/**
 * Rejects with ConfigError, DataSetError, ListenError or a broken log's error where the start is refused; nothing is left
 * running then. `stopping`, once aborted, ends the wait for this process's share of the work.
 */
export async function startServer(
  config: Config,
  log: Log,
  limits: SocketLimits = SOCKET_LIMITS,
  stopping: AbortSignal = new AbortController().signal,
): Promise<RunningServer> {
  const undo: (() => unknown)[] = []
  try {
    const lock = lockDataFolder(config.dataDir)
    undo.push(() => lock.release())
    tellRestored(config.dataDir, log)
    const metrics = new Metrics()
    const { backing } = config
    const money =
      backing.kind === 'cluster'
        ? await openClusterSide(config, backing, metrics, log)
        : await openMoneySide(config, metrics, log)
    undo.push(() => money.close())
    const shared = backing.kind === 'cluster' ? await openClusterIdentity(backing, log) : null
    undo.push(() => shared?.close())
    const door = await openFrontDoor(config, money, metrics, log, limits, shared ?? undefined)
    undo.push(() => door.close())
    // Last: what refuses a start is found out before others hand their partitions over to it.
    await money.join(stopping)
    door.startJobs()
    const addressFile = join(config.dataDir, 'server.json')
    let stopped: Promise<boolean> | null = null
    const stop = async (): Promise<boolean> => {
      door.refuseNew()
      forget(addressFile)
      const clean = await money.drain(config.shutdownTimeoutMs)
      await door.close()
      await shared?.close()
      await money.close()
      lock.release()
      return clean
    }
    return {
      url: door.url,
      announce: () => writeAddress(config.dataDir, addressFile, door),
      newGuest: () => door.newGuest(),
      actors: money.actors,
      stop() {
        stopped ??= stop()
        return stopped
      },
    }
  } catch (error) {
    for (const step of undo.reverse()) await Promise.resolve(step()).catch(() => {})
    throw error
  }
}

function writeAddress(folder: string, file: string, door: FrontDoor): void {
  const { host, port, url } = door
  try {
    writeFileSync(file, `${JSON.stringify({ pid: process.pid, host, port, url })}\n`)
  } catch (error) {
    throw unusable(folder, error)
  }
}

/** A disk that does not let go of it does not keep a process from draining. */
function forget(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // whoever reads it finds nobody there
  }
}
