// What the room of a match asks of its actor. Answers are durable with all that they were computed from (A4).

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { Answer } from '../../actors/runtime/answers.ts'
import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { ErrorCode } from '../../shared/errors.ts'

export type Asked = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly code: ErrorCode }

export interface MatchAsks {
  view(match: string): Promise<MatchView | ErrorCode>
  /** `key`: M6; empty where the command is idempotent by itself. */
  ask(match: string, command: MatchCommand, key: string): Promise<Asked>
}

export function matchAsks(actors: Pick<Runtime, 'submit' | 'read'>, newRequestId: () => string): MatchAsks {
  return {
    async view(match) {
      const answer = await actors.read({ kind: 'match', id: match }, { kind: 'state' })
      return answer.kind === 'view' ? (answer.view as MatchView) : answer.code // by the kind's `view`
    },
    async ask(match, command, key) {
      const answer = await new Promise<Answer>((resolve) =>
        actors.submit({ kind: 'match', id: match }, command, { key, requestId: newRequestId() }, resolve),
      )
      return answer.kind === 'done' ? { kind: 'done' } : { kind: 'refused', code: answer.code }
    },
  }
}
