// Which member a partition belongs to: rendezvous hashing. Everybody who knows the same members computes the same
// owner, and a member that comes or goes moves only its own share.

import { createHash } from 'node:crypto'
import type { PartitionId } from '../../shared/ids.ts'
import type { MemberId } from './ports.ts'

/** Null where there is nobody. */
export function ownerOf(partition: PartitionId, members: readonly MemberId[]): MemberId | null {
  let best: MemberId | null = null
  let bestWeight = ''
  for (const member of members) {
    const weight = weightOf(partition, member)
    if (best === null || weight > bestWeight || (weight === bestWeight && member > best)) {
      best = member
      bestWeight = weight
    }
  }
  return best
}

/** The owners of all partitions, worked out anew only where the members are others than the last time. */
export class Placement {
  private readonly partitions: number
  private members = ''
  private owners: readonly (MemberId | null)[] = []

  constructor(partitions: number) {
    this.partitions = partitions
  }

  ownerOf(partition: PartitionId, members: readonly MemberId[]): MemberId | null {
    const key = [...members].sort().join(' ')
    if (key !== this.members || this.owners.length === 0) {
      this.members = key
      this.owners = Array.from({ length: this.partitions }, (_, each) => ownerOf(each, members))
    }
    return this.owners[partition] ?? null
  }
}

function weightOf(partition: PartitionId, member: MemberId): string {
  return createHash('sha256').update(`${partition} ${member}`).digest('hex')
}
