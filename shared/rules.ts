// The business constants (one table, validated at load). Amounts are decimal strings of the asset named.

import { findAsset, parseAmount } from './assets.ts'

const minor = (text: string, code: string): bigint => {
  const asset = findAsset(code)
  const parsed = asset === null ? null : parseAmount(text, asset)
  if (parsed === null || parsed.kind !== 'amount') throw new Error(`rules: "${text}" is no amount of ${code}`)
  return parsed.minor
}

const perStableAsset = (text: string): Readonly<Record<string, bigint>> =>
  Object.freeze({ USD: minor(text, 'USD'), USDC: minor(text, 'USDC'), USDT: minor(text, 'USDT') })

export const LOCAL_CHAIN = 31337

export const RULES = Object.freeze({
  /** Smallest and largest single deposit, per asset that can be deposited, in minor units. */
  depositMinMinor: perStableAsset('5'),
  depositMaxMinor: perStableAsset('10000'),
  /** Per wallet and UTC day; sums of every asset at its worth in US dollars, in cents. */
  depositsPerDay: 5,
  depositCentsPerDay: minor('20000', 'USD'),
  /** Smallest and largest single withdrawal, per asset that can be withdrawn, in minor units. */
  withdrawalMinMinor: perStableAsset('10'),
  withdrawalMaxMinor: perStableAsset('5000'),
  withdrawalsPerDay: 3,
  withdrawalCentsPerDay: minor('10000', 'USD'),
  /** Of a withdrawal in fiat, in cents: a fixed part and basis points of the amount, at most the last. */
  withdrawalFeeFixedCents: minor('0.50', 'USD'),
  withdrawalFeeBasisPoints: 200n,
  withdrawalFeeMostCents: minor('50', 'USD'),
  /** What may leave in a UTC day, in cents, by KYC level. */
  kycCentsPerDay: Object.freeze([minor('100', 'USD'), minor('1000', 'USD'), minor('10000', 'USD')]),
  /** In total, from which nothing leaves a wallet of level 0 any more, in cents. */
  kycNeededFromCents: minor('1000', 'USD'),
  maxOpenWithdrawalsPerWallet: 20,
  /** Addresses outside that a user may have withdrawn to. */
  maxDestinations: 100,
  /** How long a proposed adjustment may wait for a second person, and how many may wait on one wallet. */
  adjustmentDays: 7,
  maxOpenAdjustmentsPerWallet: 20,
  /** Records of one wallet that may be reversed, ever: it remembers each for ever. */
  maxReversalsPerWallet: 10_000,
  /** What one person of staff may propose, or approve, at a time, in cents, by role. */
  adjustmentMostCents: Object.freeze({ operator: minor('1000', 'USD'), admin: minor('100000', 'USD') }),
  /** How long a quoted rate is good for. */
  quoteSeconds: 30,
  /** Quotes used up by one wallet that have not run out yet. */
  maxUsedQuotes: 100,
  /** Chains whose NFTs may be here; the last one is a developer's own, and nothing in production. */
  chains: Object.freeze([1, 137, 8453, 42161, LOCAL_CHAIN]),
  /** A5: NFTs of one wallet at a time; another is sent back. */
  maxNftsPerWallet: 250,
  /** Of the stakes of a match in money: a part of them, in basis points, but at least so much, and never more than the cap. */
  rakeBasisPoints: 250n,
  rakeLeastMinor: perStableAsset('0.50'),
  rakeCapBasisPoints: 2_000n,
  /** Of one seat, by asset. Nothing else is staked. */
  stakeMostMinor: Object.freeze({ ...perStableAsset('1000'), CREDIT: minor('1000000', 'CREDIT') }),
  /** What a wallet of KYC level 0 may stake at a time, in cents. */
  unverifiedStakeMostCents: minor('5', 'USD'),
  /** What the platform adds to one match at most, by asset. */
  contributionMostMinor: perStableAsset('0.50'),
  /** What becomes of a pool worth more than this, in cents, two of staff decide. */
  rulingAloneMostCents: minor('100', 'USD'),
  /** A5: what one match keeps. */
  maxResumesPerMatch: 100,
  maxEvidencePerDispute: 20,
  maxOpenRulingsPerMatch: 5,
  accessTokenSeconds: 60 * 60,
  refreshTokenSeconds: 30 * 24 * 60 * 60,
  /** How long after its swap a refresh token may be swapped once more, while its successor is unused. */
  refreshGraceSeconds: 60,
  failedLoginsBeforeLock: 5,
  loginLockSeconds: 15 * 60,
  totpStepSeconds: 30,
  /** Given out together, each good for one use. */
  recoveryCodes: 10,
  restRequestsPerMinute: 100,
  restDepositsPerMinute: 5,
  restWithdrawalsPerMinute: 3,
  restLoginsPerMinute: 10,
  walletMessagesPerSecond: 60,
  /** Disputes, evidence and votes of one player: so many at once, and then one a second. */
  disputesAtOnce: 3,
  disputeEveryMs: 1_000,
  reconnectionSeconds: 60,
  /** Glicko-2: what somebody new has, and how far volatility moves. */
  ratingStart: 1500,
  ratingDeviationStart: 350,
  ratingVolatilityStart: 0.06,
  ratingTau: 0.5,
  /** Under so many rated matches there is no rank. */
  provisionalMatches: 10,
  /** In rising order. */
  ranksFrom: Object.freeze({
    ...{ silver: 1200, gold: 1400, platinum: 1600, diamond: 1900, master: 2200, grandmaster: 2500, challenger: 2800 },
  }),
  /** How long the queues are closed to whoever declines a match, or does not come: the first time of late, the next, … */
  penaltyMs: Object.freeze([60_000, 5 * 60_000, 15 * 60_000, 60 * 60_000]),
  penaltyForgivenAfterMs: 24 * 60 * 60 * 1000,
  /** How far apart in rating those of one match may be: at first, more with time, at most. */
  matchWindow: 200,
  matchWindowStep: 50,
  matchWindowStepMs: 10_000,
  matchWindowMost: 800,
  /** A tier's tickets are served as if they had waited so much longer, in ms. */
  tierHeadStartMs: Object.freeze({ free: 0, premium: 10_000, pro: 20_000, elite: 30_000 }),
  ticketMs: 10 * 60_000,
  /** How long a party may take to be complete. */
  partyMs: 60_000,
  /** A proposal of which nothing was heard for so long holds nobody any more. */
  proposalMs: 15 * 60_000,
  maxTicketsPerPool: 20_000,
  maxPingMs: 150,
  /** When seats that nobody took are given to bots, where somebody wants that. */
  fillBotsAfterMs: 3_000,
  acceptMs: 30_000,
  /** How long a match may last at most, wherever it is played. */
  liveMostMs: 2 * 60 * 60_000,
  disputeWindowMs: 72 * 60 * 60_000,
  /** Of a seat's stake, in cents, up to which results stand at once. */
  disputeFreeCents: minor('5', 'USD'),
  contributionCents: minor('0.50', 'USD'),
  /** Of matches that are rated, or played for a stake; of others spectators see everything at once. */
  watchDelayCompetitiveMs: 30_000,
  readyCheckMs: 60_000,
  regions: Object.freeze(['na-east', 'na-west', 'eu-west', 'eu-east', 'asia-pacific', 'south-america'] as const),
  /** By tier, in US cents. */
  entryFeeCents: Object.freeze({ free: 0n, premium: 100n, pro: 200n, elite: 500n }),
  maxOpenHoldsPerWallet: 100,
  maxHoldSeconds: 30 * 24 * 60 * 60,
  /** M6: how long a client's key keeps its outcome. */
  idempotencyWindowMs: 24 * 60 * 60 * 1000,
})

/** What one seat is staked for at most; null for what is not staked at all. */
export function stakeMostMinor(asset: string): bigint | null {
  const most: Readonly<Record<string, bigint>> = RULES.stakeMostMinor
  return Object.hasOwn(most, asset) ? (most[asset] ?? null) : null
}
