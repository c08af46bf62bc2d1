// What every book of statements does: keeps each as it was handed in, once.

import { expect } from 'chai'
import { type StatementBook, type StoredStatement, statementId } from '../../server/reconciliation/statements/book.ts'
import type { HandedIn } from '../../server/reconciliation/statements/fileStatement.ts'
import type { UserId } from '../../shared/ids.ts'

export function storedStatement(number: number, more: Partial<HandedIn> = {}): StoredStatement {
  const handedIn: HandedIn = {
    ...{ account: '1001', format: 'csv', fromMs: 0, toMs: 10 ** 12 + number, text: `line ${number}\n“é”` },
    ...more,
  }
  return { ...handedIn, id: statementId(handedIn), lines: number, by: 'u_ann1' as UserId, atMs: 10 ** 12 + number }
}

export function statementBookSuite(adapter: string, open: (name: string) => Promise<StatementBook>): void {
  describe(`statements handed in: ${adapter}`, () => {
    let book: StatementBook
    let name = 0
    beforeEach(async () => {
      name++
      book = await open(String(name))
    })
    afterEach(() => book.close())
    const of = async (account: string): Promise<readonly HandedIn[]> => {
      const all: HandedIn[] = []
      for await (const one of book.of(account)) all.push(one)
      return all
    }

    it('is empty at first', async () => {
      expect(await book.list(null, 10)).to.deep.equal([])
      expect(await book.accounts()).to.deep.equal([])
      expect(await of('1001')).to.deep.equal([])
    })

    it('keeps a statement once, as it was handed in, with who did it', async () => {
      const first = storedStatement(1)
      expect(await book.add(first)).to.equal('added')
      expect(await book.add({ ...first, by: 'u_bob1' as UserId, atMs: 5 })).to.equal('already')
      const { text, ...row } = first
      expect(await book.list(null, 10)).to.deep.equal([row])
      const { account, format, fromMs, toMs } = first
      expect(await of('1001')).to.deep.equal([{ account, format, fromMs, toMs, text }])
    })

    it('lists the newest first, page by page, and gives an account its own in their order', async () => {
      const all = Array.from({ length: 7 }, (_, at) => storedStatement(at + 1, at === 3 ? { account: '1003:x' } : {}))
      for (const one of all) await book.add(one)
      const newest = all.toReversed().map(({ id }) => id)
      const pages: string[] = []
      for (let before: string | null = null; ; ) {
        const page = await book.list(before, 3)
        pages.push(...page.map(({ id }) => id))
        before = page.at(-1)?.id ?? null
        if (page.length < 3) break
      }
      expect(pages).to.deep.equal(newest)
      expect(await book.accounts()).to.deep.equal(['1001', '1003:x'])
      expect((await of('1001')).map(({ text }) => text)).to.deep.equal(
        all.filter(({ account }) => account === '1001').map(({ text }) => text),
      )
      expect(await of('1002')).to.deep.equal([])
    })
  })
}
