// What every sandbox provider's book does: once for each reference until it is taken back, lines that only grow, and a
// statement that has all of them.

import { expect } from 'chai'
import type { SandboxBook, SandboxLine, SandboxOrder, SandboxProvider } from '../../server/sandbox/port.ts'
import { ManualTime } from '../support/manualTime.ts'

const START_MS = Date.UTC(2026, 0, 1)

export function sandboxOrder(reference: string, more: Partial<SandboxOrder> = {}): SandboxOrder {
  return { reference, account: '1002', asset: 'USD', direction: 'in', amountMinor: 500n, ...more }
}

export interface OpenedSandbox {
  readonly provider: SandboxProvider
  /** Another hand on the same book, as another process has. */
  readonly other: SandboxProvider
  readonly book: SandboxBook
}

export function sandboxSuite(adapter: string, open: (clock: ManualTime, name: string) => Promise<OpenedSandbox>): void {
  let clock: ManualTime
  let opened: OpenedSandbox
  let name = 0
  const lines = async (account = '1002', pageOf = 2): Promise<readonly SandboxLine[]> => {
    const all: SandboxLine[] = []
    for (let after: string | null = null; ; ) {
      const page: readonly SandboxLine[] = await opened.book.lines(account, after, pageOf)
      all.push(...page)
      after = page.at(-1)?.id ?? null
      if (page.length < pageOf) return all
    }
  }
  const moves = async (): Promise<readonly string[]> =>
    (await lines()).map(({ reference, direction, amountMinor }) => `${reference} ${direction} ${amountMinor}`)

  describe(`sandbox provider: ${adapter}`, () => {
    beforeEach(async () => {
      name++
      clock = new ManualTime(START_MS)
      opened = await open(clock, String(name))
    })
    afterEach(async () => {
      await opened.book.close()
      await opened.other.close()
      await opened.provider.close()
    })

    it('is empty at first, and says since when it keeps a book', async () => {
      expect(await opened.book.beganMs()).to.equal(START_MS)
      expect(await lines()).to.deep.equal([])
    })

    it('carries out an order once, and keeps it as it was given', async () => {
      const order = sandboxOrder('deposit:w_a:k1', { amountMinor: 10n ** 15n, asset: 'USDC', account: '1003:sandbox' })
      expect(await opened.provider.carryOut(order)).to.equal('done')
      expect(await opened.provider.carryOut(order)).to.equal('already')
      expect(await opened.other.carryOut(order)).to.equal('already')
      const [line, ...more] = await lines('1003:sandbox')
      expect(line).to.deep.include({ ...order, atMs: START_MS })
      expect(line?.id).to.match(/^sbx_[A-Za-z0-9_-]{22}$/)
      expect(more).to.deep.equal([])
      expect(await lines('1002')).to.deep.equal([])
    })

    it('does not carry out another order under the same reference', async () => {
      await opened.provider.carryOut(sandboxOrder('r'))
      for (const more of [{ amountMinor: 501n }, { asset: 'USDC' }, { direction: 'out' as const }, { account: '1001' }])
        expect(await opened.provider.carryOut(sandboxOrder('r', more))).to.equal('differs')
      expect(await moves()).to.deep.equal(['r in 500'])
    })

    it('takes back what stands, once, and can be asked for it again', async () => {
      await opened.provider.takeBack('r')
      await opened.provider.carryOut(sandboxOrder('r'))
      await opened.provider.takeBack('r')
      await opened.other.takeBack('r')
      expect(await moves()).to.have.members(['r in 500', 'r out 500'])
      expect(await opened.provider.carryOut(sandboxOrder('r', { amountMinor: 7n }))).to.equal('done')
      expect(await moves()).to.have.members(['r in 500', 'r out 500', 'r in 7'])
    })

    it('two that carry out the same order at once do it once', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          (at % 2 === 0 ? opened.provider : opened.other).carryOut(sandboxOrder('r')),
        ),
      )
      expect(outcomes.filter((outcome) => outcome === 'done')).to.have.length(1)
      expect(await moves()).to.deep.equal(['r in 500'])
    })

    it('has every line on its pages, and the same one under the same id', async () => {
      const references = Array.from({ length: 25 }, (_, at) => `r${at}`)
      for (const reference of references) await opened.provider.carryOut(sandboxOrder(reference))
      for (const pageOf of [1, 3, 25, 100]) {
        const found = await lines('1002', pageOf)
        expect(found.map(({ reference }) => reference)).to.have.members(references)
        expect(new Set(found.map(({ id }) => id)).size).to.equal(25)
      }
      expect(await lines('1002', 4)).to.deep.equal(await lines('1002', 7))
    })
  })
}
