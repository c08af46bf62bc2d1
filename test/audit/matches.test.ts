// What the auditor says of matches (M10): the records of sound ones pass, and each rule broken in one of them is found.

import { expect } from 'chai'
import { decodeBatch } from '../../actors/runtime/codec.ts'
import { encodeRecord } from '../../actors/runtime/recordWriter.ts'
import { readRecord } from '../../server/audit/lines.ts'
import { Matches } from '../../server/audit/matches.ts'
import { Names } from '../../server/audit/names.ts'
import { Scanner } from '../../server/audit/scanner.ts'
import { Finding } from '../../server/audit/violation.ts'
import { goldenBatches, goldenStates } from '../golden/files.ts'

/** A record of a match as the log has it. */
interface Wire {
  a: string
  ev?: unknown[][]
  en?: [account: string, asset: string, side: string, amount: string, after: string][]
  out?: [destination: number, number: number, to: string, name: string, money: [string, string] | 0, body: unknown][]
  f?: unknown
  c?: unknown
}

const GOLDEN = 'match-1'
let sound: readonly string[] = []

function audited(lines: readonly Wire[]): string | null {
  const matches = new Matches()
  const names = new Names()
  try {
    for (const line of lines) {
      const scan = new Scanner(Buffer.from(`${JSON.stringify(line)}\n`), names)
      matches.note(readRecord(scan))
    }
  } catch (error) {
    if (!(error instanceof Finding)) throw error
    expect(error.invariant).to.equal('M10')
    return error.message
  }
  return null
}

function tagged(lines: readonly Wire[], match: string, tag: string, which = 0): Wire {
  const found = lines.filter(({ a, ev }) => a === `match/${match}` && ev?.some(([first]) => first === tag))[which]
  return found ?? expect.fail(`no ${tag} of ${match}`)
}

function eventOf(line: Wire, tag: string): unknown[] {
  return line.ev?.find(([first]) => first === tag) ?? expect.fail(`no ${tag}`)
}

const entry = (line: Wire, index: number) => line.en?.[index] ?? expect.fail('no entry')
const money = (line: Wire) => (line.out ?? []).filter((envelope) => envelope[4] !== 0)

