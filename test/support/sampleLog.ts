// One small sound log that holds a record of every sort, each under a name, for tests that damage one of them.

import { LogBuilder, type WireRecord } from './logBuilder.ts'

export interface SampleLog {
  readonly log: LogBuilder
  readonly alice: string
  readonly bob: string
  readonly carol: string
  readonly record: Readonly<Record<SampleRecord, WireRecord>>
}

export type SampleRecord =
  | 'epochOfBob'
  | 'deposit'
  | 'depositOfBob'
  | 'refusedCommand'
  | 'send'
  | 'receive'
  | 'sendRefused'
  | 'refusal'
  | 'returned'
  | 'hold'
  | 'expiry'
  | 'secondHold'
  | 'release'
  | 'sendAtHome'
  | 'receiveAtHome'
  | 'sendParked'
  | 'parked'
  | 'sendUndelivered'
  | 'secondEpoch'
  | 'lastDeposit'

/** Alice and Carol live in partition 0, Bob in partition 1. */
export function sampleLog(): SampleLog {
  const log = new LogBuilder(2)
  const [alice, bob, carol] = [log.walletIn(0, 'alice'), log.walletIn(1, 'bob__'), log.walletIn(0, 'carol')]
  log.epoch(0)
  const epochOfBob = log.epoch(1)
  log.command(alice, 'open', { ev: [['opened', 'u_alice']] })
  const deposit = log.deposit(alice, 10_000n)
  const depositOfBob = log.deposit(bob, 5_000n)
  const refusedCommand = log.command(bob, 'send', { x: 'wallet.insufficient_funds' })
  const send = log.send(alice, bob, 700n)
  log.cut(0)
  log.cut(1)
  const receive = taken(log.receive(0, 1))
  const sendRefused = log.send(bob, carol, 300n)
  log.cut(1)
  const refusal = taken(log.refuse(1, 0))
  log.cut(0)
  const returned = taken(log.receive(0, 1))
  log.cut(1)
  const dueMs = log.nowMs + 1_000
  const hold = log.hold(alice, 500n, 'h', dueMs)
  log.deliver(0, 1, 2)
  log.nowMs = dueMs + 5
  const expiry = log.expire(alice, 500n, 'h', dueMs)
  const secondHold = log.hold(alice, 40n, 'g', dueMs + 60_000)
  const release = log.release(alice, 40n, 'g')
  const sendAtHome = log.send(alice, carol, 50n)
  log.cut(0)
  const receiveAtHome = taken(log.receive(0, 0))
  const sendParked = log.send(alice, bob, 100n)
  log.cut(0)
  const parked = taken(log.park(0, 1))
  const sendUndelivered = log.send(alice, bob, 25n)
  const secondEpoch = log.epoch(0)
  const lastDeposit = log.deposit(carol, 2_000n)
  return {
    log,
    alice,
    bob,
    carol,
    record: {
      epochOfBob,
      deposit,
      depositOfBob,
      refusedCommand,
      send,
      receive,
      sendRefused,
      refusal,
      returned,
      hold,
      expiry,
      secondHold,
      release,
      sendAtHome,
      receiveAtHome,
      sendParked,
      parked,
      sendUndelivered,
      secondEpoch,
      lastDeposit,
    },
  }
}

function taken(record: WireRecord | null): WireRecord {
  if (record === null) throw new Error('the lane was empty')
  return record
}
