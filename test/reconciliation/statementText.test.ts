// Statements as text: what is taken, and what of a bad one is named.

import { expect } from 'chai'
import { readStatement, type StatementFormat } from '../../server/reconciliation/statements/statementText.ts'

const PERIOD = { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 1, 1) - 1 }
const HEAD = 'id,time,direction,currency,amount,references'
const GOOD = { id: 'a', time: '2026-01-05', direction: 'in', currency: 'USD', amount: '1.00', references: '' }

const json = (more: object): string => JSON.stringify({ ...GOOD, ...more })

describe('reconciliation: a statement as text', () => {
  const line = (id: string, references: readonly string[], atMs: number) => ({
    ...{ side: 'line', id, asset: 'USDC', direction: 'out', amountMinor: 1_500_000n, atMs, references },
  })
  const fifth = Date.UTC(2026, 0, 5)
  for (const [what, format, text, lines] of [
    ['no lines', 'csv', `${HEAD}\n`, []],
    ['nothing at all', 'ndjson', '', []],
    ['a date', 'csv', `${HEAD}\na,2026-01-05,out,USDC,1.5,`, [line('a', [], fifth)]],
    ['a moment', 'csv', `${HEAD}\r\na,2026-01-05T01:00Z,out,USDC,1.5,x\r\n`, [line('a', ['x'], fifth + 3_600_000)]],
    ['quotes', 'csv', `${HEAD}\n"a",2026-01-05,out,USDC,"1.5","x,y ""z"""\n`, [line('a', ['x,y', '"z"'], fifth)]],
    [
      'a list of references',
      'ndjson',
      '{"id":"a","time":"2026-01-05","direction":"out","currency":"USDC","amount":"1.5","references":["x","y"]}\n',
      [line('a', ['x', 'y'], fifth)],
    ],
  ] as const satisfies readonly (readonly [string, StatementFormat, string, readonly object[]])[]) {
    it(`takes ${what}`, () => {
      expect(readStatement(text, format, PERIOD)).to.deep.equal({ kind: 'lines', lines })
    })
  }

  for (const [what, format, text, at, why] of [
    ['no head', 'csv', '', 1, /^begins with id,time/],
    ['another head', 'csv', 'id;time\n', 1, /^begins with id,time/],
    ['a field too few', 'csv', `${HEAD}\na,2026-01-05,in,USD,1\n`, 2, /has 5 fields, not 6/],
    ['an empty line', 'csv', `${HEAD}\n\n`, 2, /has 1 fields/],
    ['a quote in the midst', 'csv', `${HEAD}\na"b,2026-01-05,in,USD,1,\n`, 2, /quote where none belongs/],
    ['a quote that stays open', 'csv', `${HEAD}\n"a,2026-01-05,in,USD,1,\n`, 2, /quote where none belongs/],
    ['no JSON', 'ndjson', `${json({})}\nnot json\n`, 2, /is no JSON/],
    ['a list', 'ndjson', '[]\n', 1, /is no JSON object/],
    ['a number for an amount', 'ndjson', json({ amount: 1 }), 1, /amount takes a text/],
    ['a field too many', 'ndjson', json({ note: 'x' }), 1, /note is no field/],
    ['no id', 'ndjson', json({ id: '' }), 1, /id takes/],
    ['an id with blanks', 'ndjson', json({ id: 'a b' }), 1, /id takes/],
    ['an id twice', 'ndjson', `${json({})}\n${json({ id: 'b' })}\n${json({})}\n`, 3, /id a is that of line 1/],
    ['no time', 'ndjson', json({ time: 'yesterday' }), 1, /time takes/],
    ['a day that is none', 'ndjson', json({ time: '2026-13-41' }), 1, /time takes/],
    ['a local time', 'ndjson', json({ time: '2026-01-05T00:00:00+01:00' }), 1, /time takes/],
    ['a time before', 'ndjson', json({ time: '2025-12-31' }), 1, /not in the period/],
    ['a time after', 'ndjson', json({ time: '2026-02-01' }), 1, /not in the period/],
    ['another direction', 'ndjson', json({ direction: 'IN' }), 1, /direction takes/],
    ['a currency of elsewhere', 'ndjson', json({ currency: 'EUR' }), 1, /"EUR" is no asset/],
    ['nothing', 'ndjson', json({ amount: '0' }), 1, /not_positive/],
    ['less than nothing', 'ndjson', json({ amount: '-1' }), 1, /malformed/],
    ['too precise', 'ndjson', json({ amount: '1.001' }), 1, /too_precise/],
    ['too large', 'ndjson', json({ amount: '1e30' }), 1, /malformed/],
    ['a control character', 'ndjson', json({ references: 'x\u0007' }), 1, /reference has/],
    ['too many references', 'ndjson', json({ references: 'x '.repeat(201) }), 1, /more than 200 references/],
  ] as const satisfies readonly (readonly [string, StatementFormat, string, number, RegExp])[]) {
    it(`names the line with ${what}`, () => {
      const read = readStatement(text, format, PERIOD)
      expect(read).to.deep.include({ kind: 'refused', line: at })
      expect(read.kind === 'refused' ? read.why : '').to.match(why)
    })
  }
})
