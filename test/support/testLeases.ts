// Leases in a test's hands: puts and questions wait until the test answers them, and news come when it says so.

import type { LeaseNews, Leases, MemberId, MemberValue, Present } from '../../actors/cluster/ports.ts'

export interface Put {
  readonly value: MemberValue
  readonly done: () => void
  readonly failed: () => void
}

export class TestLeases implements Leases {
  readonly puts: Put[] = []
  /** What whoever decides says; null where it does not answer. */
  says: Present | null = { life: 'one', members: [] }
  /** Holds the next answers back until they are let through. */
  heldBack: (() => void)[] | null = null
  given: MemberId[] = []
  tell: (news: LeaseNews) => void = () => {}

  put(_member: MemberId, value: MemberValue): Promise<void> {
    return new Promise((resolve, reject) => {
      this.puts.push({ value, done: resolve, failed: () => reject(new Error('no answer')) })
    })
  }

  giveUp(member: MemberId): Promise<void> {
    this.given.push(member)
    return Promise.resolve()
  }

  watch(tell: (news: LeaseNews) => void): void {
    this.tell = tell
  }

  present(): Promise<Present> {
    const { says, heldBack } = this
    const answer = says === null ? Promise.reject(new Error('no answer')) : Promise.resolve(says)
    if (heldBack === null) return answer
    return new Promise((resolve) => heldBack.push(() => resolve(answer)))
  }

  renewed(member: MemberId, state: MemberValue['state'] = 'serving'): void {
    this.tell({ kind: 'renewed', member, value: { state, address: null, holds: 0 } })
  }
}
