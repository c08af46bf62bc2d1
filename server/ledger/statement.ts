// A statement: every entry of one account and asset in a period, between the balance before and the balance after it.
// What an entry states as its balance is checked against the running sum; where they differ nothing is answered at all.

import { signed } from '../../actors/runtime/books.ts'
import { basisOf, homesOf } from './places.ts'
import { type Before, type LedgerReads, type Leg, NEWEST } from './ports.ts'
import { type RefusedAnswer, refused, type StatementAnswer, type StatementQuestion } from './questions.ts'

export const STATEMENT_LINES = 5_000
const CHUNK = 500

export async function statement(
  reads: LedgerReads,
  question: StatementQuestion,
): Promise<StatementAnswer | RefusedAnswer> {
  const { account, asset } = question
  const homes = homesOf(account, reads.partitions)
  const basis = await basisOf(reads, homes)
  for (const partition of homes) {
    const [newest] = await reads.legs({ partition, account, asset, before: NEWEST, limit: 1 })
    if (newest === undefined) continue
    const answer = await statementOf(reads, newest, question)
    return answer === null ? refused('ledger.statement_too_long') : { kind: 'statement', ...basis, ...answer }
  }
  return refused('ledger.account_unknown')
}

type Lines = Pick<StatementAnswer, 'openingMinor' | 'closingMinor' | 'inMinor' | 'outMinor' | 'legs'>

/** Null where there are too many. */
async function statementOf(reads: LedgerReads, of: Leg, question: StatementQuestion): Promise<Lines | null> {
  const { partition, account, asset } = of
  const { fromMs, toMs } = question
  const legs: Leg[] = []
  let before: Before = { ...NEWEST, atMs: toMs }
  let openingMinor: bigint | null = null
  while (openingMinor === null) {
    const chunk = await reads.legs({ partition, account, asset, before, limit: CHUNK })
    for (const leg of chunk) {
      if (leg.atMs < fromMs) openingMinor ??= leg.balanceAfterMinor
      else legs.push(leg)
    }
    if (legs.length > STATEMENT_LINES) return null
    const last = chunk.at(-1)
    if (last === undefined || chunk.length < CHUNK) openingMinor ??= 0n
    else before = last
  }
  return summed(openingMinor, legs.reverse(), `${account} ${asset}`)
}

/** Throws where the lines do not lead from the balance before to the balance after (M3). */
function summed(openingMinor: bigint, legs: readonly Leg[], what: string): Lines {
  let closingMinor = openingMinor
  let inMinor = 0n
  let outMinor = 0n
  for (const leg of legs) {
    const change = signed(leg)
    if (change > 0n) inMinor += change
    else outMinor -= change
    closingMinor += change
    if (closingMinor !== leg.balanceAfterMinor)
      throw new Error(
        `M3: ${what} is ${leg.balanceAfterMinor} after ${leg.partition}:${leg.seq}, its lines give ${closingMinor}`,
      )
  }
  if (openingMinor + inMinor - outMinor !== closingMinor)
    throw new Error(`M3: the statement of ${what} does not add up`)
  return { openingMinor, closingMinor, inMinor, outMinor, legs }
}
