// Routes for staff: who may call them, and that every call is on record, refused ones too (CONTRACT, Admin HTTP).

import type { Role } from '../identity/port.ts'
import type { Caller } from '../identity/tokens.ts'
import type { Log } from '../log.ts'
import type { HttpHead } from './request.ts'
import type { Method, Route } from './route.ts'

export const STAFF_ROLES: readonly Role[] = ['operator', 'auditor', 'admin']

/** An auditor reads everything, and changes nothing. */
const CHANGING_ROLES: readonly Role[] = ['operator', 'admin']

export function mayCallStaffRoute(caller: Caller | null, method: Method): boolean {
  const roles = method === 'GET' ? STAFF_ROLES : CHANGING_ROLES
  return caller !== null && roles.some((role) => caller.roles.includes(role))
}

/** The place where the audit log comes in: until it is built, the process's log has the line. */
export function tellAudit(log: Log, head: HttpHead, route: Route, caller: Caller | null, status: number): void {
  const { method, path, requestId } = head
  const { userId: actor = null, roles = [] } = caller ?? {}
  const outcome = status < 400 ? 'done' : 'refused'
  log.info({ audit: { actor, roles, method, route: route.path, path, status, outcome, requestId } }, 'staff call')
}
