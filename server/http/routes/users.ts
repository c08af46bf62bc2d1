// Users and the roles of staff (CONTRACT, Admin HTTP). Roles are given whole, so that repeating a call changes nothing
// more and needs no key; they count from the next call on, whatever a token says.

import { z } from 'zod'
import { isUserId, type UserId, walletOf } from '../../../shared/ids.ts'
import { type Identity, ROLES, STAFF_ROLES, type User } from '../../identity/port.ts'
import { changed, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeSchema, timeText } from '../schemas.ts'

export const userSchema = z
  .object({
    user_id: z.string(),
    wallet_id: z.string(),
    display_name: z.string(),
    email: z.string().nullable().meta({ description: 'null for a guest' }),
    roles: z.array(z.enum(ROLES)),
    created_at: timeSchema,
    second_factor: z.boolean().meta({ description: 'whether one is confirmed' }),
    erased_at: timeSchema.nullable().meta({ description: 'null while they are somebody' }),
  })
  .meta({ id: 'User' })

export const usersSchema = z.object({ users: z.array(userSchema), next_cursor: z.string().nullable() })

export const paramsSchema = z.object({ id: z.string() })

const querySchema = z.object({
  email: z.string().max(256).optional().meta({ description: 'the whole address' }),
  role: z.enum(STAFF_ROLES).optional(),
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

export const rolesBody = z.object({
  roles: z
    .array(z.enum(STAFF_ROLES))
    .max(STAFF_ROLES.length)
    .refine((roles) => !roles.includes('auditor') || roles.every((role) => role === 'auditor'), {
      error: 'an auditor changes nothing: the role goes with no other',
    })
    .meta({ description: 'all that the user has from now on, beside that of a player; auditor goes with no other' }),
})

export function userRoutes(identity: Identity): readonly Route[] {
  const common = { tag: 'admin', auth: 'staff', rate: 'general' } as const
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/admin/users',
      summary: 'Users in the order of their ids, by address or by role',
      query: querySchema,
      responses: { 200: usersSchema },
      errors: ['invalid_request', 'rate_limited', 'unavailable'],
      async handle({ query: { email, role, cursor, limit } }) {
        const after = (cursor ?? null) as UserId | null // any text sorts somewhere
        const users = await identity.findUsers({ email: email ?? null, role: role ?? null, after, limit })
        const last = users.length < limit ? null : (users.at(-1)?.id ?? null)
        const body = { users: users.map(userBody), next_cursor: last }
        return ok(body satisfies z.input<typeof usersSchema>)
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/admin/users/{id}',
      summary: 'One user',
      params: paramsSchema,
      responses: { 200: userSchema },
      errors: ['not_found', 'rate_limited', 'unavailable'],
      async handle({ params: { id } }) {
        const user = isUserId(id) ? await identity.findUser(id) : null
        return user === null ? refuse('not_found') : ok(userBody(user))
      },
    }),
    rolesRoute(identity),
  ]
}

function rolesRoute(identity: Identity): Route {
  return defineRoute({
    method: 'PUT',
    path: '/admin/users/{id}/roles',
    tag: 'admin',
    summary: 'Give a user exactly these roles of staff; at once, whatever tokens are out',
    auth: 'staff',
    staff: ['admin'],
    rate: 'general',
    params: paramsSchema,
    body: rolesBody,
    responses: { 200: userSchema },
    errors: ['invalid_request', 'not_found', 'staff.guest', 'staff.last_admin', 'rate_limited', 'unavailable'],
    async handle({ params: { id }, body: { roles } }) {
      if (!isUserId(id)) return refuse('not_found')
      const change = await identity.setRoles(id, roles)
      if (change.kind === 'refused') return refuse(change.code)
      const { before, after } = change
      return changed(userBody(after), { before: { roles: before.roles }, after: { roles: after.roles } })
    },
  })
}

export function userBody({ id, displayName, email, roles, createdAtMs, factor, erasedAtMs }: User) {
  return {
    user_id: id,
    wallet_id: walletOf(id),
    display_name: displayName,
    email,
    roles: [...roles],
    created_at: timeText(createdAtMs),
    second_factor: factor !== null,
    erased_at: erasedAtMs === null ? null : timeText(erasedAtMs),
  } satisfies z.input<typeof userSchema>
}
