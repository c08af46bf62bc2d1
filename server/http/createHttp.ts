// Puts the HTTP side together: every route in one table, the document made from it, and the service the adapters serve.

import type { NftStaffService } from '../../actors/nft/service.ts'
import type { WalletService, WalletStaffService } from '../../actors/wallet/service.ts'
import type { ClusterReport } from '../cluster/clusterReport.ts'
import type { Config } from '../config.ts'
import type { ErasingParts } from '../erasing.ts'
import type { ExportDesk } from '../export/exportDesk.ts'
import type { ErasedUsers } from '../identity/erasedUsers.ts'
import type { Identity } from '../identity/port.ts'
import type { SecondFactors } from '../identity/secondFactor.ts'
import type { TokenService } from '../identity/tokens.ts'
import type { JobDesk } from '../jobs/jobDesk.ts'
import type { ProofDesk } from '../jobs/proofDesk.ts'
import type { LedgerDesk } from '../ledger/ledgerDesk.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { WebPage } from '../pages/pageFiles.ts'
import type { StatementBook } from '../reconciliation/statements/book.ts'
import type { AuditLog } from '../staff/auditLog.ts'
import { systemScheduler } from '../system.ts'
import { CorsPolicy } from './cors.ts'
import { HttpService } from './httpService.ts'
import { openApiDocument } from './openapi.ts'
import { RateLimits, type SharedCounters } from './rateLimits.ts'
import type { Route } from './route.ts'
import { Router } from './router.ts'
import { accountRoutes } from './routes/account.ts'
import { adminRoutes } from './routes/admin.ts'
import { adminAdjustmentRoutes } from './routes/adminAdjustments.ts'
import { adminExportRoute } from './routes/adminExport.ts'
import { adminHoldRoutes } from './routes/adminHolds.ts'
import { adminJobRoutes } from './routes/adminJobs.ts'
import { adminLedgerRoutes } from './routes/adminLedger.ts'
import { adminNftRoutes } from './routes/adminNfts.ts'
import { adminProofRoutes } from './routes/adminProof.ts'
import { adminReconciliationRoutes } from './routes/adminReconciliation.ts'
import { adminStatementRoutes } from './routes/adminStatements.ts'
import { walletSearchRoute } from './routes/adminWalletSearch.ts'
import { adminWalletRoutes } from './routes/adminWallets.ts'
import { adminWithdrawalRoutes } from './routes/adminWithdrawals.ts'
import { auditRoutes } from './routes/auditLog.ts'
import { authRoutes } from './routes/auth.ts'
import { type MatchmakingParts, matchmakingRoutes, trimMatchmaking } from './routes/matchmaking.ts'
import { mfaRoutes } from './routes/mfa.ts'
import { reservedRoutes } from './routes/reserved.ts'
import { type Readiness, serviceRoutes } from './routes/service.ts'
import { userOrderRoutes } from './routes/userOrders.ts'
import { userRoutes } from './routes/users.ts'
import { walletRoutes } from './routes/wallet.ts'
import { WebRoutes } from './routes/web.ts'
import { StaffCalls } from './staff.ts'

export interface HttpParts {
  readonly config: Pick<
    Config,
    | 'backing'
    | 'production'
    | 'rateLimits'
    | 'corsOrigins'
    | 'corsLocalhost'
    | 'metrics'
    | 'trustProxy'
    | 'staffMfaRequired'
  >
  readonly identity: Identity
  readonly tokens: TokenService
  readonly factors: SecondFactors
  readonly erased: ErasedUsers
  readonly wallets: WalletService
  readonly staffDesk: WalletStaffService
  readonly ledger: LedgerDesk
  readonly nfts: NftStaffService
  readonly jobs: JobDesk
  readonly proofs: ProofDesk
  readonly exports: ExportDesk
  readonly statements: StatementBook
  /** Of the parts that have desks of their own. */
  readonly more: readonly Route[]
  /** What is erased with a person, beside the account. */
  readonly texts: ErasingParts['texts']
  readonly watchRoomOf: MatchmakingParts['watchRoomOf']
  readonly endedRoomOf: MatchmakingParts['endedRoomOf']
  readonly cluster: () => ClusterReport
  readonly auditLog: AuditLog
  readonly alarm: (event: string, detail: Readonly<Record<string, unknown>>) => void
  readonly metrics: Pick<Metrics, 'request' | 'render' | 'contentType'>
  readonly log: Log
  readonly ready: () => Readiness
  /** Where rate limits are counted together with other processes; null where there are none. */
  readonly counters: SharedCounters | null
}

export interface Http {
  readonly service: HttpService
  /** What is only counted so far goes into the audit log. */
  close(): void
}

export function createHttp(parts: HttpParts): Http {
  const {
    config,
    identity,
    tokens,
    factors,
    erased,
    wallets,
    staffDesk,
    metrics,
    log,
    ready,
    counters,
    cluster,
    auditLog,
    alarm,
    ledger,
    nfts,
    jobs,
    proofs,
    exports,
    statements,
  } = parts
  trimMatchmaking()
  const auth = { identity, tokens, wallets, factors }
  const erasing = { identity, wallets: staffDesk, erased, texts: parts.texts }
  const web = new WebRoutes({ files: new WebPage(), hasOtherServers: config.backing.kind === 'cluster', log })
  let document: string | null = null
  const routes: readonly Route[] = [
    ...serviceRoutes({
      ready,
      metrics,
      metricsAccess: config.metrics,
      page: (headers) => web.page(headers),
      document() {
        document ??= JSON.stringify(openApiDocument(routes))
        return document
      },
    }),
    ...web.routes,
    ...authRoutes(auth),
    ...mfaRoutes(auth),
    ...accountRoutes(auth, erasing),
    ...walletRoutes(wallets, identity),
    ...adminRoutes(cluster),
    walletSearchRoute({ wallets: staffDesk, ledger, identity }),
    ...adminWalletRoutes(staffDesk, identity),
    ...adminWithdrawalRoutes(staffDesk, identity),
    ...adminAdjustmentRoutes(staffDesk),
    ...adminHoldRoutes(staffDesk),
    ...auditRoutes(auditLog),
    ...userRoutes(identity),
    ...userOrderRoutes(identity, erasing),
    ...adminLedgerRoutes(ledger),
    adminExportRoute(exports, ledger.nowMs),
    ...adminNftRoutes(nfts),
    ...adminJobRoutes(jobs),
    ...adminProofRoutes(jobs, proofs),
    ...adminReconciliationRoutes(jobs, ledger.nowMs),
    ...adminStatementRoutes(statements, ledger.nowMs, !config.production),
    ...matchmakingRoutes({ ...parts, trustProxy: config.trustProxy }),
    ...parts.more,
    ...reservedRoutes(),
  ]
  const staff = new StaffCalls({
    mfaRequired: config.staffMfaRequired,
    identity,
    auditLog,
    scheduler: systemScheduler,
    alarm,
  })
  const service = new HttpService({
    router: new Router(routes),
    identity,
    tokens,
    rateLimits: new RateLimits(config.rateLimits, counters),
    staff,
    cors: new CorsPolicy(config.corsOrigins, config.corsLocalhost),
    trustProxy: config.trustProxy,
    log,
    answered: (method, route, status, elapsedMs) => metrics.request(method, route, status, elapsedMs),
  })
  return { service, close: () => staff.close() }
}
