// How much each part of the benchmark does. The quick scale shows that everything works; its figures are not the
// benchmark's.

export interface Scale {
  readonly quick: boolean
  readonly clients: number
  readonly inFlight: number
  readonly warmUpMs: number
  readonly echoMs: number
  readonly closedMs: number
  readonly openRate: number
  readonly openMs: number
  /** Tried where the first rate was not held. */
  readonly lowerRates: readonly number[]
  readonly lowerMs: number
  readonly fineMs: number
  readonly hotMs: number
  readonly coreWallets: number
  readonly coreMs: number
  readonly recoveryRecords: number
  readonly recoveryWallets: number
  readonly activeWallets: number
  readonly idleClients: number
  readonly httpRate: number
  readonly httpMs: number
  /** Each number of partitions and streams, and each number of servers. */
  readonly shapeMs: number
  /** Open loop on services. */
  readonly clusterRate: number
  /** Of owned accounts, in the store that staff's questions are asked of, and in the ledger that is exported. */
  readonly ledgerEntries: number
  /** A file that keeps that store for the next run; null makes a new one each time. */
  readonly ledgerStore: string | null
  /** Transfers a second beside an export, and for how long. */
  readonly exportRate: number
  readonly exportMs: number
  readonly queueTickets: number
  readonly settleMatches: number
  /** The burst that a server on services is compared by. */
  readonly minuteMs: number
}

export const FULL: Scale = {
  quick: false,
  clients: 200,
  inFlight: 4,
  warmUpMs: 2_000,
  echoMs: 6_000,
  closedMs: 15_000,
  openRate: 15_000,
  openMs: 30_000,
  lowerRates: [10_000, 6_000],
  lowerMs: 10_000,
  fineMs: 10_000,
  hotMs: 10_000,
  coreWallets: 2_000,
  coreMs: 8_000,
  recoveryRecords: 1_000_000,
  recoveryWallets: 2_000,
  activeWallets: 50_000,
  idleClients: 5_000,
  httpRate: 1_000,
  httpMs: 10_000,
  shapeMs: 5_000,
  clusterRate: 2_000,
  ledgerEntries: 500_000,
  ledgerStore: null,
  queueTickets: 10_000,
  settleMatches: 1_000,
  exportRate: 500,
  exportMs: 20_000,
  minuteMs: 60_000,
}

export const QUICK: Scale = {
  ...FULL,
  quick: true,
  warmUpMs: 500,
  echoMs: 1_500,
  closedMs: 2_000,
  openMs: 3_000,
  lowerRates: [10_000],
  lowerMs: 2_000,
  fineMs: 2_000,
  hotMs: 2_000,
  coreWallets: 500,
  coreMs: 1_500,
  recoveryRecords: 60_000,
  recoveryWallets: 200,
  activeWallets: 3_000,
  idleClients: 300,
  httpMs: 2_000,
  shapeMs: 1_000,
  ledgerEntries: 50_000,
  queueTickets: 2_000,
  settleMatches: 100,
  exportMs: 2_000,
  minuteMs: 5_000,
}
