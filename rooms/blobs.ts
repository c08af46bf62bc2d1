// The port for what is large and no record: recordings and checkpoints of matches (R1). Names are paths of [a-z0-9A-Z_.-]
// segments joined by `/`. A blob is written once and whole: a reader finds all of it or nothing.

export interface Blobs {
  /** Resolves once it would outlive a power cut. Writing the same name again replaces it. Rejects where it cannot. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** Null where there is none of that name; rejects where that cannot be told. */
  get(name: string): Promise<Uint8Array | null>
  /** Names that begin with `prefix` (which ends in `/`), in order. */
  list(prefix: string): Promise<readonly string[]>
  remove(name: string): Promise<void>
}
