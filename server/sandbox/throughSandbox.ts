// An order that the sandbox provider carries out and the ledger records. The provider comes first, as a real one does:
// money that it has taken and that no record is made of is then seen by reconciliation, and by nobody else.

import type { Answer } from '../../actors/runtime/answers.ts'
import { backingOf } from '../../actors/wallet/postings.ts'
import { type ErrorCode, errorSpec, ServiceError } from '../../shared/errors.ts'
import type { SandboxOrder, SandboxProvider } from './port.ts'

export type SandboxMove = Omit<SandboxOrder, 'account'>

/** `record` makes the record of it. Where that is refused for good, the provider gives back what it took. */
export async function throughSandbox(
  sandbox: SandboxProvider,
  move: SandboxMove,
  record: () => Promise<Answer>,
): Promise<Answer> {
  const account = backingOf(move.asset)
  // Nobody deals in it: the wallet says so.
  if (account === null) return record()
  const carriedOut = await codeOr(sandbox.carryOut({ ...move, account }))
  if (carriedOut === 'differs') return refusal('idempotency_mismatch')
  if (carriedOut !== 'done' && carriedOut !== 'already') return refusal(carriedOut)
  const answer = await record()
  // What was carried out before this call may have its record: it is left to whoever reconciles.
  if (answer.kind === 'refused' && carriedOut === 'done' && isFinal(answer.code))
    await codeOr(sandbox.takeBack(move.reference))
  return answer
}

/** Nobody will send it again, and no record is made of it. */
function isFinal(code: ErrorCode): boolean {
  return code !== 'internal' && !errorSpec(code).retryable
}

function refusal(code: ErrorCode): Answer {
  return { kind: 'refused', code, seq: null }
}

async function codeOr<T>(asked: Promise<T>): Promise<T | ErrorCode> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ServiceError) return error.code
    throw error
  }
}
