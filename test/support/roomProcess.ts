// A process among others as far as rooms, rate limits and Redis go, with wallets of its own in files: what shows how the
// front door fares without the other services. Started like the server, with the cluster's environment.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '../../server/config.ts'
import { DataSetError } from '../../server/dataSetError.ts'
import { openFrontDoor } from '../../server/frontDoor.ts'
import { SOCKET_LIMITS } from '../../server/http/transport.ts'
import { createLog } from '../../server/log.ts'
import { Metrics } from '../../server/metrics.ts'
import { openMoneySide } from '../../server/moneySide.ts'

process.on('unhandledRejection', (error) => console.error('UNHANDLED', error))

try {
  const config = parseConfig(process.env)
  const log = createLog(config.logLevel)
  const metrics = new Metrics()
  const money = await openMoneySide({ ...config, backing: { kind: 'embedded' } }, metrics, log)
  const door = await openFrontDoor(config, money, metrics, log, SOCKET_LIMITS)
  process.on('SIGTERM', async () => {
    door.refuseNew()
    await money.drain(config.shutdownTimeoutMs)
    await door.close()
    await money.close()
    process.exit(0)
  })
  const { host, port, url } = door
  writeFileSync(join(config.dataDir, 'server.json'), JSON.stringify({ pid: process.pid, host, port, url }))
} catch (error) {
  console.error(error instanceof DataSetError ? `Cannot start: ${error.message}` : error)
  process.exit(2)
}
