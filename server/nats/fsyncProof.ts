// Whether the servers that hold the journal sync before they acknowledge (`sync_interval: always`). No client can see it:
// neither INFO nor any answer of JetStream's API has it (nats-server 2.14), and timing proves nothing. The server's
// monitoring endpoint says it (/varz, `jetstream.config.sync_always`), so each server that has a replica has to be asked
// there; where one cannot be, nothing is proven and this program does not start, unless it is told that it may.

import { z } from 'zod'
import { DataSetError, messageOf } from '../dataSetError.ts'

export interface FsyncWanted {
  /** ALLOW_LAZY_FSYNC: acknowledged commands may be lost in a power cut. */
  readonly allowLazyFsync: boolean
  /** NATS_MONITOR_URL: the monitoring address of each server. */
  readonly monitorUrls: readonly string[]
}

const ASK_WITHIN_MS = 3_000
const VARZ = z.object({
  server_name: z.string(),
  jetstream: z.object({ config: z.object({ sync_always: z.boolean().optional() }).optional() }).optional(),
})

const OR_ALLOW = 'or ALLOW_LAZY_FSYNC=1 where a power cut may lose acknowledged commands'
const SYNC = `Set sync_interval: always in its jetstream block, ${OR_ALLOW}`
const ADDRESSES = 'Set NATS_MONITOR_URL to the monitoring address of each server (its `http` setting)'

/** Throws DataSetError unless each of these servers (by name) is known to sync before it acknowledges, or need not. */
export async function requireFsync(servers: ReadonlySet<string>, wanted: FsyncWanted): Promise<void> {
  if (wanted.allowLazyFsync) return
  if (wanted.monitorUrls.length === 0) {
    const trouble = 'not set, and nothing else tells whether nats-server syncs before it acknowledges'
    throw new DataSetError('NATS_MONITOR_URL', trouble, `${ADDRESSES}, ${OR_ALLOW}`)
  }
  const syncing = new Set(await Promise.all(wanted.monitorUrls.map(syncingServer)))
  for (const server of servers) {
    if (syncing.has(server)) continue
    throw new DataSetError('NATS_MONITOR_URL', `does not name server ${server}`, `${ADDRESSES}, ${OR_ALLOW}`)
  }
}

/** The name of the server there, which syncs. */
async function syncingServer(url: string): Promise<string> {
  const shown = `NATS_MONITOR_URL ${new URL(url).origin}`
  const varz = await readVarz(url).catch((error: unknown) => {
    throw new DataSetError(
      shown,
      `does not answer as nats-server does (${reasonOf(error)})`,
      `${ADDRESSES}, ${OR_ALLOW}`,
    )
  })
  if (varz.jetstream?.config?.sync_always === true) return varz.server_name
  throw new DataSetError(shown, `server ${varz.server_name} acknowledges before it has synced`, SYNC)
}

async function readVarz(url: string): Promise<z.infer<typeof VARZ>> {
  const { username, password, origin } = new URL(url)
  // fetch takes no user in an address, and says the whole address when it refuses one.
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const headers = { authorization: `Basic ${Buffer.from(user).toString('base64')}` }
  const signal = AbortSignal.timeout(ASK_WITHIN_MS)
  const response = await fetch(`${origin}/varz`, username === '' ? { signal } : { signal, headers })
  return VARZ.parse(await response.json())
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return messageOf(cause).split('\n')[0] ?? ''
}
