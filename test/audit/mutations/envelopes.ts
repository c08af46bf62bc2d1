// M4 broken: numbers, addressees, refusals, returns, parked records.

import { envelope, type Mutation } from './mutation.ts'

export const ENVELOPES: readonly Mutation[] = [
  {
    breaks: 'gapless envelope numbers',
    invariant: 'M4',
    at: 'sendUndelivered',
    damage: ({ record }) => {
      envelope(record.sendUndelivered)[1] += 1
    },
  },
  {
    breaks: 'the home of an addressee',
    invariant: 'M4',
    at: 'sendUndelivered',
    damage: ({ record }) => {
      envelope(record.sendUndelivered)[0] = 0
    },
  },
  {
    breaks: 'taken once',
    invariant: 'M4',
    at: 'returned',
    damage: ({ record }) => {
      record.returned.f = record.receive.f ?? [0, 0, 0]
    },
  },
  {
    breaks: 'taken in order',
    invariant: 'M4',
    at: 'returned',
    damage: ({ record }) => {
      record.returned.f = [0, 3, record.refusal.s]
    },
  },
  {
    breaks: 'taken, but never sent',
    invariant: 'M4',
    at: 'parked',
    damage: ({ record }) => {
      for (const name of ['sendParked', 'sendUndelivered'] as const) {
        delete record[name].out
        delete record[name].en
      }
    },
  },
  {
    breaks: 'the sender of an envelope',
    invariant: 'M4',
    at: 'receive',
    damage: ({ record }) => {
      record.receive.f = [0, 1, record.send.s - 1]
    },
  },
  {
    breaks: 'the addressee of an envelope',
    invariant: 'M4',
    at: 'receive',
    damage: ({ log, record }) => {
      envelope(record.send)[2] = `wallet/${log.walletIn(1, 'other')}`
    },
  },
  {
    breaks: 'what was called delivered',
    invariant: 'M4',
    at: 'lastEpochStart',
    damage: ({ log, record }) => {
      log.batchWith(record.lastDeposit).delivered.push([1, 4])
    },
  },
  {
    breaks: 'what was called delivered, and never sent',
    invariant: 'M4',
    at: 'lastEpochStart',
    damage: ({ log, record }) => {
      log.batchWith(record.lastDeposit).delivered.push([1, 5])
    },
  },
  {
    breaks: 'a refusal that books',
    invariant: 'M4',
    at: 'receive',
    damage: ({ record }) => {
      record.receive.x = 'wallet.closed'
    },
  },
  {
    breaks: 'a refusal that keeps the money',
    invariant: 'M4',
    at: 'refusal',
    damage: ({ record }) => {
      delete record.refusal.out
    },
  },
  {
    breaks: 'a refusal that sends back less',
    invariant: 'M4',
    at: 'refusal',
    damage: ({ record }) => {
      envelope(record.refusal)[4] = ['USD', '299']
    },
  },
  {
    breaks: 'a refusal that pays another',
    invariant: 'M4',
    at: 'refusal',
    damage: ({ log, record }) => {
      envelope(record.refusal)[2] = `wallet/${log.walletIn(1, 'thief')}`
    },
  },
  {
    breaks: 'a refusal that is no return',
    invariant: 'M4',
    at: 'refusal',
    damage: ({ record }) => {
      envelope(record.refusal)[3] = 'receive'
    },
  },
  {
    breaks: 'returns that cannot be refused',
    invariant: 'M4',
    at: 'receive',
    damage: ({ record }) => {
      envelope(record.send)[3] = 'returned'
      record.receive.x = 'wallet.closed'
      delete record.receive.en
      delete record.receive.ev
    },
  },
  {
    breaks: 'a parked record that books',
    invariant: 'M4',
    at: 'parked',
    damage: ({ record }) => {
      record.parked.ev = [['received']]
    },
  },
  {
    breaks: 'a command that is parked',
    invariant: 'M4',
    at: 'refusedCommand',
    damage: ({ record }) => {
      delete record.refusedCommand.x
      record.refusedCommand.p = 'threw'
    },
  },
]
