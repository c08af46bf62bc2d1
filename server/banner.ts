// What a newcomer sees first: the addresses, a token that works, and three commands to try. Production says one line.

import type { RunningServer } from './app.ts'
import type { Config } from './config.ts'

export async function printBanner(config: Config, server: RunningServer): Promise<void> {
  if (config.production) {
    console.log(`listening on ${server.url}`)
    return
  }
  // A server on services that are slow today serves all the same.
  const guest = await server.newGuest().catch(() => null)
  if (guest === null) {
    console.log(`listening on ${server.url}`)
    return
  }
  const kept = config.backing.kind === 'cluster' ? 'nothing that lasts: it is on the services' : 'embedded SQLite'
  const headers = `-H "Authorization: Bearer $TOKEN"`
  const json = `-H "Content-Type: application/json"`
  console.log(`
LeetGaming realtime

  page        ${server.url}/          (two tabs are two players: queue, stake, play, watch)
  HTTP        ${server.url}          (document: ${server.url}/openapi.json)
  WebSocket   ${server.url.replace(/^http/, 'ws')}            (Colyseus 0.18, room "wallet")
  data        ${config.dataDir}          (${kept}; sandbox money only)

A guest was made for you: wallet ${guest.walletId}

  export TOKEN=${guest.token}

Try:

  curl -s ${headers} ${server.url}/wallet/balance
  curl -s -X POST ${headers} ${json} -d '{"currency":"USD","amount":"100.00","idempotency_key":"first"}' ${server.url}/wallet/deposit
  curl -s ${headers} ${server.url}/wallet/transactions

Ctrl-C drains and stops.
`)
}
