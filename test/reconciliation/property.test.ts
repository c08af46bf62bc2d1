// Whatever two sides say: every item ends in exactly one class, what matched adds up, and the order that the sides were
// read in says nothing.

import { expect } from 'chai'
import fc from 'fast-check'
import { idOf, type Line, type Movement, sumMinor } from '../../server/reconciliation/matching/items.ts'
import { matchAccount, type Terms } from '../../server/reconciliation/matching/matchAccount.ts'
import { line, movement, TERMS } from './items.ts'

// Few names and amounts, so that they meet.
const name = fc.integer({ min: 0, max: 7 }).map((at) => `deposit:${at}`)
const amount = fc.integer({ min: -6, max: 6 }).filter((minor) => minor !== 0)
const minute = fc.integer({ min: 900, max: 1_005 })
const asset = fc.constantFrom('USD', 'USD', 'USDC')

const movements = fc
  .array(fc.tuple(name, amount, minute, asset), { maxLength: 16 })
  .map((rows) => rows.map(([reference, minor, at, of], index) => movement(index + 1, reference, minor, at, of)))
const lines = fc
  .array(fc.tuple(fc.array(name, { maxLength: 3 }), amount, minute, asset), { maxLength: 16 })
  .map((rows) => rows.map(([names, minor, at, of], index) => line(`l${index}`, names.join(' '), minor, at, of)))
const terms = fc
  .tuple(fc.integer({ min: 900, max: 1_000 }), fc.integer({ min: 0, max: 30 }))
  .map(([from, late]): Terms => {
    const ms = late * 60_000
    return { ...TERMS, lateness: { movementMs: ms, lineMs: ms }, covers: (atMs) => atMs >= from * 60_000 }
  })

interface Ended {
  readonly item: string
  readonly class: string
}

function endsOf(booked: readonly Movement[], stated: readonly Line[], under: Terms): readonly Ended[] {
  const { matches, differences } = matchAccount(booked, stated, under)
  const ended: Ended[] = []
  for (const { movements: ours, lines: theirs } of matches)
    for (const item of [...ours, ...theirs]) ended.push({ item: `${item.side} ${idOf(item)}`, class: 'matched' })
  for (const { class: kind, movements: ours, lines: theirs } of differences)
    for (const item of [...ours, ...theirs]) ended.push({ item: `${item.side} ${idOf(item)}`, class: kind })
  return ended
}

describe('reconciliation: matching, whatever comes', () => {
  it('every movement and every line ends in exactly one class', () => {
    fc.assert(
      fc.property(movements, lines, terms, (booked, stated, under) => {
        const items = [...booked, ...stated].map((item) => `${item.side} ${idOf(item)}`)
        expect(endsOf(booked, stated, under).map(({ item }) => item)).to.have.members(items)
      }),
      { numRuns: 300 },
    )
  })

  it('what matched is equal to the minor unit, per asset; what did not explains the rest', () => {
    fc.assert(
      fc.property(movements, lines, terms, (booked, stated, under) => {
        const { matches, differences } = matchAccount(booked, stated, under)
        for (const match of matches) {
          expect(sumMinor(match.movements)).to.equal(sumMinor(match.lines))
          const assets = new Set([...match.movements, ...match.lines].map((item) => item.asset))
          expect(assets.size).to.equal(1)
        }
        for (const code of ['USD', 'USDC']) {
          const of = <Item extends { readonly asset: string }>(items: readonly Item[]): readonly Item[] =>
            items.filter((item) => item.asset === code)
          const off = differences.filter((one) => one.asset === code).reduce((sum, { offMinor }) => sum + offMinor, 0n)
          expect(sumMinor(of(stated)) - sumMinor(of(booked))).to.equal(off)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is the same in whatever order they are read', () => {
    const sides = fc.tuple(movements, lines).chain(([booked, stated]) =>
      fc.record({
        booked: fc.constant(booked),
        stated: fc.constant(stated),
        shuffledBooked: fc.shuffledSubarray([...booked], { minLength: booked.length }),
        shuffledStated: fc.shuffledSubarray([...stated], { minLength: stated.length }),
      }),
    )
    fc.assert(
      fc.property(sides, terms, ({ booked, stated, shuffledBooked, shuffledStated }, under) => {
        expect(matchAccount(shuffledBooked, shuffledStated, under)).to.deep.equal(matchAccount(booked, stated, under))
      }),
      { numRuns: 300 },
    )
  })

  it('nothing matches but by a name', () => {
    fc.assert(
      fc.property(movements, lines, terms, (booked, stated, under) => {
        const nameless = stated.map((one) => ({ ...one, references: [] }))
        const { matches } = matchAccount(booked, nameless, under)
        for (const match of matches) expect(match.lines).to.deep.equal([])
      }),
      { numRuns: 100 },
    )
  })
})
