// Calls of staff: who may make them, by the roles stored now and not those of the token, and that every one is in the
// audit log, refused ones too (S2). A changing call is on record twice: that it is attempted, before anything is done,
// and how it ended, before its answer leaves. So nothing is changed that the log does not know of, whatever dies when.

import type { Scheduler } from '../../actors/runtime/ports.ts'
import { isId } from '../../shared/ids.ts'
import type { Identity } from '../identity/port.ts'
import type { Caller } from '../identity/tokens.ts'
import type { AuditFact, AuditLog, Outcome } from '../staff/auditLog.ts'
import { RefusalTally } from '../staff/refusalTally.ts'
import { type Answer, refuse, statusOf } from './answer.ts'
import { addressKey } from './clientAddress.ts'
import type { HttpHead } from './request.ts'
import type { Route } from './route.ts'

export interface StaffCallsParts {
  /** Whether staff are let in with a second factor only. */
  readonly mfaRequired: boolean
  readonly identity: Pick<Identity, 'findUser'>
  readonly auditLog: AuditLog
  readonly scheduler: Pick<Scheduler, 'after'>
  /** Something an operator has to look at. */
  readonly alarm: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

/** What is known of a call, as far as it has come. */
export interface StaffCall {
  readonly head: HttpHead
  readonly address: string
  readonly route: Route | null
  readonly params: Readonly<Record<string, string>>
  /** With the roles that are stored, once they were looked up; without any before. */
  readonly caller: Caller | null
  /** By those roles. */
  readonly isStaff: boolean
  /** The entry that says so, once the call was attempted. */
  readonly attempt: number | null
}

interface Identified {
  readonly caller: Caller
  readonly isStaff: boolean
  /** Well enough for a call of staff. */
  readonly proven: boolean
}

export function isStaffPath(path: string): boolean {
  return path.startsWith('/admin/')
}

export class StaffCalls {
  readonly #parts: StaffCallsParts
  readonly #tally: RefusalTally

  constructor(parts: StaffCallsParts) {
    this.#parts = parts
    this.#tally = new RefusalTally(parts.scheduler, (fact) => void this.#append(fact))
  }

  /**
   * The caller with the roles that are stored: one that was taken away ends at once. So does a second factor: `proven`
   * says whether the token's is the one that is stored.
   */
  async identify(caller: Caller): Promise<Identified> {
    const user = await this.#parts.identity.findUser(caller.userId)
    const roles = user?.roles ?? []
    const proven = !this.#parts.mfaRequired || (caller.factor !== null && caller.factor === user?.factor)
    return { caller: { ...caller, roles }, isStaff: roles.some((role) => role !== 'player'), proven }
  }

  mayCall(caller: Caller, route: Route): boolean {
    return route.staff.some((role) => caller.roles.includes(role))
  }

  /** The entry's number. Rejects with a ServiceError where it is not on record: then nothing may be done. */
  async attempt(call: StaffCall): Promise<number> {
    try {
      return (await this.#parts.auditLog.append(factOf(call, 'attempted', null))).seq
    } catch (error) {
      this.#tell(error, call)
      throw error
    }
  }

  /**
   * Puts on record how a call ended, and answers what its caller gets to see. What a reader saw is not taken back where
   * the log fails: whoever has to mend the disk has to see what stands still; the alarm has the entry then.
   */
  async settle(call: StaffCall, answer: Answer): Promise<Answer> {
    const fact = factOf(call, outcomeOf(answer), answer)
    if (!call.isStaff) {
      this.#tally.note({ ...fact, address: addressKey(call.address) })
      return answer
    }
    const onRecord = await this.#append(fact)
    return onRecord || call.attempt === null ? answer : refuse('unavailable')
  }

  /** Puts on record what was only counted so far. The log is its owner's to close. */
  close(): void {
    this.#tally.flush()
  }

  async #append(fact: AuditFact): Promise<boolean> {
    try {
      await this.#parts.auditLog.append(fact)
      return true
    } catch (error) {
      this.#parts.alarm('audit.not_written', { fact, err: causeOf(error) })
      return false
    }
  }

  #tell(error: unknown, call: StaffCall): void {
    this.#parts.alarm('audit.not_written', { fact: factOf(call, 'attempted', null), err: causeOf(error) })
  }
}

function outcomeOf(answer: Answer): Outcome {
  const status = statusOf(answer)
  return status < 400 ? 'done' : status < 500 || status === 501 ? 'refused' : 'failed'
}

function factOf(call: StaffCall, outcome: Outcome, answer: Answer | null): AuditFact {
  const { head, address, route, params, caller, attempt } = call
  const change = answer?.kind === 'json' ? answer.change : undefined
  return {
    actor: caller?.userId ?? null,
    roles: caller?.roles ?? [],
    route: route?.path ?? null,
    // Of a path that is no route, it may be any text.
    method: route?.method ?? 'any',
    path: route === null ? null : filledIn(route.path, params),
    outcome,
    status: answer === null ? null : statusOf(answer),
    code: answer?.kind === 'refused' ? answer.code : null,
    requestId: head.requestId,
    address,
    target: Object.values(params).find(isId) ?? null,
    before: textOf(change?.before),
    after: textOf(change?.after),
    attempt,
    count: 1,
  }
}

/** A segment that is no id may be anything, an address of somebody for one: the log keeps the route's own name of it. */
function filledIn(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name] ?? ''
    return isId(value) ? value : whole
  })
}

function textOf(change: object | null | undefined): string | null {
  return change === null || change === undefined ? null : JSON.stringify(change)
}

function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}
