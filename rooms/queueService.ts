// What the queue room needs of the desks behind it: the same as HTTP has. Nothing here throws for an outcome.

import type { z } from 'zod'
import type { MatchView } from '../actors/match/views.ts'
import type { ErrorCode } from '../shared/errors.ts'
import type { UserId } from '../shared/ids.ts'
import type { QUEUE_REQUESTS, QueueSessionNews } from '../shared/queueMessages.ts'

export type QueueJoin = z.output<typeof QUEUE_REQUESTS.join>

export interface Refused {
  readonly kind: 'refused'
  readonly code: ErrorCode
}

export type Told<Value> = { readonly kind: 'ok'; readonly value: Value } | Refused

export interface QueueService {
  join(user: UserId, wish: QueueJoin, requestId: string): Promise<Told<QueueSessionNews>>
  leave(user: UserId, requestId: string): Promise<Told<QueueSessionNews>>
  /** `none` where the user waits for nothing. */
  session(user: UserId): Promise<Told<QueueSessionNews>>
  accept(user: UserId, match: string, requestId: string): Promise<Told<'sent' | 'taken' | 'given_up'>>
  giveUp(user: UserId, match: string, requestId: string): Promise<Told<'sent' | 'taken' | 'given_up'>>
  /** Of a match that the user has a seat in. */
  match(match: string): Promise<Told<MatchView>>
}
