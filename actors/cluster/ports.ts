// What many processes need beyond one: who else is there (Leases), and a way to them (Wire). Both may lose, double and
// delay whatever they carry, and writes do not rest on them (J2). Reads do: what `present` and `serves` answer is so (C1).

import type { PartitionId } from '../../shared/ids.ts'
import type { ActorAddress, Answer, AskMeta, ReadAnswer } from '../runtime/answers.ts'

/** A process, by a name made at its start: a process that starts again is another member. */
export type MemberId = string

export interface MemberValue {
  /** `draining`: serves on, but is to be given nothing, and wants to be rid of what it has. */
  readonly state: 'serving' | 'draining'
  /** host:port for clients, where it has one. */
  readonly address: string | null
  /** Partitions held when the lease was renewed: for operators. */
  readonly holds: number
}

export type LeaseNews =
  | { readonly kind: 'renewed'; readonly member: MemberId; readonly value: MemberValue }
  /** Given up by its member: nothing has to be waited for. */
  | { readonly kind: 'given_up'; readonly member: MemberId }

export interface Present {
  /** Another one where leases of before may have been forgotten, as by a restart. */
  readonly life: string
  readonly members: readonly MemberId[]
}

export interface Leases {
  /** Makes or renews the lease of a member for the port's time to live. Rejects where that is not known to have worked. */
  put(member: MemberId, value: MemberValue): Promise<void>
  /** Rejects where that is not known to have worked. */
  giveUp(member: MemberId): Promise<void>
  /** Tells of every lease there and each renewal from now on, late or not at all when the network is bad. */
  watch(tell: (news: LeaseNews) => void): void
  /** Who has a lease now, by the word of whoever decides. Rejects where that cannot be had. */
  present(): Promise<Present>
}

/** Time that no clock setting moves, in ms since any moment. */
export interface Monotonic {
  elapsedMs(): number
}

export type RemoteAsk =
  | { readonly kind: 'ask'; readonly to: ActorAddress; readonly command: unknown; readonly meta: AskMeta }
  | { readonly kind: 'read'; readonly to: ActorAddress; readonly query: unknown }

export type RemoteOutcome =
  | { readonly kind: 'answer'; readonly answer: Answer | ReadAnswer }
  /** Whoever heard it is not the owner (any more). */
  | { readonly kind: 'moved' }
  /** Nobody serves the partition: known at once. */
  | { readonly kind: 'nobody' }
  /** No answer in time: it may or may not have been done. */
  | { readonly kind: 'lost' }

/** The owner's answer to who wants its partition. */
export type HandOver = 'released' | 'releasing' | 'refused'

/** What a member does for others while it serves a partition. */
export interface PartitionService {
  ask(ask: RemoteAsk, reply: (outcome: RemoteOutcome) => void): void
  handOver(to: MemberId): Promise<HandOver>
}

export interface Wire {
  /** Asks whoever serves the partition; calls back once, after `timeoutMs` at the latest. */
  ask(partition: PartitionId, ask: RemoteAsk, timeoutMs: number, answered: (outcome: RemoteOutcome) => void): void
  /** `nobody`: no member serves it; `lost`: one seems to, and does not answer. */
  requestHandOver(partition: PartitionId, to: MemberId): Promise<HandOver | 'nobody' | 'lost'>
  /** Whether the member serves the partition, or is about to; null where it does not answer. */
  serves(member: MemberId, partition: PartitionId): Promise<boolean | null>
  /** From now on others find the partition here. Answers a function that ends it. */
  open(partition: PartitionId, service: PartitionService): () => void
}
