// Asks of actors as promises, for the desks of play: an answer, or the registered code of its refusal. Nothing here throws
// for an outcome.

import type { Answer, ReadAnswer } from '../../actors/runtime/answers.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { MoneySide } from '../moneySide.ts'

export type Done = Extract<Answer, { kind: 'done' }>

export interface Refused {
  readonly kind: 'refused'
  readonly code: ErrorCode
}

export function refused(code: ErrorCode): Refused {
  return { kind: 'refused', code }
}

export class ActorAsks {
  private readonly actors: MoneySide['actors']

  constructor(actors: MoneySide['actors']) {
    this.actors = actors
  }

  /** `key`: M6; empty for a command that is idempotent by itself. */
  ask(kind: string, id: string, command: unknown, key: string, requestId: string): Promise<Answer> {
    return new Promise((resolve) => this.actors.submit({ kind, id }, command, { key, requestId }, resolve))
  }

  /** The caller names the view that this kind answers to this query. */
  async view<View>(
    kind: string,
    id: string,
    query: unknown,
  ): Promise<{ readonly kind: 'view'; readonly view: View } | Refused> {
    const answer: ReadAnswer = await this.actors.read({ kind, id }, query)
    return answer.kind === 'refused' ? refused(answer.code) : { kind: 'view', view: answer.view as View }
  }
}
