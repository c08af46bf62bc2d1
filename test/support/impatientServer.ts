// The server with less patience for silent sockets than anybody should configure, so that a test need not have more.

import { startServer } from '../../server/app.ts'
import { parseConfig } from '../../server/config.ts'
import { SOCKET_LIMITS } from '../../server/http/transport.ts'
import { createLog } from '../../server/log.ts'

/** The least uWebSockets takes. */
const IDLE_SECONDS = 8

const config = parseConfig(process.env)
const limits = { ...SOCKET_LIMITS, idleSeconds: IDLE_SECONDS }
const server = await startServer(config, createLog(config.logLevel), limits)
process.once('SIGTERM', () => server.stop().then((clean) => process.exit(clean ? 0 : 1)))
server.announce()
