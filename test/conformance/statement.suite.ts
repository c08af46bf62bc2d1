// What every statement of a provider does: says what it covers of the period, and has each line once.

import { expect } from 'chai'
import type { Line } from '../../server/reconciliation/matching/items.ts'
import type { OpenStatement, Statement } from '../../server/reconciliation/statements/port.ts'

export interface StatementWorld {
  readonly statement: Statement
  readonly account: string
  /** Since when it covers everything, through DAY_MS * 30. */
  readonly coversFromMs: number
  readonly lines: readonly Omit<Line, 'id' | 'side'>[]
}

const DAY_MS = 24 * 60 * 60 * 1000

export function statementSuite(adapter: string, open: () => Promise<StatementWorld>): void {
  describe(`statement: ${adapter}`, () => {
    let world: StatementWorld
    before(async () => {
      world = await open()
    })
    const opened = async (fromMs: number, toMs: number): Promise<OpenStatement> => {
      const found = await world.statement.open(world.account, { fromMs, toMs })
      if (found === null) throw new Error('nothing to say of its account')
      return found
    }
    const linesOf = async (one: OpenStatement): Promise<readonly Line[]> => {
      const lines: Line[] = []
      for await (const page of one.pages()) lines.push(...page)
      return lines
    }

    it('has nothing to say of an account that is not its own', async () => {
      expect(await world.statement.open('1003:elsewhere', { fromMs: 0, toMs: DAY_MS })).to.equal(null)
    })

    it('is complete over what it covers, and says where it is not', async () => {
      const { coversFromMs: from } = world
      expect(await opened(from, 30 * DAY_MS)).to.deep.include({
        complete: true,
        covers: [{ fromMs: from, toMs: 30 * DAY_MS }],
      })
      expect(await opened(from - 1, 30 * DAY_MS)).to.deep.include({
        complete: false,
        covers: [{ fromMs: from, toMs: 30 * DAY_MS }],
      })
      expect(await opened(0, from - 1)).to.deep.include({ complete: false, covers: [] })
    })

    it('has every line once, under an id of its own, whatever the period', async () => {
      const first = await linesOf(await opened(world.coversFromMs, 30 * DAY_MS))
      expect(first.map(({ id: _id, side: _side, ...line }) => line)).to.have.deep.members(world.lines)
      expect(new Set(first.map(({ id }) => id)).size).to.equal(world.lines.length)
      expect(await linesOf(await opened(0, 1))).to.have.deep.members(first)
    })
  })
}
