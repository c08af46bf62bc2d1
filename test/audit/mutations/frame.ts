// The frame of a log broken: chain, seqs, epochs, causes, sizes, homes, times.

import { type Mutation, rename } from './mutation.ts'

export const FRAME: readonly Mutation[] = [
  {
    breaks: 'the hash chain',
    invariant: 'J3',
    at: 'receive',
    damage: ({ log, record }) => {
      log.batchWith(record.receive).header.prev = 'ab'.repeat(32)
    },
  },
  {
    breaks: 'the chain, by a byte of the batch before',
    invariant: 'J3',
    at: 'returned',
    damage: ({ log, record }) => {
      const sealed = log.seal().filter((batch) => batch.partition === 1)
      const right = JSON.parse(`${sealed[2]?.bytes ?? ''}`.split('\n')[0] ?? '').prev
      record.sendRefused.r = { status: 'confirmed' }
      log.batchWith(record.returned).header.prev = right
    },
  },
  {
    breaks: 'the header seq',
    invariant: 'J3',
    at: 'receive',
    damage: ({ log, record }) => {
      log.batchWith(record.receive).header.first = 9
    },
  },
  {
    breaks: 'gapless seqs',
    invariant: 'J3',
    at: 'send',
    damage: ({ record }) => {
      record.send.s += 1
    },
  },
  {
    breaks: 'the count of a batch',
    invariant: 'J3',
    at: 'receive',
    damage: ({ log, record }) => {
      log.batchWith(record.receive).header.count = 1
    },
  },
  {
    breaks: 'the partition of a batch',
    invariant: 'J3',
    at: 'receive',
    damage: ({ log, record }) => {
      log.batchWith(record.receive).header.partition = 0
    },
  },
  {
    breaks: 'the format version',
    invariant: 'J3',
    at: 'receive',
    damage: ({ log, record }) => {
      log.batchWith(record.receive).header.v = 2
    },
  },
  {
    breaks: 'the last line feed',
    invariant: 'J3',
    at: 'lastEpochStart',
    damage: ({ log, record }) => {
      log.batchWith(record.lastDeposit).rewrite = (text) => text.trimEnd()
    },
  },
  {
    breaks: 'a new epoch without its record',
    invariant: 'J3',
    at: 'receive',
    damage: ({ log, record }) => {
      log.batchWith(record.receive).epoch = 2
    },
  },
  {
    breaks: 'an epoch that goes back',
    invariant: 'J3',
    at: 'secondEpoch',
    damage: ({ log, record }) => {
      log.batchWith(record.secondEpoch).epoch = 0
    },
  },
  {
    breaks: 'an epoch record within an epoch',
    invariant: 'J3',
    at: 'secondEpoch',
    damage: ({ log, record }) => {
      log.batchWith(record.secondEpoch).epoch = 1
    },
  },
  {
    breaks: 'an epoch record that moves money',
    invariant: 'J3',
    at: 'epochOfBob',
    damage: ({ record }) => {
      record.epochOfBob.en = record.depositOfBob.en ?? []
    },
  },
  {
    breaks: 'exactly one cause: none',
    invariant: 'J3',
    at: 'deposit',
    damage: ({ record }) => {
      delete record.deposit.c
    },
  },
  {
    breaks: 'exactly one cause: two',
    invariant: 'J3',
    at: 'receive',
    damage: ({ record }) => {
      record.receive.m = ['hold:h', 1]
    },
  },
  {
    breaks: 'the format: an unknown key',
    invariant: 'J3',
    at: 'deposit',
    damage: ({ record }) => {
      Object.assign(record.deposit, { z: 1 })
    },
  },
  {
    breaks: 'the size of a record',
    invariant: 'J1',
    at: 'deposit',
    damage: ({ record }) => {
      record.deposit.r = '€'.repeat(90_000)
    },
  },
  {
    breaks: 'the partition of an actor',
    invariant: 'J1',
    at: 'lastDeposit',
    damage: ({ record, bob }) => {
      record.lastDeposit.a = `wallet/${bob}`
      rename(record.lastDeposit, 1, `2001:${bob}`)
    },
  },
  {
    breaks: 'time within a partition',
    invariant: 'A7',
    at: 'refusedCommand',
    damage: ({ record }) => {
      record.refusedCommand.t = record.depositOfBob.t - 1
    },
  },
  {
    breaks: 'time from cause to effect',
    invariant: 'A7',
    at: 'receive',
    damage: ({ record }) => {
      record.receive.t = record.send.t - 1
    },
  },
]
