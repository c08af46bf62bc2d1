// What matches with what, as a table: each row a ledger's side, a provider's side, and what becomes of every item.

import { expect } from 'chai'
import { idOf, type Line, type Movement } from '../../server/reconciliation/matching/items.ts'
import { matchAccount, shapeOf, type Terms } from '../../server/reconciliation/matching/matchAccount.ts'
import { line, movement, recordOf, TERMS } from './items.ts'

interface Case {
  readonly what: string
  readonly movements: readonly Movement[]
  readonly lines: readonly Line[]
  /** `shape: ids` of every match, then `class: ids` of every difference. */
  readonly gives: readonly string[]
  readonly terms?: Partial<Terms>
}

const dep = (seq: number, key: string, minor: number, atMin = 0): Movement =>
  movement(seq, `deposit:${key}`, minor, atMin)

const CASES: readonly Case[] = [
  { what: 'nothing', movements: [], lines: [], gives: [] },
  {
    what: '1:1 by reference',
    movements: [dep(1, 'a', 500)],
    lines: [line('x', 'deposit:a', 500)],
    gives: ['1:1: 0-1 x'],
  },
  {
    what: 'the same amount under another name is no match, and a hint',
    movements: [dep(1, 'a', 500)],
    lines: [line('x', 'deposit:b', 500)],
    gives: ['missing_at_provider?x: 0-1', 'missing_in_ledger?0-1: x'],
  },
  {
    what: 'no hint where there are two of the same amount',
    movements: [dep(1, 'a', 500), dep(2, 'c', 500)],
    lines: [line('x', 'deposit:b', 500)],
    gives: ['missing_at_provider: 0-1', 'missing_at_provider: 0-2', 'missing_in_ledger: x'],
  },
  {
    what: 'N:1, a batch that names its parts',
    movements: [dep(1, 'a', 100), dep(2, 'b', 250), dep(3, 'c', 50)],
    lines: [line('x', 'deposit:a deposit:b deposit:c', 400)],
    gives: ['N:1: 0-1 0-2 0-3 x'],
  },
  {
    what: '1:N, a payout in two parts',
    movements: [movement(1, 'payout:a', -400)],
    lines: [line('x', 'payout:a', -150), line('y', 'payout:a', -250)],
    gives: ['1:N: 0-1 x y'],
  },
  {
    what: 'N:M, two batches that share a part',
    movements: [dep(1, 'a', 100), dep(2, 'b', 200), dep(3, 'c', 300)],
    lines: [line('x', 'deposit:a deposit:b', 150), line('y', 'deposit:b deposit:c', 450)],
    gives: ['N:M: 0-1 0-2 0-3 x y'],
  },
  {
    what: 'a batch without one of the parts that it names',
    movements: [dep(1, 'a', 100), dep(2, 'b', 250), dep(3, 'c', 50)],
    lines: [line('x', 'deposit:a deposit:b deposit:c', 350)],
    gives: ['N:1: 0-1 0-2 x', 'missing_at_provider: 0-3'],
  },
  {
    what: 'a batch that two different parts would make is not guessed at',
    movements: [dep(1, 'a', 100), dep(2, 'b', 100), dep(3, 'c', 200)],
    lines: [line('x', 'deposit:a deposit:b deposit:c', 200)],
    gives: ['amount_differs: 0-1 0-2 0-3 x'],
  },
  {
    what: 'a minor unit less',
    movements: [dep(1, 'a', 500)],
    lines: [line('x', 'deposit:a', 499)],
    gives: ['amount_differs: 0-1 x'],
  },
  {
    what: 'out where it should be in',
    movements: [dep(1, 'a', 500)],
    lines: [line('x', 'deposit:a', -500)],
    gives: ['amount_differs: 0-1 x'],
  },
  {
    what: 'charged twice: the later one is the second',
    movements: [dep(1, 'a', 500)],
    lines: [line('y', 'deposit:a', 500, 7), line('x', 'deposit:a', 500, 5)],
    gives: ['1:1: 0-1 x', 'duplicate_at_provider: y'],
  },
  {
    what: 'a second charge of a moment ago is no question of time',
    movements: [dep(1, 'a', 500)],
    lines: [line('x', 'deposit:a', 500), line('y', 'deposit:a', 500, 999)],
    gives: ['1:1: 0-1 x', 'duplicate_at_provider: y'],
  },
  {
    what: 'the same line told twice',
    movements: [dep(1, 'a', 500)],
    lines: [line('x', 'deposit:a', 500), line('x', 'deposit:a', 500)],
    gives: ['1:1: 0-1 x', 'duplicate_at_provider: x'],
  },
  {
    what: 'booked twice',
    movements: [dep(1, 'a', 500), dep(2, 'a', 500)],
    lines: [line('x', 'deposit:a', 500)],
    gives: ['1:1: 0-1 x', 'missing_at_provider: 0-2'],
  },
  {
    what: 'taken and given back by the provider, and never booked',
    movements: [],
    lines: [line('x', 'deposit:a', 500), line('y', 'deposit:a', -500, 1)],
    gives: ['offset: x y'],
  },
  {
    what: 'given back, and booked all the same',
    movements: [dep(1, 'a', 500)],
    lines: [line('x', 'deposit:a', 500), line('y', 'deposit:a', -500, 1)],
    gives: ['1:1: 0-1 x', 'missing_in_ledger: y'],
  },
  {
    what: 'an adjustment that says which record it takes back',
    movements: [dep(1, 'a', 500), movement(2, 'record:0-1', -500, 5)],
    lines: [],
    gives: ['offset: 0-1 0-2'],
  },
  {
    what: 'an adjustment that says which line it books',
    movements: [movement(2, 'line:x', 500, 5)],
    lines: [line('x', '', 500)],
    gives: ['1:1: 0-2 x'],
  },
  {
    what: 'an adjustment that makes up for a difference',
    movements: [dep(1, 'a', 500), movement(2, 'line:x', 5, 5)],
    lines: [line('x', 'deposit:a', 505)],
    gives: ['N:1: 0-1 0-2 x'],
  },
  {
    what: 'another asset under the same name',
    movements: [dep(1, 'a', 500)],
    lines: [line('x', 'deposit:a', 500, 0, 'USDC')],
    gives: ['missing_at_provider: 0-1', 'missing_in_ledger: x'],
  },
  {
    what: 'late, on either side',
    movements: [dep(1, 'a', 500, 991)],
    lines: [line('x', 'deposit:b', 300, 991)],
    gives: ['late: 0-1', 'late: x'],
  },
  {
    what: 'late no more',
    movements: [dep(1, 'a', 500, 990)],
    lines: [line('x', 'deposit:b', 300, 990)],
    gives: ['missing_at_provider: 0-1', 'missing_in_ledger: x'],
  },
  {
    what: 'what came after the moment matches what was before it',
    movements: [dep(1, 'a', 500, 990)],
    lines: [line('x', 'deposit:a', 500, 1001)],
    gives: ['1:1: 0-1 x'],
  },
  {
    what: 'what came after the moment does not disturb what was before it',
    movements: [dep(1, 'a', 500, 900), dep(2, 'a', 500, 1001), dep(3, 'z', 5, 1002)],
    lines: [line('x', 'deposit:a', 500, 900)],
    gives: ['1:1: 0-1 x', 'beyond: 0-2', 'beyond: 0-3'],
  },
  {
    what: 'what no statement covers',
    movements: [dep(1, 'a', 500, 100), dep(2, 'b', 500, 300)],
    lines: [],
    gives: ['not_covered: 0-1', 'missing_at_provider: 0-2'],
    terms: { covers: (atMs) => atMs > 200 * 60_000 },
  },
  {
    what: 'a large group that does not add up is not searched',
    movements: Array.from({ length: 13 }, (_, at) => dep(at + 1, `k${at}`, 100)),
    lines: [line('x', Array.from({ length: 13 }, (_, at) => `deposit:k${at}`).join(' '), 1200)],
    gives: [
      `amount_differs: ${Array.from({ length: 13 }, (_, at) => recordOf(at + 1))
        .sort()
        .join(' ')} x`,
    ],
  },
]

describe('reconciliation: matching', () => {
  for (const { what, movements, lines, gives, terms } of CASES) {
    it(what, () => {
      const { matches, differences } = matchAccount(movements, lines, { ...TERMS, ...terms })
      const shown = [
        ...matches.map((match) => `${shapeOf(match)}: ${[...match.movements, ...match.lines].map(idOf).join(' ')}`),
        ...differences.map(({ class: kind, movements: booked, lines: stated, suggested }) => {
          const hint = suggested === null ? '' : `?${idOf(suggested)}`
          return `${kind}${hint}: ${[...booked, ...stated].map(idOf).join(' ')}`
        }),
      ]
      expect(shown).to.have.members(gives)
    })
  }
})
