// Exports that staff take over HTTP while the server runs: one at a time in a process, each made by a thread of its own and
// handed on as its client takes it.

import { ServiceError } from '../../shared/errors.ts'
import type { Target } from '../audit/target.ts'
import type { BodySource, OnGone } from '../http/request.ts'
import { ExportRun } from './exportRun.ts'
import type { PlanRefusal } from './exportStream.ts'

export interface ExportDeskOrder {
  /** Null for everything that is durable now. */
  readonly asOfMs: number | null
  readonly nowMs: number
}

export type ExportOpened =
  /** Closed by whoever takes it. */
  { readonly kind: 'opened'; readonly source: BodySource } | { readonly kind: PlanRefusal }

export interface ExportDesk {
  /**
   * Rejects with ServiceError: `overloaded` where another one is under way, `unavailable` where the server stops, or the
   * ledger cannot be read.
   */
  open(order: ExportDeskOrder, onGone: OnGone): Promise<ExportOpened>
  /** What is under way is cut off, and nothing more begins. */
  stop(): void
}

export class ThreadExportDesk implements ExportDesk {
  readonly #target: Target
  readonly #failed: (error: unknown) => void
  #run: ExportRun | null = null
  #stopped = false

  /** `failed` hears why an export was not finished, unless its client left or the server stopped. */
  constructor(target: Target, failed: (error: unknown) => void) {
    this.#target = target
    this.#failed = failed
  }

  async open(order: ExportDeskOrder, onGone: OnGone): Promise<ExportOpened> {
    // The thread of one that was given up is not gone at once.
    while (this.#run?.isOver) await this.#run.ended
    if (this.#stopped) throw new ServiceError('unavailable')
    if (this.#run !== null) throw new ServiceError('overloaded')
    const run = new ExportRun({ target: this.#target, ...order }, this.#failed)
    this.#run = run
    void run.ended.then(() => {
      this.#run = null
    })
    onGone(() => run.close())
    const begun = await run.begun
    switch (begun.kind) {
      case 'planned':
        return { kind: 'opened', source: run }
      case 'refused':
        return { kind: begun.why }
      case 'failed':
        throw new ServiceError('unavailable')
    }
  }

  stop(): void {
    this.#stopped = true
    this.#run?.close()
  }
}
