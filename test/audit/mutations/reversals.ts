// Reversals broken (M8): of another's record, of a later one, of a reversal, of nothing, twice, too much, the wrong way.

import { expect } from 'chai'
import { LogBuilder, type WireRecord } from '../../support/logBuilder.ts'

export interface ReversalLog {
  readonly log: LogBuilder
  readonly deposit: WireRecord
  readonly other: WireRecord
  readonly opened: WireRecord
  readonly ofCarol: WireRecord
  /** Of half the deposit, in part; and of all of the other. */
  readonly half: WireRecord
  readonly whole: WireRecord
}

/** Alice and Carol live in partition 0: two deposits of Alice are reversed, by its records 7 and 8. */
export function reversalLog(): ReversalLog {
  const log = new LogBuilder(2)
  const [alice, carol] = [log.walletIn(0, 'alice'), log.walletIn(0, 'carol')]
  log.epoch(0)
  const opened = log.command(alice, 'open', { ev: [['opened', 'u_alice']] })
  const deposit = log.deposit(alice, 1_000n)
  log.cut(0)
  const other = log.deposit(alice, 300n)
  const ofCarol = log.deposit(carol, 500n)
  log.deposit(alice, 700n)
  log.cut(0)
  const half = log.reverse(alice, deposit, 500n)
  const whole = log.reverse(alice, other, 300n)
  return { log, deposit, other, opened, ofCarol, half, whole }
}

interface ReversalDamage {
  readonly breaks: string
  readonly says: RegExp
  damage(log: ReversalLog): void
}

/** Says that it reverses this record instead. */
function point(record: WireRecord, of: string): void {
  const [event] = record.ev ?? []
  if (!Array.isArray(event)) expect.fail('no event')
  event[2] = of
}

const idOf = (record: WireRecord): string => `0-${record.s}`

export const REVERSALS: readonly ReversalDamage[] = [
  { breaks: 'of itself', says: /comes after it/, damage: ({ half }) => point(half, idOf(half)) },
  { breaks: 'of a later one', says: /comes after it/, damage: ({ half, whole }) => point(half, idOf(whole)) },
  { breaks: 'of no record', says: /no record of its actor/, damage: ({ half }) => point(half, 'all') },
  { breaks: 'of another partition', says: /no record of its actor/, damage: ({ half }) => point(half, '1-1') },
  {
    breaks: 'of another wallet',
    says: /which is of wallet\/w_carol/,
    damage: ({ half, ofCarol }) => point(half, idOf(ofCarol)),
  },
  { breaks: 'of nothing', says: /moved nothing/, damage: ({ half, opened }) => point(half, idOf(opened)) },
  { breaks: 'of an epoch', says: /which is of , |which is of $/, damage: ({ half }) => point(half, '0-1') },
  { breaks: 'of a reversal', says: /which is a reversal/, damage: ({ whole, half }) => point(whole, idOf(half)) },
  { breaks: 'twice', says: /was reversed before/, damage: ({ whole, deposit }) => point(whole, idOf(deposit)) },
  {
    breaks: 'more than it moved',
    says: /reverses 500 USD of 0:4, which moved 300/,
    damage: ({ half, whole, other, deposit }) => {
      point(half, idOf(other))
      point(whole, idOf(deposit))
    },
  },
  {
    breaks: 'the way it went',
    says: /the way it went, in USD/,
    // As if it had been given: sound legs, with the balances that follow from them.
    damage: ({ whole }) => {
      for (const row of whole.en ?? []) {
        row[2] = row[2] === 'D' ? 'C' : 'D'
        row[4] = `${BigInt(row[4]) + 600n}`
      }
    },
  },
  {
    breaks: 'in another asset',
    says: /reverses 0:4 in USDC, which moved USD/,
    damage: ({ whole }) => {
      for (const row of whole.en ?? []) {
        row[1] = 'USDC'
        row[2] = row[2] === 'D' ? 'C' : 'D'
        row[4] = '300'
      }
    },
  },
  {
    breaks: 'under another name',
    says: /calls itself 0-99/,
    damage: ({ half }) => {
      const [event] = half.ev ?? []
      if (Array.isArray(event)) event[1] = '0-99'
    },
  },
  {
    breaks: 'two at once',
    says: /reverses 2 records/,
    damage: ({ half }) => {
      half.ev = [...(half.ev ?? []), ...(half.ev ?? [])]
    },
  },
]
