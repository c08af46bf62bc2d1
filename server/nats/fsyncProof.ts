// Whether the servers that hold the journal sync before they acknowledge (`sync_interval: always`). No client can see it:
// neither INFO nor any answer of JetStream's API has it (nats-server 2.14), and timing proves nothing. The server's
// monitoring endpoint says it (/varz, `jetstream.config.sync_always`), so each server that has a replica and is up has to
// be asked there; where one cannot be, nothing is proven and this program does not start, unless it is told that it may.

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

export interface Holder {
  readonly server: string
  /** Nobody else holds the stream, so it is up. Of one of several nobody knows at once that it has just gone down. */
  readonly isAlone: boolean
}

export interface FsyncTrouble {
  readonly error: DataSetError
  /** Asking again may find the server up again, or known to be down. */
  readonly mayPass: boolean
}

/** Null where each of these servers is known to sync before it acknowledges, or need not. */
export async function fsyncTrouble(holders: readonly Holder[], wanted: FsyncWanted): Promise<FsyncTrouble | null> {
  if (wanted.allowLazyFsync) return null
  if (wanted.monitorUrls.length === 0) {
    const trouble = 'not set, and nothing else tells whether nats-server syncs before it acknowledges'
    return { error: new DataSetError('NATS_MONITOR_URL', trouble, `${ADDRESSES}, ${OR_ALLOW}`), mayPass: false }
  }
  const answers = await Promise.all(wanted.monitorUrls.map(ask))
  for (const answer of answers) if (answer.kind === 'lazy') return { error: answer.error, mayPass: false }
  const unproven = holders.find(({ server }) => !answers.some((answer) => isOf(answer, server)))
  // No holder at all: their group is just electing a leader.
  if (unproven === undefined && holders.length > 0) return null
  const { server, isAlone } = unproven ?? { server: 'of the journal', isAlone: false }
  const silent = answers.find((answer) => answer.kind === 'silent')
  if (silent === undefined) {
    const error = new DataSetError('NATS_MONITOR_URL', `does not name server ${server}`, `${ADDRESSES}, ${OR_ALLOW}`)
    return { error, mayPass: unproven === undefined }
  }
  const trouble = `does not answer as nats-server does (${silent.why}), and may be that of ${server}`
  return { error: new DataSetError(silent.shown, trouble, `${ADDRESSES}, ${OR_ALLOW}`), mayPass: !isAlone }
}

function isOf(answer: Answer, server: string): boolean {
  return answer.kind === 'syncs' && answer.server === server
}

type Answer =
  | { readonly kind: 'syncs'; readonly server: string }
  /** Of a server that is down, perhaps: it acknowledges nothing now. */
  | { readonly kind: 'silent'; readonly shown: string; readonly why: string }
  | { readonly kind: 'lazy'; readonly error: DataSetError }

async function ask(url: string): Promise<Answer> {
  const shown = `NATS_MONITOR_URL ${new URL(url).origin}`
  const varz = await readVarz(url).catch(reasonOf)
  if (typeof varz === 'string') return { kind: 'silent', shown, why: varz }
  if (varz.jetstream?.config?.sync_always === true) return { kind: 'syncs', server: varz.server_name }
  const trouble = `server ${varz.server_name} acknowledges before it has synced`
  return { kind: 'lazy', error: new DataSetError(shown, trouble, SYNC) }
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