/** m_won: three stakes of 20.00, 0.50 added, 1.50 taken; m_aborted: two stakes go back; m_closed: one came back unclaimed. */
const DAMAGES: readonly (readonly [breaks: string, says: RegExp, damage: (lines: Wire[]) => void])[] = [
  ['a match is made twice', /made again/, (lines) => void lines.push(tagged(lines, 'm_won', 'created'))],
  ['a stake is taken twice', /stakes twice/, (lines) => void lines.splice(3, 0, tagged(lines, 'm_won', 'staked'))],
  [
    'a stake comes from nowhere',
    /nobody has sent/,
    (lines) => {
      const line = tagged(lines, 'm_won', 'staked')
      delete line.f
      line.c = ['stake', 'k', 'h', 'r']
    },
  ],
  [
    'a stake is another sum',
    /the stake of seat/,
    (lines) => {
      for (const row of tagged(lines, 'm_won', 'staked').en ?? []) row[3] = '1999'
    },
  ],
  [
    'a stake of another asset',
    /is played for USD/,
    (lines) => {
      for (const row of tagged(lines, 'm_won', 'staked').en ?? []) row[1] = 'USDC'
    },
  ],
  [
    'a stake for no seat',
    /belongs to nobody/,
    (lines) => {
      eventOf(tagged(lines, 'm_won', 'staked'), 'staked')[1] = 7
    },
  ],
  ['it is settled twice', /is over or was never made/, (lines) => void lines.push(tagged(lines, 'm_won', 'settled'))],
  [
    'the rake is too high',
    /the rake is 150/,
    (lines) => {
      eventOf(tagged(lines, 'm_won', 'settled'), 'settled')[4] = '151'
    },
  ],
  [
    'the contribution is not what it was made with',
    /the contribution is 50/,
    (lines) => {
      eventOf(tagged(lines, 'm_won', 'settled'), 'settled')[5] = '0'
    },
  ],
  [
    'the rake goes elsewhere',
    /moves 0 by 4001 in|by/,
    (lines) => {
      entry(tagged(lines, 'm_won', 'settled'), -1 + (tagged(lines, 'm_won', 'settled').en?.length ?? 0))[0] = '3001'
    },
  ],
  [
    'a seat is paid twice',
    /is paid twice/,
    (lines) => {
      const payouts = eventOf(tagged(lines, 'm_won', 'settled'), 'settled')[3] as unknown[][]
      const [first, second] = payouts
      if (first !== undefined && second !== undefined) second[0] = first[0]
    },
  ],
  [
    'a prize goes to another wallet',
    /is sent to wallet\/w_thief/,
    (lines) => {
      const [envelope] = money(tagged(lines, 'm_won', 'settled'))
      if (envelope !== undefined) envelope[2] = 'wallet/w_thief'
    },
  ],
  [
    'a prize is sent as another sum',
    /and is sent/,
    (lines) => {
      const [envelope] = money(tagged(lines, 'm_won', 'settled'))
      if (envelope !== undefined) envelope[4] = ['USD', '1']
    },
  ],
  [
    'the payouts do not add up',
    /pays|and is sent/,
    (lines) => {
      const line = tagged(lines, 'm_won', 'settled')
      const payouts = eventOf(line, 'settled')[3] as [number, string][]
      const [envelope] = money(line)
      const [first] = payouts
      if (first === undefined || envelope === undefined) return
      first[1] = `${BigInt(first[1]) + 1n}`
      envelope[4] = ['USD', first[1]]
    },
  ],
  [
    'somebody gets back what he never staked',
    /gets 4000 back|gets .* back/,
    (lines) => {
      const line = tagged(lines, 'm_aborted', 'cancelled')
      const refunds = eventOf(line, 'cancelled')[5] as [number, string][]
      const [envelope] = money(line)
      const [first] = refunds
      if (first === undefined || envelope === undefined) return
      first[1] = '4000'
      envelope[4] = ['USD', '4000']
    },
  ],
  [
    'a refund is forgotten',
    /pays 1 seats by 2 envelopes|pays/,
    (lines) => void (eventOf(tagged(lines, 'm_aborted', 'cancelled'), 'cancelled')[5] as unknown[]).pop(),
  ],
  [
    'money leaves before the end',
    /before its end/,
    (lines) => {
      const line = tagged(lines, 'm_won', 'resumed')
      line.out = money(tagged(lines, 'm_won', 'settled')).slice(0, 1)
    },
  ],
  [
    'a record moves money and says nothing',
    /says nothing of it/,
    (lines) => {
      const line = tagged(lines, 'm_won', 'resumed')
      line.en = tagged(lines, 'm_won', 'settled').en ?? []
      line.ev = []
    },
  ],
  [
    'what came back goes out as more',
    /goes out as another sum/,
    (lines) => {
      eventOf(tagged(lines, 'm_closed', 'paid_again'), 'paid_again')[4] = '501'
    },
  ],
  [
    'what comes back is booked as revenue',
    /what comes back/,
    (lines) => {
      entry(tagged(lines, 'm_closed', 'unclaimed'), 1)[0] = '4001'
    },
  ],
  [
    'a split is none of ours',
    /settled as other/,
    (lines) => {
      eventOf(tagged(lines, 'm_won', 'settled'), 'settled')[2] = 'other'
    },
  ],
]

describe('audit: matches (M10)', () => {
  before(() => {
    const batches = goldenStates(GOLDEN).flatMap(({ partition }) => goldenBatches(GOLDEN, partition))
    const all = batches.flatMap((bytes) => decodeBatch(bytes).records)
    sound = all.filter(({ actor }) => actor.startsWith('match/')).map(encodeRecord)
  })

  const lines = (): Wire[] => sound.map((line) => JSON.parse(line) as Wire)

  it('passes what matches write', () => expect(audited(lines())).to.equal(null))

  for (const [breaks, says, damage] of DAMAGES) {
    it(breaks, () => {
      const damaged = lines()
      damage(damaged)
      expect(audited(damaged)).to.match(says)
    })
  }
})
