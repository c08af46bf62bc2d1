// The sandbox provider, who takes deposits and pays out where no real one does: refused in production. It keeps a book of
// its own, written when it takes or pays and never made from the journal, so that there is another side to reconcile with.

import { createHash } from 'node:crypto'

export interface SandboxOrder {
  /** What the platform calls it (server/reconciliation/matching/references.ts). */
  readonly reference: string
  /** The platform's account with the provider. */
  readonly account: string
  readonly asset: string
  /** `in`: the provider takes money for the platform. */
  readonly direction: 'in' | 'out'
  readonly amountMinor: bigint
}

export interface SandboxLine extends SandboxOrder {
  readonly id: string
  readonly atMs: number
}

/** `differs`: it was done before with something else in it, and is not done again. */
export type SandboxOutcome = 'done' | 'already' | 'differs'

/** Methods reject with ServiceError('unavailable') where the book cannot be read or written. */
export interface SandboxProvider {
  /** Once for each reference, however often it is asked for, until it is taken back. */
  carryOut(order: SandboxOrder): Promise<SandboxOutcome>
  /** The money goes back: a line the other way, where one is to be undone. */
  takeBack(reference: string): Promise<void>
  close(): Promise<void>
}

/** The provider's side as its statement reads it. */
export interface SandboxBook {
  /** Since when it keeps a book: it says nothing of the time before. */
  beganMs(): Promise<number>
  /** Of an account, after the line of this id, in the book's order, `limit` at most. */
  lines(account: string, after: string | null, limit: number): Promise<readonly SandboxLine[]>
  close(): Promise<void>
}

/** The provider's id of the n-th line about a reference: says nothing about anybody. */
export function lineId(reference: string, number: number): string {
  return `sbx_${createHash('sha256').update(`${number} ${reference}`).digest('base64url').slice(0, 22)}`
}

/** What is to be written for an order, given the lines about its reference so far. */
export function nextLine(before: readonly SandboxLine[], order: SandboxOrder): SandboxOrder | 'already' | 'differs' {
  const standing = standingOf(before)
  if (standing === null) return order
  const same = standing.account === order.account && standing.asset === order.asset
  const equal = standing.direction === order.direction && standing.amountMinor === order.amountMinor
  return same && equal ? 'already' : 'differs'
}

/** The order that would undo what stands; null where nothing does. */
export function reverseOf(before: readonly SandboxLine[]): SandboxOrder | null {
  const standing = standingOf(before)
  return standing === null ? null : { ...standing, direction: standing.direction === 'in' ? 'out' : 'in' }
}

// Lines about a reference come in pairs, done and undone; the last one of an odd number stands.
function standingOf(before: readonly SandboxLine[]): SandboxOrder | null {
  const last = before.length % 2 === 1 ? before.at(-1) : undefined
  if (last === undefined) return null
  const { reference, account, asset, direction, amountMinor } = last
  return { reference, account, asset, direction, amountMinor }
}
