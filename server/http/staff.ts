// Routes for staff: who may call them, and that every call is on record, refused ones too (CONTRACT, Admin HTTP).

import type { Role } from '../identity/port.ts'
import type { Caller } from '../identity/tokens.ts'
import type { Log } from '../log.ts'
import type { HttpHead } from './request.ts'
import type { Route } from './route.ts'

export const STAFF_ROLES: readonly Role[] = ['operator', 'auditor', 'admin']

export function isStaff(caller: Caller | null): boolean {
  return caller !== null && STAFF_ROLES.some((role) => caller.roles.includes(role))
}

/** The place where the audit log comes in: until it is built, the process's log has the line. */
export function tellAudit(log: Log, head: HttpHead, route: Route, caller: Caller | null, status: number): void {
  const { method, path, requestId } = head
  const { userId: actor = null, roles = [] } = caller ?? {}
  const outcome = status < 400 ? 'done' : 'refused'
  log.info({ audit: { actor, roles, method, route: route.path, path, status, outcome, requestId } }, 'staff call')
}
