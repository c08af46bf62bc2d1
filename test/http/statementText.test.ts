// Statements as CSV and as a page: whatever text a record brings, no cell is a formula and nothing is markup.

import { expect } from 'chai'
import { csvCell, htmlText, statementCsv, statementHtml } from '../../server/http/routes/statementText.ts'
import type { StatementAnswer } from '../../server/ledger/questions.ts'

const cells: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['', ''],
  ['12.34', '12.34'],
  ['-12.34', '-12.34'],
  ['-12.34+1', "'-12.34+1"],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-cmd', "'-cmd"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ['a,b', '"a,b"'],
  ['say "no"', '"say ""no"""'],
  ['two\nlines', '"two\nlines"'],
  ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
]

const title = { account: '2001:<script>', asset: 'USD', fromMs: 0, toMs: 86_400_000 }

const answer: StatementAnswer = {
  kind: 'statement',
  asOfMs: 86_400_000,
  positions: [{ partition: 1, seq: 9 }],
  openingMinor: 100n,
  closingMinor: 250n,
  inMinor: 200n,
  outMinor: 50n,
  legs: [
    {
      partition: 1,
      seq: 7,
      leg: 1,
      atMs: 1_000,
      operation: 'deposit',
      account: '2001:<script>',
      asset: 'USD',
      side: 'credit',
      amountMinor: 200n,
      balanceAfterMinor: 300n,
    },
    {
      partition: 1,
      seq: 9,
      leg: 0,
      atMs: 2_000,
      operation: 'transfer',
      account: '2001:<script>',
      asset: 'USD',
      side: 'debit',
      amountMinor: 50n,
      balanceAfterMinor: 250n,
    },
  ],
}

describe('statement as text', () => {
  for (const [text, cell] of cells) {
    it(`writes ${JSON.stringify(text)} as ${JSON.stringify(cell)}`, () => {
      expect(csvCell(text)).to.equal(cell)
    })
  }

  it('has a line for the opening, each entry and the closing', () => {
    expect(statementCsv(title, answer).split('\r\n')).to.deep.equal([
      'id,at,type,in,out,balance',
      ',1970-01-01T00:00:00.000Z,opening,,,1.00',
      '1:7,1970-01-01T00:00:01.000Z,deposit,2.00,,3.00',
      '1:9,1970-01-01T00:00:02.000Z,transfer,,0.50,2.50',
      ',1970-01-02T00:00:00.000Z,closing,2.00,0.50,2.50',
      '',
    ])
  })

  it('is a page without anybody else’s markup', () => {
    const page = statementHtml(title, answer)
    expect(page).to.include('Statement of 2001:&lt;script&gt;, USD')
    expect(page).not.to.include('<script')
    expect(htmlText(`<a href="x" title='y'>&`)).to.equal('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;')
  })
})
