// Whose tokens are good no longer, as a process of several knows it.

import { expect } from 'chai'
import { ErasedUsers } from '../../server/identity/erasedUsers.ts'
import type { ErasedUser } from '../../server/identity/port.ts'
import type { UserId } from '../../shared/ids.ts'
import { ManualTime } from '../support/manualTime.ts'

const ANN = 'u_AnnAnnAnnAnnAnnAnnAnnA' as UserId // of the form that ids have
const BOB = 'u_BobBobBobBobBobBobBobB' as UserId
const HOUR_MS = 60 * 60 * 1000

describe('erased users', () => {
  let clock: ManualTime
  let stored: ErasedUser[]
  let isAway: boolean
  let failures: unknown[]
  let look: (() => void) | null
  let users: ErasedUsers
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const lookAgain = async (): Promise<void> => {
    look?.()
    await turn()
  }

  beforeEach(() => {
    clock = new ManualTime(Date.UTC(2026, 0, 1))
    stored = []
    isAway = false
    failures = []
    look = null
    users = new ErasedUsers({
      identity: {
        async erasedSince(atMs) {
          if (isAway) throw new Error('away')
          return stored.filter((erased) => erased.atMs >= atMs)
        },
      },
      clock,
      scheduler: {
        after(_delayMs, task) {
          look = task
          return () => {
            look = null
          }
        },
      },
      failed: (error) => failures.push(error),
    })
  })

  it('are known from the start, and those of other processes at the next look', async () => {
    stored.push({ user: ANN, atMs: clock.nowMs() })
    await users.start()
    expect([users.has(ANN), users.has(BOB)]).to.deep.equal([true, false])
    stored.push({ user: BOB, atMs: clock.nowMs() })
    await lookAgain()
    expect(users.has(BOB)).to.equal(true)
  })

  it('count at once where they were erased, before any look and after one that did not see them', async () => {
    await users.start()
    users.add(ANN)
    expect(users.has(ANN)).to.equal(true)
    await lookAgain()
    expect(users.has(ANN)).to.equal(true)
  })

  it('are remembered while identity is away, which is told, and looked for again', async () => {
    stored.push({ user: ANN, atMs: clock.nowMs() })
    await users.start()
    isAway = true
    await lookAgain()
    expect([users.has(ANN), failures.length]).to.deep.equal([true, 1])
    isAway = false
    stored.push({ user: BOB, atMs: clock.nowMs() })
    await lookAgain()
    expect(users.has(BOB)).to.equal(true)
  })

  it('are forgotten once no token of theirs can be good', async () => {
    stored.push({ user: ANN, atMs: clock.nowMs() })
    await users.start()
    clock.jump(HOUR_MS)
    await lookAgain()
    expect(users.has(ANN), 'an hour later').to.equal(true)
    clock.jump(HOUR_MS + 1)
    await lookAgain()
    expect(users.has(ANN), 'two hours later').to.equal(false)
  })

  it('keep a process from starting that cannot read them, and are looked for no more once it is closed', async () => {
    isAway = true
    const failure = await users.start().catch((error: unknown) => error)
    expect(failure).to.include({ message: 'away' })
    isAway = false
    await users.start()
    users.close()
    expect(look).to.equal(null)
  })
})
