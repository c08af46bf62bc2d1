// What the auditor finds: the number of the invariant that is broken (docs/design.md), where, and what is wrong there.
// Inside the audit a finding is thrown, since nothing after it can be trusted; `Audit.take` catches it and answers it.

export type Invariant =
  | 'A3'
  | 'A7'
  | 'J1'
  | 'J2'
  | 'J3'
  | 'J4'
  | 'M1'
  | 'M2'
  | 'M3'
  | 'M4'
  | 'M5'
  | 'M6'
  | 'M8'
  | 'M10'
  | 'S1'

export interface Violation {
  readonly invariant: Invariant
  /** `partition:seq` of the record, or `ledger:end` for a sum over everything. */
  readonly at: string
  readonly message: string
  /** What is wrong: the log itself, or what was projected from it. */
  readonly part: 'journal' | 'store'
}

/** `at` of a finding that no single record is to blame for. */
export const LEDGER_END = 'ledger:end'

export class Finding extends Error {
  readonly invariant: Invariant
  /** Null: at the record in hand. */
  readonly at: string | null
  readonly part: Violation['part']
  constructor(invariant: Invariant, message: string, at: string | null, part: Violation['part']) {
    super(message)
    this.name = 'Finding'
    this.invariant = invariant
    this.at = at
    this.part = part
  }

  toViolation(current: string): Violation {
    return { invariant: this.invariant, at: this.at ?? current, message: this.message, part: this.part }
  }
}

export function broken(invariant: Invariant, message: string, at: string | null = null): never {
  throw new Finding(invariant, message, at, 'journal')
}

/** The log is sound as far as it was read; the store does not say the same. */
export function storeDiffers(invariant: Invariant, message: string, at: string): never {
  throw new Finding(invariant, message, at, 'store')
}
