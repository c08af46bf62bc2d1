// Whether a stored decision is to be acted on now: by its signature, its data set, and the halt that stands. Pure; what is
// refused is refused with a line that says why.

import type { KeyObject } from 'node:crypto'
import type { PartitionId } from '../../shared/ids.ts'
import type { Halt } from '../halts.ts'
import { type SignedDecision, type Verified, verifyDecision } from './decision.ts'

export interface StoredDecision extends SignedDecision {
  /** Under which it was found: not covered by the signature, so compared with what is. */
  readonly id: string
  readonly partition: PartitionId
}

export interface Ground {
  readonly dataSet: string
  readonly dataSetId: string
  readonly keys: ReadonlyMap<string, KeyObject>
  /** The halt that stands at the decision's partition. */
  readonly halt: Halt
}

export function judge(stored: StoredDecision, ground: Ground): Verified {
  const verified = verifyDecision(stored, ground.keys)
  if (verified.kind === 'refused') return verified
  const { decision } = verified
  const { dataSet, dataSetId, halt } = ground
  const refuse = (why: string): Verified => ({ kind: 'refused', why })
  if (decision.id !== stored.id) return refuse(`it is a copy of ${decision.id}, stored as ${stored.id}`)
  if (decision.dataSet !== dataSet || decision.dataSetId !== dataSetId) {
    return refuse(`it was made for the data set ${decision.dataSet} (${decision.dataSetId})`)
  }
  if (decision.partition !== stored.partition || decision.partition !== halt.partition) {
    return refuse(`it was made for partition ${decision.partition}`)
  }
  if (decision.haltId !== halt.id || decision.seq !== halt.seq || decision.reason !== halt.reason) {
    return refuse(
      `it was made for another halt, ${decision.haltId} of ${decision.haltedAt}; ${halt.id} of ${halt.at} stands: look again`,
    )
  }
  if (halt.stage === 'recovery' && decision.decision === 'retry') {
    return refuse('a partition that cannot be recovered is tried again by itself: there is nothing to retry')
  }
  return verified
}
