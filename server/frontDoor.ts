// The two wires of the process: HTTP and the rooms, over one transport, with identity behind both. It translates and
// lets through; what happens to money is the money side's business.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { matchMaker, Server } from '@colyseus/core'
import { provideWalletHost, WalletRoom } from '../rooms/walletRoom.ts'
import { walletOf } from '../shared/ids.ts'
import type { Config } from './config.ts'
import { createHttp } from './http/createHttp.ts'
import { createTransport, type ListeningTransport, type SocketLimits } from './http/transport.ts'
import { loadTokenSecret } from './identity/secret.ts'
import { SqliteIdentity } from './identity/sqliteIdentity.ts'
import { TokenService } from './identity/tokens.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { MoneySide } from './moneySide.ts'
import { nextRequestId, systemClock } from './system.ts'

export interface FrontDoor {
  readonly host: string
  readonly port: number
  readonly url: string
  newGuest(): Promise<{ readonly token: string; readonly walletId: string }>
  /** Answers "not ready" from now on; connections go on. */
  refuseNew(): void
  close(): Promise<void>
}

/** How long rooms may take to let their clients go. */
const ROOMS_CLOSE_WITHIN_MS = 2_000

export async function openFrontDoor(
  config: Config,
  money: MoneySide,
  metrics: Metrics,
  log: Log,
  limits: SocketLimits,
): Promise<FrontDoor> {
  const tokens = new TokenService(loadTokenSecret(config.tokenSecret), systemClock)
  const identityFile = join(config.dataDir, 'identity.db')
  if (!money.isNew && !existsSync(identityFile)) {
    const remedy = 'stop, and bring back identity.db; without it nobody who had an account can sign in to it'
    log.error({ file: identityFile, remedy }, 'the ledger has records, but identity.db is gone: a new one is made')
  }
  const identity = new SqliteIdentity(identityFile, systemClock)
  let open = true
  try {
    const http = createHttp({
      config,
      identity,
      tokens,
      metrics,
      log,
      wallets: money.wallets,
      ready: () => {
        const checks = { ...money.checks(), admission: open ? 'ok' : 'draining' }
        return { ready: Object.values(checks).every((check) => check === 'ok'), checks }
      },
    })
    provideWalletHost({
      wallets: money.wallets,
      feed: money.feed,
      rateLimits: config.rateLimits,
      async identify(token) {
        const checked = await tokens.verify(token)
        if (checked.kind === 'valid') return checked.caller
        return checked.kind === 'expired' ? 'token_expired' : 'unauthenticated'
      },
      newRequestId: nextRequestId,
      failed: (error) => log.error({ err: error }, 'room handler failed'),
    })
    const transport = await createTransport(config.transport, http, log, limits)
    const server = await listen(config, transport)
    metrics.watch('leet_sockets', () => transport.sockets)
    metrics.watch('leet_http_in_flight', () => transport.httpInFlight)
    const host = config.host
    const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
    return {
      host,
      port: transport.port,
      url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${transport.port}`,
      async newGuest() {
        const { user } = await identity.createGuest(null)
        const walletId = walletOf(user.id)
        await money.wallets.open(user.id, walletId)
        return { token: (await tokens.issue(user)).token, walletId }
      },
      refuseNew() {
        open = false
      },
      async close() {
        await closeRooms(server, transport)
        await identity.close()
      },
    }
  } catch (error) {
    await identity.close()
    throw error
  }
}

async function listen(config: Config, transport: ListeningTransport): Promise<Server> {
  const server = new Server({ transport, greet: false, gracefullyShutdown: false })
  server.define('wallet', WalletRoom)
  await server.listen(config.port, config.host)
  // C3: the process's one wallet room is there before the first client.
  await matchMaker.createRoom('wallet', {})
  return server
}

let closing: Promise<void> | null = null

function closeRooms(server: Server, transport: ListeningTransport): Promise<void> {
  closing ??= (async () => {
    const late = new Promise<void>((resolve) => setTimeout(resolve, ROOMS_CLOSE_WITHIN_MS).unref())
    await Promise.race([server.gracefullyShutdown(false).catch(() => {}), late])
    transport.shutdown()
  })()
  return closing
}
