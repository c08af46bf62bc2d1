// Statements that staff have from a bank and have handed in, as one: what each covers is covered, and a line that two of
// them have, of a day that both are about, is one line.

import { BANK_LATENESS } from '../limits.ts'
import type { Line } from '../matching/items.ts'
import { coverageOf, type Period, type Statement } from './port.ts'
import { readStatement, type StatementFormat } from './statementText.ts'

/** As it was handed in, and found to be of the form. */
export interface HandedIn extends Period {
  readonly account: string
  readonly format: StatementFormat
  readonly text: string
}

/** All that were handed in about an account. Rejects where they cannot be read. */
export type HandedInOf = (account: string) => AsyncIterable<HandedIn>

export function fileStatement(handedIn: HandedInOf): Statement {
  return {
    name: 'file',
    lateness: BANK_LATENESS,
    async open(account, period) {
      const pieces: Period[] = []
      const lines = new Map<string, Line>()
      for await (const one of handedIn(account)) {
        pieces.push(one)
        const read = readStatement(one.text, one.format, one)
        if (read.kind === 'refused') throw new Error(`line ${read.line} of a statement of ${account}: ${read.why}`)
        // One that says something else under the same id stays beside it: the matching tells.
        for (const line of read.lines) lines.set(JSON.stringify(line, plain), line)
      }
      if (pieces.length === 0) return null
      return {
        ...coverageOf(pieces, period),
        async *pages() {
          yield [...lines.values()]
        },
      }
    },
  }
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
