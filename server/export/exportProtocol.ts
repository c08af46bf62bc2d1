// What the server and the thread that exports tell each other. The thread sends its first chunks by itself; each `more` is
// for one more of them, so never more than AHEAD wait for the client, whatever the length of the ledger (A5).

import type { Target } from '../audit/target.ts'
import type { PlanRefusal } from './exportStream.ts'

export interface ExportInput {
  readonly target: Target
  readonly asOfMs: number | null
  readonly nowMs: number
}

export type ToExport = 'more'

export type FromExport =
  /** Chunks follow. */
  | { readonly kind: 'planned' }
  | { readonly kind: 'refused'; readonly why: PlanRefusal }
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The manifest was in the last chunk. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'failed'; readonly error: string }

export const CHUNK_BYTES = 64 * 1024
export const AHEAD = 4
