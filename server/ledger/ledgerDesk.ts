// What the admin routes ask: one question at a time of the store, few waiting (A5), and those about the present only
// after the store had a moment to take in what is durable (S1). Nothing here throws for an outcome.

import { Turns } from '../../actors/runtime/turns.ts'
import { type ErrorCode, ServiceError } from '../../shared/errors.ts'
import type { Answer, Answers, Question, RefusedAnswer } from './questions.ts'

/** A store that answers questions. Rejects where it cannot. */
export interface Asking {
  ask(question: Question): Promise<Answer>
}

export interface LedgerDesk {
  readonly nowMs: () => number
  /** `unavailable` or `overloaded` where it cannot be answered now. */
  ask<Kind extends Question['kind']>(
    question: Question & { readonly kind: Kind },
  ): Promise<Answers[Kind] | RefusedAnswer>
}

export interface DeskParts {
  readonly store: Asking
  /** Waits until the store has what is durable now in the partitions that serve here, for `limitMs` at most. */
  readonly catchUp: (limitMs: number) => Promise<void>
  readonly nowMs: () => number
  readonly failed: (error: unknown) => void
}

/** Questions at a time: each may read some thousand records. */
const AT_A_TIME = 2
const MAX_WAITING = 32
const WAIT_MS = 1_000

export class StoreLedgerDesk implements LedgerDesk {
  readonly nowMs: () => number
  private readonly parts: DeskParts
  private readonly turns: Turns

  constructor(parts: DeskParts, limits = { atATime: AT_A_TIME, maxWaiting: MAX_WAITING }) {
    this.parts = parts
    this.turns = new Turns(limits)
    this.nowMs = parts.nowMs
  }

  async ask<Kind extends Question['kind']>(
    question: Question & { readonly kind: Kind },
  ): Promise<Answers[Kind] | RefusedAnswer> {
    try {
      return await this.turns.run(async () => {
        await this.parts.catchUp(WAIT_MS)
        // A question is answered by its own kind's answer.
        return (await this.parts.store.ask(question)) as Answers[Kind] | RefusedAnswer
      })
    } catch (error) {
      if (error instanceof ServiceError) return refusedWith(error.code)
      this.parts.failed(error)
      return refusedWith('unavailable')
    }
  }
}

function refusedWith(code: ErrorCode): RefusedAnswer {
  return { kind: 'refused', code }
}
