// Puts the HTTP side together: every route in one table, the document made from it, and the service the adapters serve.

import type { WalletService } from '../../actors/wallet/service.ts'
import type { ClusterReport } from '../cluster/clusterReport.ts'
import type { Config } from '../config.ts'
import type { Identity } from '../identity/port.ts'
import type { TokenService } from '../identity/tokens.ts'
import type { LedgerDesk } from '../ledger/ledgerDesk.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { CorsPolicy } from './cors.ts'
import { HttpService } from './httpService.ts'
import { openApiDocument } from './openapi.ts'
import { RateLimits, type SharedCounters } from './rateLimits.ts'
import type { Route } from './route.ts'
import { Router } from './router.ts'
import { adminRoutes } from './routes/admin.ts'
import { adminLedgerRoutes } from './routes/adminLedger.ts'
import { authRoutes } from './routes/auth.ts'
import { matchmakingRoutes, trimMatchmaking } from './routes/matchmaking.ts'
import { reservedRoutes } from './routes/reserved.ts'
import { type Readiness, serviceRoutes } from './routes/service.ts'
import { walletRoutes } from './routes/wallet.ts'

export interface HttpParts {
  readonly config: Pick<Config, 'rateLimits' | 'corsOrigins' | 'corsLocalhost' | 'metrics' | 'trustProxy'>
  readonly identity: Identity
  readonly tokens: TokenService
  readonly wallets: WalletService
  readonly ledger: LedgerDesk
  readonly cluster: () => ClusterReport
  readonly metrics: Pick<Metrics, 'request' | 'render' | 'contentType'>
  readonly log: Log
  readonly ready: () => Readiness
  /** Where rate limits are counted together with other processes; null where there are none. */
  readonly counters: SharedCounters | null
}

export function createHttp(parts: HttpParts): HttpService {
  const { config, identity, tokens, wallets, metrics, log, ready, counters, cluster, ledger } = parts
  trimMatchmaking()
  let document: string | null = null
  const routes: readonly Route[] = [
    ...serviceRoutes({
      ready,
      metrics,
      metricsAccess: config.metrics,
      document() {
        document ??= JSON.stringify(openApiDocument(routes))
        return document
      },
    }),
    ...authRoutes({ identity, tokens, wallets }),
    ...walletRoutes(wallets),
    ...adminRoutes(cluster),
    ...adminLedgerRoutes(ledger),
    ...matchmakingRoutes(config.trustProxy),
    ...reservedRoutes(),
  ]
  return new HttpService({
    router: new Router(routes),
    identity,
    tokens,
    rateLimits: new RateLimits(config.rateLimits, counters),
    cors: new CorsPolicy(config.corsOrigins, config.corsLocalhost),
    trustProxy: config.trustProxy,
    log,
    answered: (method, route, status, elapsedMs) => metrics.request(method, route, status, elapsedMs),
  })
}
