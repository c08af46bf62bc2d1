// The books broken: amounts, balances, owners, transit.

import { change, entry, envelope, type Mutation, rename } from './mutation.ts'

export const MONEY: readonly Mutation[] = [
  {
    breaks: 'positive amounts: zero',
    invariant: 'M1',
    at: 'deposit',
    damage: ({ record }) => change(record.deposit, 0n),
  },
  {
    breaks: 'positive amounts: negative',
    invariant: 'M1',
    at: 'deposit',
    damage: ({ record }) => change(record.deposit, -5n),
  },
  {
    breaks: 'registered assets',
    invariant: 'M1',
    at: 'lastDeposit',
    damage: ({ record }) => {
      for (const row of record.lastDeposit.en ?? []) row[1] = 'DOGE'
    },
  },
  {
    breaks: 'the balance of a record',
    invariant: 'M2',
    at: 'lastDeposit',
    damage: ({ record }) => {
      entry(record.lastDeposit, 1)[3] = '2001'
    },
  },
  {
    breaks: 'the balance of a record, per asset',
    invariant: 'M2',
    at: 'lastDeposit',
    damage: ({ record }) => {
      entry(record.lastDeposit, 1)[1] = 'USDC'
    },
  },
  {
    breaks: 'the chart of accounts',
    invariant: 'M3',
    at: 'lastDeposit',
    damage: ({ record }) => rename(record.lastDeposit, 0, '1999'),
  },
  {
    breaks: 'one writer per account',
    invariant: 'M3',
    at: 'lastDeposit',
    damage: ({ record, alice }) => rename(record.lastDeposit, 1, `2001:${alice}`),
  },
  {
    breaks: 'the kind of an owner',
    invariant: 'M3',
    at: 'lastDeposit',
    damage: ({ record, carol }) => rename(record.lastDeposit, 1, `2002:${carol}`),
  },
  {
    breaks: 'a system balance',
    invariant: 'M3',
    at: 'lastDeposit',
    damage: ({ record }) => {
      entry(record.lastDeposit, 0)[4] = '12001'
    },
  },
  {
    breaks: 'an owned balance',
    invariant: 'M3',
    at: 'lastDeposit',
    damage: ({ record }) => {
      entry(record.lastDeposit, 1)[4] = '1'
    },
  },
  {
    breaks: 'the floor of owned accounts',
    invariant: 'M5',
    at: 'hold',
    damage: ({ record }) => change(record.hold, 10_000n),
  },
  {
    breaks: 'transit: debited, and no envelope',
    invariant: 'M4',
    at: 'sendUndelivered',
    damage: ({ record }) => {
      delete record.sendUndelivered.out
    },
  },
  {
    breaks: 'transit: the envelope holds more',
    invariant: 'M4',
    at: 'sendUndelivered',
    damage: ({ record }) => {
      envelope(record.sendUndelivered)[4] = ['USD', '26']
    },
  },
  {
    breaks: 'transit: taken, and not credited',
    invariant: 'M4',
    at: 'returned',
    damage: ({ record }) => {
      delete record.returned.en
    },
  },
  {
    breaks: 'transit: credited more than came',
    invariant: 'M4',
    at: 'returned',
    damage: ({ record }) => change(record.returned, 301n),
  },
]
