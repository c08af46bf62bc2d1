// Proofs that staff ask for over HTTP: that a record is under a checkpoint, that one checkpoint goes on from another. Each is
// made in a thread of its own, one at a time, and given up where it takes too long (A5).

import type { Scheduler } from '../../actors/runtime/ports.ts'
import { Turns } from '../../actors/runtime/turns.ts'
import { ServiceError } from '../../shared/errors.ts'
import type { Target } from '../audit/target.ts'
import type { Outcome } from '../proof/outcome.ts'
import type { Place } from '../proof/recordProof.ts'
import { runThread } from './jobThread.ts'

export type ProofQuestion =
  | { readonly kind: 'record'; readonly place: Place; readonly under: string }
  /** Both are texts of checkpoints. */
  | { readonly kind: 'extension'; readonly from: string; readonly under: string }

export interface ProofInput {
  readonly target: Target
  readonly question: ProofQuestion
}

export interface ProofDesk {
  /**
   * The text of the proof, or why there is none. Rejects with ServiceError: `overloaded` where too many wait,
   * `unavailable` where the ledger cannot be read now or the proof would take too long.
   */
  prove(question: ProofQuestion): Promise<Outcome<string>>
  /** Whether a proof of its own is under way is nobody's business any more. */
  stop(): void
}

const MOST_WAITING = 8
/** A partition of some million records; a longer one is proved with the command line. */
const WITHIN_MS = 60_000
const THREAD = new URL('./proofThread.ts', import.meta.url)

export class ThreadProofDesk implements ProofDesk {
  private readonly target: Target
  private readonly scheduler: Scheduler
  private readonly failed: (error: unknown) => void
  private readonly turns = new Turns({ atATime: 1, maxWaiting: MOST_WAITING })
  private readonly stopping = new AbortController()

  constructor(target: Target, scheduler: Scheduler, failed: (error: unknown) => void) {
    this.target = target
    this.scheduler = scheduler
    this.failed = failed
  }

  prove(question: ProofQuestion): Promise<Outcome<string>> {
    return this.turns.run(async () => {
      const late = new AbortController()
      const cancel = this.scheduler.after(WITHIN_MS, () => late.abort())
      try {
        const input: ProofInput = { target: this.target, question }
        const signal = AbortSignal.any([late.signal, this.stopping.signal])
        return (await runThread(THREAD, input, signal)) as Outcome<string> // the thread's own answer
      } catch (error) {
        this.failed(error)
        throw new ServiceError('unavailable')
      } finally {
        cancel()
      }
    })
  }

  stop(): void {
    this.stopping.abort()
  }
}
