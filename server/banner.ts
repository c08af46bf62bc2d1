// What a newcomer sees first: the addresses, a token that works, and three commands to try. Production says one line.

import type { RunningServer } from './app.ts'
import type { Config } from './config.ts'

export async function printBanner(config: Config, server: RunningServer): Promise<void> {
  if (config.production) {
    console.log(`listening on ${server.url}`)
    return
  }
  const guest = await server.newGuest()
  const headers = `-H "Authorization: Bearer $TOKEN"`
  const json = `-H "Content-Type: application/json"`
  console.log(`
LeetGaming realtime

  HTTP        ${server.url}          (document: ${server.url}/openapi.json)
  WebSocket   ${server.url.replace(/^http/, 'ws')}            (Colyseus 0.18, room "wallet")
  data        ${config.dataDir}          (embedded SQLite; sandbox money only)

A guest was made for you: wallet ${guest.walletId}

  export TOKEN=${guest.token}

Try:

  curl -s ${headers} ${server.url}/wallet/balance
  curl -s -X POST ${headers} ${json} -d '{"currency":"USD","amount":"100.00","idempotency_key":"first"}' ${server.url}/wallet/deposit
  curl -s ${headers} ${server.url}/wallet/transactions

Ctrl-C drains and stops.
`)
}
