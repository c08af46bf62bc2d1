// Keys (M6) and timers (A7) broken.

import type { Mutation } from './mutation.ts'

export const OTHERS: readonly Mutation[] = [
  {
    breaks: 'one outcome per key',
    invariant: 'M6',
    at: 'sendUndelivered',
    damage: ({ record }) => {
      record.sendUndelivered.c = record.send.c ?? ['', '', '', '']
    },
  },
  {
    breaks: 'a refused command that has events',
    invariant: 'M6',
    at: 'refusedCommand',
    damage: ({ record }) => {
      record.refusedCommand.ev = [['sent']]
    },
  },
  {
    breaks: 'a refused command that books',
    invariant: 'M6',
    at: 'refusedCommand',
    damage: ({ record }) => {
      record.refusedCommand.en = record.depositOfBob.en ?? []
    },
  },
  {
    breaks: 'a timer that was never set',
    invariant: 'A7',
    at: 'expiry',
    damage: ({ record }) => {
      record.hold.ti = []
    },
  },
  {
    breaks: 'a timer of another due time',
    invariant: 'A7',
    at: 'expiry',
    damage: ({ record }) => {
      record.expiry.m = ['hold:h', (record.expiry.m?.[1] ?? 0) - 1]
    },
  },
  {
    breaks: 'a timer that fires early',
    invariant: 'A7',
    at: 'expiry',
    damage: ({ record }) => {
      const dueMs = record.expiry.t + 1
      record.expiry.m = ['hold:h', dueMs]
      record.hold.ti = [['hold:h', dueMs, 'h']]
    },
  },
  {
    breaks: 'a timer that was cancelled',
    invariant: 'A7',
    at: 'expiry',
    damage: ({ record }) => {
      record.hold.ti = [...(record.hold.ti ?? []), ['hold:h']]
    },
  },
]
