// At an owner: which actors other processes want to hear of (C3). Each process says so for a partition, all at once or by
// what has changed, and says it all again every few seconds: one that is silent is forgotten.

import type { MemberId } from '../../actors/cluster/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'

/** Silent for so long, in ms, a process wants nothing any more. */
export const FORGET_AFTER_MS = 15_000

export interface Wanted {
  readonly member: MemberId
  /** Everything it wants of the partition, or null where only the changes follow. */
  readonly all: readonly string[] | null
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

interface Interest {
  readonly actors: Set<string>
  heardMs: number
}

export class FeedInterest {
  private readonly partitions = new Map<PartitionId, Map<MemberId, Interest>>()
  private readonly members = new Map<string, Set<MemberId>>()

  /** Whoever wants to hear of this actor. */
  of(actor: string): ReadonlySet<MemberId> | undefined {
    return this.members.get(actor)
  }

  heard(partition: PartitionId, wanted: Wanted, nowMs: number): void {
    const interest = this.interest(partition, wanted.member, nowMs)
    if (wanted.all !== null) {
      for (const actor of [...interest.actors]) this.drop(interest, wanted.member, actor)
      for (const actor of wanted.all) this.add(interest, wanted.member, actor)
    }
    for (const actor of wanted.add) this.add(interest, wanted.member, actor)
    for (const actor of wanted.remove) this.drop(interest, wanted.member, actor)
  }

  /** The partition does not serve here any more. */
  forget(partition: PartitionId): void {
    for (const [member, interest] of this.partitions.get(partition) ?? []) {
      for (const actor of [...interest.actors]) this.drop(interest, member, actor)
    }
    this.partitions.delete(partition)
  }

  sweep(nowMs: number): void {
    for (const interests of this.partitions.values()) {
      for (const [member, interest] of interests) {
        if (nowMs < interest.heardMs + FORGET_AFTER_MS) continue
        for (const actor of [...interest.actors]) this.drop(interest, member, actor)
        interests.delete(member)
      }
    }
  }

  private interest(partition: PartitionId, member: MemberId, nowMs: number): Interest {
    let interests = this.partitions.get(partition)
    if (interests === undefined) {
      interests = new Map()
      this.partitions.set(partition, interests)
    }
    let interest = interests.get(member)
    if (interest === undefined) {
      interest = { actors: new Set(), heardMs: nowMs }
      interests.set(member, interest)
    }
    interest.heardMs = nowMs
    return interest
  }

  private add(interest: Interest, member: MemberId, actor: string): void {
    interest.actors.add(actor)
    const members = this.members.get(actor)
    if (members === undefined) this.members.set(actor, new Set([member]))
    else members.add(member)
  }

  private drop(interest: Interest, member: MemberId, actor: string): void {
    interest.actors.delete(actor)
    const members = this.members.get(actor)
    members?.delete(member)
    if (members?.size === 0) this.members.delete(actor)
  }
}
