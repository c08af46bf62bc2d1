// Answers questions about the ledger from a store's reads (S1): the same whichever store it is, and whatever process asks.

import {
  accountCode,
  accountSpec,
  accountSubject,
  growsByDebit,
  isOwned,
  isOwnedAccount,
} from '../../shared/accounts.ts'
import { ALL_NFTS, isNft } from '../../shared/assets.ts'
import { listPage } from '../lists/listPage.ts'
import { booksAt } from './books.ts'
import { causedPage } from './causedPage.ts'
import { entriesPage } from './entriesPage.ts'
import { holdsPage } from './holdsPage.ts'
import { basisOf, firstMsOf, homesOf, isIn } from './places.ts'
import { type LedgerReads, type Leg, NEWEST, PastNotReady } from './ports.ts'
import {
  type Answer,
  type BalanceAnswer,
  type BalanceQuestion,
  type Question,
  type RecordAnswer,
  type RecordQuestion,
  type RefusedAnswer,
  refused,
  type TrialAnswer,
  type TrialQuestion,
  type TrialRow,
} from './questions.ts'
import { statement } from './statement.ts'
import { walletsPage } from './walletsPage.ts'
import { whereabouts } from './whereabouts.ts'

/** Rejects where the store fails, or what it has contradicts itself. */
export async function answerQuestion(reads: LedgerReads, question: Question): Promise<Answer> {
  try {
    return await answer(reads, question)
  } catch (error) {
    if (error instanceof PastNotReady) return refused('ledger.past_not_ready')
    throw error
  }
}

async function answer(reads: LedgerReads, question: Question): Promise<Answer> {
  const moment = momentOf(question)
  if (moment !== null) {
    const firstMs = await firstMsOf(reads)
    if (firstMs === null || moment < firstMs) return refused('ledger.as_of_before_first')
  }
  switch (question.kind) {
    case 'record':
      return recordOf(reads, question)
    case 'entries':
      return entriesPage(reads, question)
    case 'caused':
      return causedPage(reads, question)
    case 'statement':
      return statement(reads, question)
    case 'balance':
      return balanceOf(reads, question)
    case 'trial':
      return trialOf(reads, question)
    case 'whereabouts':
      return whereabouts(reads, question)
    case 'holds':
      return holdsPage(reads, question)
    case 'wallets':
      return walletsPage(reads, question)
    case 'list':
      return listPage(reads, question)
  }
}

/** The moment a question is about, where it has to be one that the ledger knows. */
function momentOf(question: Question): number | null {
  if (question.kind === 'balance' || question.kind === 'trial') return question.atMs
  return question.kind === 'statement' ? question.toMs : null
}

async function recordOf(reads: LedgerReads, { partition, seq }: RecordQuestion): Promise<RecordAnswer | RefusedAnswer> {
  const found = await reads.record(partition, seq)
  if (found === null) return refused('not_found')
  return { kind: 'record', ...(await basisOf(reads, [partition])), found }
}

async function balanceOf(
  reads: LedgerReads,
  { account, asset, atMs }: BalanceQuestion,
): Promise<BalanceAnswer | RefusedAnswer> {
  if (isOwnedAccount(account) && accountSubject(account) !== '') return ownedBalance(reads, account, asset, atMs)
  const { rows, asOfMs, positions } = await booksAt(reads, atMs)
  const are = rows.filter((row) => row.asset === asset && isIn(row.account, account))
  return { kind: 'balance', asOfMs, positions, minor: are.reduce((sum, { minor }) => sum + minor, 0n) }
}

async function ownedBalance(
  reads: LedgerReads,
  account: string,
  asset: string,
  atMs: number | null,
): Promise<BalanceAnswer | RefusedAnswer> {
  const homes = homesOf(account, reads.partitions)
  const { asOfMs, positions } = await basisOf(reads, homes)
  for (const partition of homes) {
    const newest = async (before: number): Promise<Leg | undefined> =>
      (await reads.legs({ partition, account, asset, before: { ...NEWEST, atMs: before }, limit: 1 }))[0]
    if ((await newest(NEWEST.atMs)) === undefined) continue
    const leg = await newest(atMs ?? NEWEST.atMs)
    return { kind: 'balance', asOfMs: atMs ?? asOfMs, positions, minor: leg?.balanceAfterMinor ?? 0n }
  }
  return refused('ledger.account_unknown')
}

async function trialOf(reads: LedgerReads, { asset, atMs }: TrialQuestion): Promise<TrialAnswer> {
  const { rows, asOfMs, positions } = await booksAt(reads, atMs)
  const sums = new Map<string, bigint>()
  for (const row of rows) {
    if (asset !== null && row.asset !== asset) continue
    // There may be very many NFTs: unless one is asked for, they are one asset, as in a checkpoint.
    const shown = asset === null && isNft(row.asset) ? ALL_NFTS : row.asset
    const name = `${shown} ${accountCode(row.account)}`
    sums.set(name, row.minor + (sums.get(name) ?? 0n))
  }
  const trial = [...sums].map(([name, minor]) => {
    const space = name.lastIndexOf(' ')
    return trialRow(name.slice(0, space), name.slice(space + 1), minor)
  })
  trial.sort((a, b) => compare(a.asset, b.asset) || compare(a.code, b.code))
  return { kind: 'trial', asOfMs, positions, rows: trial }
}

/** A balance on its normal side goes to that column, one below zero to the other. */
function trialRow(asset: string, code: string, minor: bigint): TrialRow {
  const spec = accountSpec(code)
  if (spec === null) throw new Error(`no account ${code} in the chart`)
  const onDebit = growsByDebit(spec) === minor >= 0n
  const size = minor < 0n ? -minor : minor
  return {
    asset,
    code,
    title: isOwned(spec) ? `${spec.title}, all` : spec.title,
    class: spec.class,
    debitMinor: onDebit ? size : 0n,
    creditMinor: onDebit ? 0n : size,
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
