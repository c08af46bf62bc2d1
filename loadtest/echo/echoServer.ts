// The bare echo room that durable transfers are measured against: the server's own transport and way into rooms, the
// same request and reply, nothing behind it. Runs as a process of its own and tells its address over the IPC channel.

import { randomBytes } from 'node:crypto'
import { matchMaker, Room, Server } from '@colyseus/core'
import { CorsPolicy } from '../../server/http/cors.ts'
import { HttpService } from '../../server/http/httpService.ts'
import { RateLimits } from '../../server/http/rateLimits.ts'
import { Router } from '../../server/http/router.ts'
import { matchmakingRoutes, trimMatchmaking } from '../../server/http/routes/matchmaking.ts'
import type { StaffCalls } from '../../server/http/staff.ts'
import { createTransport } from '../../server/http/transport.ts'
import type { Identity } from '../../server/identity/port.ts'
import { TokenService } from '../../server/identity/tokens.ts'
import { createLog } from '../../server/log.ts'
import { systemClock } from '../../server/system.ts'

/** The name the way into rooms lets through; what is behind it is not the wallet room. */
const ROOM = 'wallet'
const HOST = '127.0.0.1'

class EchoRoom extends Room {
  override autoDispose = false
  override maxMessagesPerSecond = Number.POSITIVE_INFINITY

  override onCreate(): void {
    this.patchRate = null
    this.onMessage('transfer', (_client, message: unknown) => message)
  }
}

const absent = async () => 'not_found' as const
trimMatchmaking()
const log = createLog('warn')
const http = new HttpService({
  router: new Router(matchmakingRoutes({ trustProxy: false, watchRoomOf: absent, endedRoomOf: absent })),
  identity: {} as Identity, // no route here asks who somebody is
  tokens: new TokenService(randomBytes(32).toString('hex'), systemClock),
  rateLimits: new RateLimits(false),
  staff: {} as StaffCalls, // no route here is for staff
  cors: new CorsPolicy([], false),
  trustProxy: false,
  log,
  answered: () => {},
})
const transport = await createTransport('auto', http, log)
const server = new Server({ transport, greet: false, gracefullyShutdown: false })
server.define(ROOM, EchoRoom)
await server.listen(0, HOST)
await matchMaker.createRoom(ROOM, {})
process.once('disconnect', () => process.exit(0))
process.send?.({ url: `http://${HOST}:${transport.port}` })
