// Asking JetStream's API again while it is only busy: a cluster elects leaders, a server restarts. What it refuses for
// good is told from what a moment may mend, so that a wrong setting is named at once and a restart is not an error.

import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/transport-node'
import { DataSetError } from '../dataSetError.ts'

export type Settled<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** JetStream said no, and would say so again. */
  | { readonly kind: 'refused'; readonly error: unknown }
  /** Nothing but timeouts and elections until the deadline. */
  | { readonly kind: 'late'; readonly error: unknown }

export interface Patience {
  readonly withinMs: number
  /** For how long "nobody is there to answer" may be a server that is just starting. Default: all the time. */
  readonly nobodyMs?: number
}

const PAUSE_MS = 100
/** HTTP's meaning: the service is there, and cannot answer now. */
const UNAVAILABLE = 503
/** Fewer servers than replicas just now: one may be starting. */
const NO_PEERS = 10_005

/** Repeats `ask` until it answers, is refused, or the time is over. Never rejects. */
export async function settled<T>(patience: Patience, ask: () => Promise<T>): Promise<Settled<T>> {
  const { withinMs, nobodyMs = withinMs } = patience
  const began = performance.now()
  for (;;) {
    try {
      return { kind: 'done', value: await ask() }
    } catch (error) {
      const elapsedMs = performance.now() - began
      if (isRefusal(error) || (isNobody(error) && elapsedMs >= nobodyMs)) return { kind: 'refused', error }
      if (elapsedMs >= withinMs) return { kind: 'late', error }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/** As `settled`, but throws what is not an answer. */
export async function answerOf<T>(patience: Patience, ask: () => Promise<T>): Promise<T> {
  const answer = await settled(patience, ask)
  if (answer.kind === 'done') return answer.value
  throw answer.error
}

function isRefusal(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status !== UNAVAILABLE && error.code !== NO_PEERS
  if (error instanceof DataSetError) return true
  return error instanceof errors.PermissionViolationError || error instanceof errors.ClosedConnectionError
}

// The client has a class for it, and keeps it to itself.
function isNobody(error: unknown): boolean {
  return error instanceof Error && error.name === 'JetStreamNotEnabled'
}
