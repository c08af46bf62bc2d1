// Both statements: the sandbox provider's book, and what staff handed in.

import { join } from 'node:path'
import { expect } from 'chai'
import type { HandedIn } from '../../server/reconciliation/statements/fileStatement.ts'
import { fileStatement } from '../../server/reconciliation/statements/fileStatement.ts'
import { coverageOf } from '../../server/reconciliation/statements/port.ts'
import { sandboxStatement } from '../../server/reconciliation/statements/sandboxStatement.ts'
import { openSandboxBook, SANDBOX_FILE, SqliteSandbox } from '../../server/sandbox/sqliteSandbox.ts'
import { ManualTime } from '../support/manualTime.ts'
import { temporaryFolder } from '../support/server.ts'
import { sandboxOrder } from './sandbox.suite.ts'
import { statementSuite } from './statement.suite.ts'

const DAY_MS = 24 * 60 * 60 * 1000

async function filledBook() {
  const file = join(temporaryFolder(), SANDBOX_FILE)
  const provider = new SqliteSandbox(file, new ManualTime(2 * DAY_MS))
  // More than a page.
  const references = Array.from({ length: 1_203 }, (_, at) => `deposit:w_a:${at}`)
  await Promise.all(references.slice(0, 600).map((reference) => provider.carryOut(sandboxOrder(reference))))
  await Promise.all(references.slice(600).map((reference) => provider.carryOut(sandboxOrder(reference))))
  await provider.carryOut(sandboxOrder('elsewhere', { account: '1003:sandbox', asset: 'USDC' }))
  await provider.close()
  const book = openSandboxBook(file)
  if (book === null) throw new Error('there is no book')
  return { book, references }
}

statementSuite('sandbox', async () => {
  const { book, references } = await filledBook()
  const line = { asset: 'USD', direction: 'in', amountMinor: 500n, atMs: 2 * DAY_MS } as const
  return {
    statement: sandboxStatement(book, false),
    account: '1002',
    coversFromMs: 2 * DAY_MS,
    lines: references.map((reference) => ({ ...line, references: [reference] })),
  }
})

const piece = (fromDay: number, toDay: number, ...lines: readonly object[]): HandedIn => ({
  account: '1001',
  format: 'ndjson',
  fromMs: fromDay * DAY_MS,
  toMs: toDay * DAY_MS - 1,
  text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
})
const bankLine = (id: string, day: number, amount: string, references = '') => ({
  ...{ id, direction: 'out', currency: 'USD', amount, references },
  time: new Date(day * DAY_MS).toISOString(),
})

statementSuite('file', async () => {
  const pieces = [
    piece(5, 20, bankLine('b', 5, '2.50', 'x y'), bankLine('c', 6, '1.00')),
    // Handed in earlier, and about some of the same days.
    piece(3, 7, bankLine('a', 3, '0.01'), bankLine('b', 5, '2.50', 'x y')),
    { ...piece(20, 31), toMs: 30 * DAY_MS },
  ]
  const line = { asset: 'USD', direction: 'out' } as const
  return {
    statement: fileStatement(async function* (account) {
      if (account === '1001') yield* pieces
    }),
    account: '1001',
    coversFromMs: 3 * DAY_MS,
    lines: [
      { ...line, amountMinor: 1n, atMs: 3 * DAY_MS, references: [] },
      { ...line, amountMinor: 250n, atMs: 5 * DAY_MS, references: ['x', 'y'] },
      { ...line, amountMinor: 100n, atMs: 6 * DAY_MS, references: [] },
    ],
  }
})

describe('statements', () => {
  it('of the sandbox are refused in production', async () => {
    const { book } = await filledBook()
    expect(() => sandboxStatement(book, true)).to.throw(/refused in production/)
    await book.close()
  })

  for (const [what, pieces, covers, complete] of [
    ['nothing', [], [], false],
    ['all of it', [[0, 100]], [[10, 20]], true],
    [
      'two that touch',
      [
        [15, 20],
        [10, 14],
      ],
      [[10, 20]],
      true,
    ],
    [
      'two that overlap',
      [
        [10, 16],
        [12, 20],
      ],
      [[10, 20]],
      true,
    ],
    [
      'one inside the other',
      [
        [10, 20],
        [12, 14],
      ],
      [[10, 20]],
      true,
    ],
    [
      'a gap',
      [
        [10, 13],
        [15, 20],
      ],
      [
        [10, 13],
        [15, 20],
      ],
      false,
    ],
    [
      'what is outside',
      [
        [0, 9],
        [21, 30],
      ],
      [],
      false,
    ],
    ['a part', [[0, 15]], [[10, 15]], false],
  ] as const) {
    it(`cover ${what}`, () => {
      const periods = pieces.map(([fromMs, toMs]) => ({ fromMs, toMs }))
      expect(coverageOf(periods, { fromMs: 10, toMs: 20 })).to.deep.equal({
        covers: covers.map(([fromMs, toMs]) => ({ fromMs, toMs })),
        complete,
      })
    })
  }
})
