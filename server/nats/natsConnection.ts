// Connects to NATS, and refuses at start, in one line that names NATS_URL, a server this program cannot use: nobody there,
// credentials refused, too old, no JetStream, messages too small. Once connected it reconnects for ever; nobody waits for
// that without a deadline. Passwords never reach a message.

import { jetstreamManager } from '@nats-io/jetstream'
import { type ConnectionOptions, connect, errors, type NatsConnection } from '@nats-io/transport-node'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { LEAST_MAX_PAYLOAD } from './messageSize.ts'
import { NatsLink } from './natsLink.ts'
import { type Patience, settled } from './patience.ts'

export interface NatsOptions {
  /** NATS_URL: where the servers are, with credentials where they are needed: the same ones in each. */
  readonly urls: readonly string[]
  /** As the servers' own connection list shows it. */
  readonly name: string
  readonly onAlarm?: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

/** 2.12.3: fencing per subject is right in clusters from here on, and `persist_mode` is told. */
const LEAST_VERSION = [2, 12, 3] as const
const CONNECT_WITHIN_MS = 4_500
const DIAL_WITHIN_MS = 2_000
/** A cluster that has just been started elects its leaders first. */
const JETSTREAM_PATIENCE: Patience = { withinMs: 10_000, nobodyMs: 1_500 }
/** A server that answers none of two pings is dead: noticed within 6 s. */
const PING_EVERY_MS = 2_000
const PINGS_OUT = 2
const RECONNECT_WAIT_MS = 200
const RECONNECT_JITTER_MS = 200

/** Rejects with DataSetError where the servers cannot be used. */
export async function connectNats(options: NatsOptions): Promise<NatsLink> {
  const connection = await dial(options)
  try {
    const shown = shownUrls(options.urls)
    checkServer(connection, shown)
    await checkJetStream(connection, shown)
    return new NatsLink(connection, options.onAlarm ?? (() => undefined))
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function dial(options: NatsOptions): Promise<NatsConnection> {
  const shown = shownUrls(options.urls)
  const connecting = connect(connectionOptions(options))
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), CONNECT_WITHIN_MS)
  })
  try {
    const first = await Promise.race([connecting, late])
    if (first !== 'late') return first
  } catch (error) {
    throw refusedConnection(shown, error)
  } finally {
    clearTimeout(timer)
  }
  // Whatever comes of it now comes too late.
  connecting.then((connection) => connection.close()).catch(() => undefined)
  throw nobodyThere(shown, `nobody answered within ${CONNECT_WITHIN_MS / 1000} s`)
}

function connectionOptions({ urls, name }: NatsOptions): ConnectionOptions {
  const parsed = urls.map((url) => new URL(url))
  const { username = '', password = '' } = parsed.find((url) => url.username !== '') ?? {}
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)]
  const isOther = (url: URL): boolean => url.username !== '' && (url.username !== username || url.password !== password)
  if (parsed.some(isOther)) {
    throw new DataSetError(shownUrls(urls), 'its servers have different credentials', 'Give the same user to each')
  }
  return {
    servers: parsed.map((url) => url.host),
    name,
    ...(user === '' ? {} : pass === '' ? { token: user } : { user, pass }),
    ...(parsed.some((url) => url.protocol === 'tls:') ? { tls: {} } : {}),
    timeout: DIAL_WITHIN_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    reconnectJitterTLS: RECONNECT_JITTER_MS,
    // Credentials changed under a running server come back with its next reload: no reason to give up for good.
    ignoreAuthErrorAbort: true,
    pingInterval: PING_EVERY_MS,
    maxPingOut: PINGS_OUT,
    noAsyncTraces: true,
  }
}

function refusedConnection(shown: string, error: unknown): DataSetError {
  if (error instanceof errors.AuthorizationError) {
    return new DataSetError(
      shown,
      'the server refuses these credentials',
      'Set NATS_URL to nats://user:password@host:port',
    )
  }
  // The client's words for a connection that was closed before the server had introduced itself.
  const isSilent = messageOf(error).includes('undefined error')
  return nobodyThere(shown, isSilent ? 'what listens there is no nats-server' : messageOf(error))
}

function nobodyThere(shown: string, why: string): DataSetError {
  return new DataSetError(shown, why, 'Start nats-server there, or set NATS_URL to where it is')
}

function checkServer(connection: NatsConnection, shown: string): void {
  const { version = '', max_payload: maxPayload = 0 } = connection.info ?? {}
  const least = LEAST_VERSION.join('.')
  if (!isAtLeast(version, LEAST_VERSION)) {
    throw new DataSetError(shown, `nats-server ${version} is too old`, `Run nats-server ${least} or newer`)
  }
  if (maxPayload < LEAST_MAX_PAYLOAD) {
    const remedy = `Set max_payload to 1MB, and no less than ${LEAST_MAX_PAYLOAD}, in the server's configuration`
    throw new DataSetError(shown, `the server takes messages of ${maxPayload} bytes at most`, remedy)
  }
}

async function checkJetStream(connection: NatsConnection, shown: string): Promise<void> {
  const answer = await settled(JETSTREAM_PATIENCE, () => jetstreamManager(connection, { timeout: DIAL_WITHIN_MS }))
  if (answer.kind === 'done') return
  const why = answer.kind === 'refused' ? 'JetStream is not enabled there' : 'JetStream does not answer'
  const remedy =
    "Enable it in the server's configuration (jetstream { store_dir: …, sync_interval: always }) and for this user's account"
  throw new DataSetError(shown, `${why} (${messageOf(answer.error)})`, remedy)
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number)
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0
    if (part !== wanted) return part > wanted
  }
  return true
}

/** The list without its users and passwords. */
function shownUrls(urls: readonly string[]): string {
  const shown = urls.map((url) => {
    const { protocol, host } = new URL(url)
    return `${protocol}//${host}`
  })
  return `NATS_URL ${shown.join(',')}`
}
