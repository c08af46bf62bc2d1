// The sandbox provider's side: what its own book says it took and paid. It covers the time since that book was begun.

import type { SandboxBook, SandboxLine } from '../../sandbox/port.ts'
import { SANDBOX_LATENESS } from '../limits.ts'
import type { Line } from '../matching/items.ts'
import { coverageOf, type Statement } from './port.ts'

/** What the platform has with the sandbox provider. */
export const SANDBOX_ACCOUNTS: readonly string[] = ['1002', '1003:sandbox']
const PAGE = 500

/** Throws in production: nobody is paid by a sandbox there, and nothing is reconciled with one. */
export function sandboxStatement(book: SandboxBook, production: boolean): Statement {
  if (production) throw new Error('the sandbox provider is refused in production')
  return {
    name: 'sandbox',
    lateness: SANDBOX_LATENESS,
    async open(account, period) {
      if (!SANDBOX_ACCOUNTS.includes(account)) return null
      const fromMs = await book.beganMs()
      const coverage = coverageOf([{ fromMs, toMs: period.toMs }], period)
      return { ...coverage, pages: () => pages(book, account) }
    },
  }
}

async function* pages(book: SandboxBook, account: string): AsyncGenerator<readonly Line[], void, undefined> {
  for (let after: string | null = null; ; ) {
    const found: readonly SandboxLine[] = await book.lines(account, after, PAGE)
    const last = found.at(-1)
    if (last === undefined) return
    yield found.map(lineOf)
    after = last.id
  }
}

function lineOf({ id, asset, direction, amountMinor, atMs, reference }: SandboxLine): Line {
  return { side: 'line', id, asset, direction, amountMinor, atMs, references: [reference] }
}
