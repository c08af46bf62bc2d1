// Staked matches beside the transfers of the demo: queued, played through the kill, settled; then every cent is counted and
// every recording is played again.

import { deposit, signInAll } from '../client/guests.ts'
import type { HttpClient } from '../client/httpClient.ts'
import { isObject } from '../client/httpClient.ts'
import { Contender } from './contender.ts'
import { CONTESTS } from './contests.ts'
import { minorOf } from './ledgerCheck.ts'
import { pause } from './player.ts'

const DEPOSIT = '10.00'
const STAKE_CENTS = 200
/** From the platform to each match, and from the pool to the platform (RULES: the cap of a fifth is above the minimum). */
const CONTRIBUTION_CENTS = 50n
const FEE_CENTS = 50n
const PRIZES_WITHIN_MS = 20_000

export interface Matches {
  readonly contenders: readonly Contender[]
  /** Resolves once every match is settled. */
  readonly played: Promise<unknown>
}

/** Two for each contest, with money to stake. */
export async function beginMatches(http: HttpClient, url: string): Promise<Matches> {
  const guests = await signInAll(http, 2 * CONTESTS.length, 4)
  const contenders: Contender[] = []
  for (const [index, guest] of guests.entries()) {
    await deposit(http, guest, 'USD', DEPOSIT, `deposit-${guest.walletId}`)
    const contest = CONTESTS[index >> 1]
    if (contest !== undefined) contenders.push(new Contender(url, guest, contest, STAKE_CENTS))
  }
  const played = Promise.all(contenders.map((contender) => contender.play()))
  // A failure is its waiter's, and nobody's before.
  played.catch(() => {})
  return { contenders, played }
}

/** Resolves when everybody is in a match that is on. */
export async function untilLive({ contenders }: Matches): Promise<void> {
  while (contenders.some(({ views }) => views === 0)) await pause(20)
}

export interface MatchFindings {
  readonly matches: number
  readonly returns: number
  readonly isSettled: boolean
  /** What they have together, and what they should have, in US cents. */
  readonly heldCents: bigint
  readonly dueCents: bigint
}

export async function findMatches(http: HttpClient, { contenders }: Matches): Promise<MatchFindings> {
  const matches = new Set(contenders.map(({ match }) => match)).size
  const each = BigInt(contenders.length) * minorOf('USD', DEPOSIT)
  const dueCents = each + BigInt(matches) * (CONTRIBUTION_CENTS - FEE_CENTS)
  const deadlineMs = performance.now() + PRIZES_WITHIN_MS
  let heldCents = await heldBy(http, contenders)
  // Prizes are on their way when a match says that it is settled.
  while (heldCents !== dueCents && performance.now() < deadlineMs) {
    await pause(100)
    heldCents = await heldBy(http, contenders)
  }
  return {
    ...{ matches, heldCents, dueCents },
    returns: contenders.reduce((sum, contender) => sum + contender.returns, 0),
    isSettled: contenders.every((contender) => contender.isSettled),
  }
}

async function heldBy(http: HttpClient, contenders: readonly Contender[]): Promise<bigint> {
  let cents = 0n
  for (const { guest } of contenders) {
    const { balances } = await http.expect('GET', '/wallet/balance', guest.token)
    if (isObject(balances)) cents += minorOf('USD', String(balances.USD ?? '0'))
  }
  return cents
}
